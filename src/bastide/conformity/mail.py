# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the DNS of the mail: criteria 2.4 to 2.8."""

from __future__ import annotations

from collections.abc import Iterator

from bastide.conformity.criteria import MAIL
from bastide.conformity.dmarc import is_weak_to_anct, parse_dmarc
from bastide.conformity.evidence import Facts, Found, MailDns
from bastide.conformity.generic import EU
from bastide.conformity.issue import Issue, blocks
from bastide.conformity.spf import parse_spf
from bastide.diagnostics import Text
from bastide.model.spf import MOST_QUERIES

ISSUES: dict[str, Issue] = {
    "DNS_DOWN": Issue(
        MAIL,
        Text(
            "the DNS of {domain} gave no answer: {answer}",
            "le DNS de {domain} n'a pas répondu : {answer}",
        ),
        Text(
            "check the delegation and the name servers",
            "vérifiez la délégation et les serveurs de noms",
        ),
    ),
    "DNS_MX_MISSING": Issue(
        MAIL,
        Text("{domain} has no MX", "{domain} n'a pas de MX"),
        Text(
            "declare a mailbox on {domain}, or MX records",
            "déclarez une boîte sur {domain}, ou des enregistrements MX",
        ),
    ),
    "DNS_SPF_MISSING": Issue(
        blocks("2.5"),
        Text("{domain} has no SPF", "{domain} n'a pas de SPF"),
        Text(
            "publish one TXT record that begins with v=spf1",
            "publiez un enregistrement TXT qui commence par v=spf1",
        ),
    ),
    "DNS_DMARC_MISSING": Issue(
        blocks("2.6", "2.7"),
        Text("{domain} has no DMARC", "{domain} n'a pas de DMARC"),
        Text(
            'publish _dmarc.{domain} TXT "v=DMARC1; p=quarantine"',
            "publiez _dmarc.{domain} TXT « v=DMARC1; p=quarantine »",
        ),
    ),
    "DNS_DMARC_WEAK": Issue(
        blocks("2.7"),
        Text(
            "DMARC lets forged mail through: `{record}`",
            "DMARC laisse passer le courrier usurpé : `{record}`",
        ),
        Text(
            "write p=quarantine or p=reject, before sp= and without pct=",
            "écrivez p=quarantine ou p=reject, avant sp= et sans pct=",
        ),
    ),
    "DNS_MX_OUTSIDE_EU": Issue(
        blocks("2.8"),
        Text("{host} stands in {country}", "{host} se trouve en {country}"),
        Text(
            "use mail servers in the European Union",
            "employez des serveurs de messagerie dans l'Union européenne",
        ),
    ),
    "STRICT_NULL_MX": Issue(
        MAIL,
        Text(
            "{domain} says that it takes no mail (null MX, RFC 7505)",
            "{domain} dit ne recevoir aucun courrier (MX nul, RFC 7505)",
        ),
        Text(
            "declare a mailbox on {domain}, or MX records",
            "déclarez une boîte sur {domain}, ou des enregistrements MX",
        ),
    ),
    "STRICT_MX_ADDRESS": Issue(
        blocks("2.4", "2.8"),
        Text("{host} has no address", "{host} n'a pas d'adresse"),
        Text(
            "an MX leads to a name with an A or AAAA record (RFC 5321 §5.1)",
            "un MX mène à un nom qui a un enregistrement A ou AAAA (RFC 5321 §5.1)",
        ),
    ),
    "STRICT_SPF_TWICE": Issue(
        blocks("2.5"),
        Text(
            "{domain} has {count} SPF records: receivers use none (RFC 7208 §4.5)",
            "{domain} a {count} SPF : les destinataires n'en utilisent aucun (RFC 7208 §4.5)",
        ),
        Text("keep one record", "gardez un seul enregistrement"),
    ),
    "STRICT_SPF_SYNTAX": Issue(
        blocks("2.5"),
        Text("SPF is broken at `{term}` (RFC 7208)", "le SPF est fautif à « {term} » (RFC 7208)"),
        Text("correct or remove that term", "corrigez ou retirez ce terme"),
    ),
    "STRICT_SPF_LOOKUPS": Issue(
        blocks("2.5"),
        Text(
            "SPF needs {count} queries, more than 10 (RFC 7208 §4.6.4)",
            "le SPF demande {count} requêtes, plus de 10 (RFC 7208 §4.6.4)",
        ),
        Text(
            "replace includes by the networks that they stand for",
            "remplacez des includes par les réseaux qu'ils désignent",
        ),
    ),
    "STRICT_SPF_OPEN": Issue(
        blocks("2.5"),
        Text(
            "SPF lets everybody send: `{record}`",
            "le SPF laisse n'importe qui envoyer : `{record}`",
        ),
        Text("end it with -all or ~all", "terminez-le par -all ou ~all"),
    ),
    "STRICT_DMARC_TWICE": Issue(
        blocks("2.6", "2.7"),
        Text(
            "{domain} has {count} DMARC records: receivers use none (RFC 9989)",
            "{domain} a {count} DMARC : les destinataires n'en utilisent aucun (RFC 9989)",
        ),
        Text("keep one record", "gardez un seul enregistrement"),
    ),
    "STRICT_DMARC_SYNTAX": Issue(
        blocks("2.6", "2.7"),
        Text(
            "DMARC is broken at `{term}` (RFC 9989)", "le DMARC est fautif à « {term} » (RFC 9989)"
        ),
        Text("correct or remove that tag", "corrigez ou retirez cette balise"),
    ),
    "STRICT_DMARC_SUBDOMAINS": Issue(
        blocks("2.7"),
        Text(
            "DMARC leaves sub-domains open: `{record}`",
            "DMARC laisse ouverts les sous-domaines : `{record}`",
        ),
        Text(
            "leave sp= and np= out, or give them quarantine or reject",
            "retirez sp= et np=, ou donnez-leur quarantine ou reject",
        ),
    ),
}


def find_mail(mail: MailDns, *, strict: bool) -> Iterator[Found]:
    """Issues of the domain of the declared e-mail."""
    facts = (("domain", mail.domain),)
    if mail.fault:
        yield Found("DNS_DOWN", raised=True, facts=(*facts, ("answer", mail.fault)))
        return
    if not mail.mx:
        yield Found("DNS_MX_MISSING", raised=True, facts=facts)
    elif strict:
        yield from _strict_mx(mail, facts)
    else:
        yield from _countries(mail)
    if not mail.spf:
        yield Found("DNS_SPF_MISSING", raised=True, facts=facts)
    elif strict:
        yield from _strict_spf(mail, facts)
    if not mail.dmarc:
        yield Found("DNS_DMARC_MISSING", raised=True, facts=facts)
    elif strict:
        yield from _strict_dmarc(mail, facts)
    elif is_weak_to_anct(mail.dmarc[0]):
        yield Found("DNS_DMARC_WEAK", raised=True, facts=(*facts, ("record", mail.dmarc[0])))


def _countries(mail: MailDns) -> Iterator[Found]:
    """The first exchanger whose addresses stand in a known country decides (2.8).

    A null MX (RFC 7505), and exchangers of which no country is known, let the criterion pass.
    """
    for host in sorted(mail.mx):
        if host.countries is None:
            yield Found("MX_COUNTRY", raised=False, facts=(("name", host.name),))
            return
        if host.countries:
            outside = [country for country in host.countries if country not in EU]
            if outside:
                facts = (("host", host.name), ("country", outside[0]))
                yield Found("DNS_MX_OUTSIDE_EU", raised=True, facts=facts)
            return


def _strict_mx(mail: MailDns, facts: Facts) -> Iterator[Found]:
    if any(host.name in {"", "."} for host in mail.mx):
        yield Found("STRICT_NULL_MX", raised=True, facts=facts)
        return
    for host in sorted(mail.mx):
        where = (("host", host.name),)
        if host.countries is None:
            yield Found("MX_COUNTRY", raised=False, facts=(("name", host.name),))
        elif not host.addresses:
            yield Found("STRICT_MX_ADDRESS", raised=True, facts=where)
        elif not host.countries:
            yield Found("MX_COUNTRY", raised=False, facts=(("name", host.name),))
        for country in host.countries or ():
            if country not in EU:
                yield Found("DNS_MX_OUTSIDE_EU", raised=True, facts=(*where, ("country", country)))


def _strict_spf(mail: MailDns, facts: Facts) -> Iterator[Found]:
    if len(mail.spf) > 1:
        count = ("count", str(len(mail.spf)))
        yield Found("STRICT_SPF_TWICE", raised=True, facts=(*facts, count))
        return
    record = parse_spf(mail.spf[0])
    if isinstance(record, str):
        yield Found("STRICT_SPF_SYNTAX", raised=True, facts=(*facts, ("term", record)))
        return
    queries = record.queries if mail.spf_lookups is None else mail.spf_lookups
    if queries > MOST_QUERIES:
        facts = (*facts, ("count", str(queries)))
        yield Found("STRICT_SPF_LOOKUPS", raised=True, facts=facts)
    elif mail.spf_lookups is None and record.follows:
        yield Found("SPF_INCLUDES", raised=False, facts=(("name", mail.spf[0]),))
    # With redirect= the last word is that of the other record.
    if record.last in {"+", "?"} or (not record.last and not record.follows):
        yield Found("STRICT_SPF_OPEN", raised=True, facts=(*facts, ("record", mail.spf[0])))


def _strict_dmarc(mail: MailDns, facts: Facts) -> Iterator[Found]:
    if len(mail.dmarc) > 1:
        count = ("count", str(len(mail.dmarc)))
        yield Found("STRICT_DMARC_TWICE", raised=True, facts=(*facts, count))
        return
    record = parse_dmarc(mail.dmarc[0])
    if isinstance(record, str):
        yield Found("STRICT_DMARC_SYNTAX", raised=True, facts=(*facts, ("term", record)))
        return
    shown = (*facts, ("record", mail.dmarc[0]))
    if record.is_weak:
        yield Found("DNS_DMARC_WEAK", raised=True, facts=shown)
    elif record.leaves_subdomains:
        yield Found("STRICT_DMARC_SUBDOMAINS", raised=True, facts=shown)
