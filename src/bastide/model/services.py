# SPDX-License-Identifier: GPL-3.0-or-later
"""What the declared services bring to each domain: names, record types and why.

One place decides it; the rules compare hand-written records with it, the zone compiler
fills in the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bastide.model.clients import setup_records, sts_records
from bastide.model.collectivity import Collectivity, Domain
from bastide.model.dane import dane_records
from bastide.model.edge import NOWHERE, ORIGINLESS, Edge, edge_within, redirects_asked
from bastide.model.names import owner_name, within
from bastide.model.platform import Platform
from bastide.model.proofs import asked_at
from bastide.model.signing import signing_records

MailUse = Literal["platform", "declared", "none"]

# Record keys are (absolute owner name, type); the value is the reason, a word that
# plans and `explain` turn into a sentence.
Brought = dict[tuple[str, str], str]


# Whoever follows such a record may ask its end for a certificate of the name it began with.
_LEAD_TO_HOSTS = frozenset({"A", "AAAA", "CNAME", "HTTPS", "SVCB", "NS", "CAA"})

# What has a certificate beside the sites: names that answer mail programs and mail servers by HTTP.
CERTIFIED = frozenset({"clients", "mta-sts"})

WEBMAIL = "webmail"
"""First label of the names under which towns reach the webmail."""


@dataclass(frozen=True, slots=True)
class DomainUse:
    """How one domain is used.

    `web_hosts` are absolute names without final dot; `webmail` is such a name that leads to
    the platform's webmail, None when none does.
    """

    mail: MailUse
    web_hosts: tuple[str, ...]
    webmail: str | None


def domain_use(collectivity: Collectivity, domain: Domain, platform: Platform) -> DomainUse:
    """How `collectivity` uses `domain` (which must have a usable name)."""
    mail = _mail_use(collectivity, domain, platform)
    web_hosts = _web_hosts(collectivity, domain)
    webmail = f"{WEBMAIL}.{domain.ascii}"
    wanted = collectivity.webmail and mail == "platform" and platform.mail.webmail is not None
    # A name that already serves something keeps it, and so does the webmail itself.
    taken = webmail in web_hosts or webmail in platform_hosts(platform)
    return DomainUse(mail, web_hosts, webmail if wanted and not taken else None)


def mail_domains(collectivity: Collectivity) -> frozenset[str]:
    """Every domain on which the collectivity has a mailbox or an alias."""
    addresses = [m.normal for m in collectivity.mailboxes] + [
        a.normal for a in collectivity.aliases
    ]
    return frozenset(address.rpartition("@")[2] for address in addresses if address)


def _mail_use(collectivity: Collectivity, domain: Domain, platform: Platform) -> MailUse:
    if domain.ascii in mail_domains(collectivity) or domain.ascii in platform.shared_domains:
        return "platform"
    return "declared" if declares_mx(domain) else "none"


def declares_mx(domain: Domain) -> bool:
    """True when hand-written records say where the mail of `domain` goes."""
    apex = f"{domain.ascii}."
    return any(
        record.type == "MX" and owner_name(record.name, str(domain.ascii)) == apex
        for record in domain.records
    )


def _web_hosts(collectivity: Collectivity, domain: Domain) -> tuple[str, ...]:
    name = str(domain.ascii)
    hosts: set[str] = set()
    if domain.redirect_to:
        hosts |= {name, f"www.{name}"}
    for service in (collectivity.site, collectivity.guichet):
        if service and service.host and home_of(service.host, collectivity) is domain:
            hosts.add(service.host)
            if service is collectivity.site and service.host in {name, f"www.{name}"}:
                hosts |= {name, f"www.{name}"}
    return tuple(sorted(hosts))


def is_desk(collectivity: Collectivity, host: str) -> bool:
    """True for the name of the e-administration desk."""
    return collectivity.guichet is not None and host == collectivity.guichet.host


def addresses_of(collectivity: Collectivity, host: str, platform: Platform) -> tuple[str, ...]:
    """Where `host`, a name that `collectivity` has served here, leads to."""
    if platform.guichet and is_desk(collectivity, host):
        return platform.guichet.addresses
    return platform.web.addresses


def home_of(host: str, collectivity: Collectivity) -> Domain | None:
    """The most specific live domain of `collectivity` that `host` belongs to."""
    homes = [d for d in collectivity.live_domains if within(host, str(d.ascii))]
    return max(homes, key=lambda d: len(str(d.ascii)), default=None)


def brought_records(collectivity: Collectivity, domain: Domain, platform: Platform) -> Brought:
    """Keys of every record that the services bring to `domain`, with the reason."""
    use = domain_use(collectivity, domain, platform)
    name = str(domain.ascii)
    apex = f"{name}."
    brought: Brought = {(apex, "SOA"): "zone", (apex, "NS"): "zone"}
    brought |= _web_records(collectivity, domain, use, platform)
    if use.mail == "platform":
        brought |= {(apex, "MX"): "mail", (apex, "TXT"): "spf", (f"_dmarc.{apex}", "TXT"): "dmarc"}
        keys = (f"{selector}._domainkey.{apex}" for selector in dkim_selectors(platform))
        brought |= dict.fromkeys(((key, "TXT") for key in keys), "dkim")
    elif use.mail == "none":
        brought[apex, "MX"] = "no-mail"
        brought[apex, "TXT"] = "no-mail"
        brought[f"_dmarc.{apex}", "TXT"] = "no-mail"
        brought[f"*._domainkey.{apex}", "TXT"] = "no-mail"
    brought |= signing_records(
        name,
        platform.mail,
        has_mail=use.mail == "platform",
        elsewhere=domain.mode == "external",
    )
    brought |= dane_records(name, platform.mail)
    reports = platform.mail.dmarc_reports
    if reports and reports.rpartition("@")[2] == name:
        # RFC 7489 §7.1: without it nobody sends this domain the reports of the others.
        brought[f"*._report._dmarc.{apex}", "TXT"] = "dmarc-reports"
    for host, addresses in platform_hosts(platform).items():
        if within(host, name):
            for address in addresses:
                brought[f"{host}.", address_type(address)] = "platform-host"
    if use.mail == "platform":
        brought |= _client_records(apex, platform, {owner for owner, _ in brought})
    if platform.tls.proofs:
        brought |= _proof_records(collectivity, domain, use, brought, platform)
    return brought


def _proof_records(
    collectivity: Collectivity, domain: Domain, use: DomainUse, others: Brought, platform: Platform
) -> Brought:
    """What leads an authority to the proofs of all names of `domain` that have a certificate.

    In the operator's domain above it also the delegation of the zone in which these are.
    """
    zone, name = platform.tls.proofs, str(domain.ascii)
    names = {*use.web_hosts, *filter(None, [use.webmail])}
    names |= {
        owner.removesuffix(".")
        for (owner, rtype), reason in others.items()
        if reason in CERTIFIED and rtype == "CNAME"
    }
    machines = platform_hosts(platform).keys() - platform.dns.nameservers.keys()
    names |= {host for host in machines - platform.tls.nameservers.keys() if within(host, name)}
    owners = [owner for one in sorted(names) if (owner := asked_at(one))]
    brought: Brought = {(owner, "CNAME"): "proof" for owner in owners}
    operators = collectivity.siren == platform.operator_siren
    if operators and zone != name and home_of(zone, collectivity) is domain:
        brought[f"{zone}.", "NS"] = "proofs"
    return brought


def _web_records(
    collectivity: Collectivity, domain: Domain, use: DomainUse, platform: Platform
) -> Brought:
    """What leads browsers to the web hosts, and who may certify the names for it."""
    brought: Brought = {}
    edge = edge_of(collectivity, domain, platform)
    for host, reason in _web_names(collectivity, domain, use):
        if host in edge.leading:
            brought |= {(f"{host}.", rtype): reason for rtype in ORIGINLESS}
            continue
        for address in addresses_of(collectivity, host, platform):
            brought[f"{host}.", address_type(address)] = reason
        # No certificate bears the name of a webmail: whoever came by HTTPS would be turned away.
        # The settings of mail programs, which must do without one, are not among these names.
        # Of a name that goes through its proxy, Cloudflare makes the record itself.
        if platform.web.https_records and reason != "webmail" and host != edge.fronted:
            brought[f"{host}.", "HTTPS"] = reason
    certificates = _certificates(domain, use, platform)
    if certificates:
        brought[f"{domain.ascii}.", "CAA"] = certificates
    return brought


def edge_of(collectivity: Collectivity, domain: Domain, platform: Platform) -> Edge:
    """The names of `domain` that Cloudflare answers itself; never one of the platform's hosts."""
    asked = redirects_asked(platform)
    if asked is None:
        return NOWHERE
    own = platform_hosts(platform)
    hosts = tuple(host for host in _web_hosts(collectivity, domain) if host not in own)
    return edge_within(collectivity, domain, hosts, asked)


def _certificates(domain: Domain, use: DomainUse, platform: Platform) -> str | None:
    """Whether the platform's authorities alone may certify names of `domain`, or nobody may.

    Where nothing is served here, who certifies is the business of whoever serves what is written
    by hand: their next certificate must not be refused because we know of no authority of theirs.
    """
    if not platform.dns.caa_issuers:
        return None
    if use.web_hosts or use.webmail or use.mail == "platform":
        return "caa"
    return None if any(r.type in _LEAD_TO_HOSTS for r in domain.records) else "no-certificate"


def _client_records(apex: str, platform: Platform, taken: set[str]) -> Brought:
    """What leads mail programs and servers; `taken` are owners where no CNAME can stand."""
    mail = platform.mail
    brought: Brought = {}
    if mail.clients:
        brought |= {key: "clients" for key, _ in setup_records(apex, mail.clients)}
    brought |= {key: "mta-sts" for key, _ in sts_records(apex, platform)}
    if mail.tls_reports:
        brought[f"_smtp._tls.{apex}", "TXT"] = "tls-reports"
    return {key: why for key, why in brought.items() if key[1] != "CNAME" or key[0] not in taken}


def dkim_selectors(platform: Platform) -> tuple[str, ...]:
    """Under which the mail hosts sign with keys of each domain, the platform's own first."""
    mail = platform.mail
    if not mail.dkim_selector:
        return ()
    others = mail.placement.others(mail.dkim_selector) if mail.placement else {}
    return (mail.dkim_selector, *others.values())


def platform_hosts(platform: Platform) -> dict[str, tuple[str, ...]]:
    """Addresses of the platform's own host names: of DNS, mail, webmail, programs' settings.

    The webmail and the groupware are on the first mail exchanger whose addresses are known,
    unless `mail.addresses` says otherwise.
    """
    mail = platform.mail
    setup = {mail.clients.setup: platform.web.addresses} if mail.clients else {}
    proofs = platform.tls.nameservers if platform.tls.proofs else {}
    hosts = {**setup, **platform.dns.nameservers, **proofs, **mail.addresses}
    exchangers = sorted(mail.mx.items(), key=lambda one: (one[1], one[0]))
    first = next((mail.addresses[host] for host, _ in exchangers if host in mail.addresses), None)
    for name in (mail.webmail, mail.groupware_host):
        if name and first:
            hosts.setdefault(name, first)
    return hosts


def address_type(address: str) -> str:
    """``AAAA`` for an IPv6 address, else ``A``."""
    return "AAAA" if ":" in address else "A"


def _web_names(
    collectivity: Collectivity, domain: Domain, use: DomainUse
) -> Iterator[tuple[str, str]]:
    """Names that lead to the web hosts, each with its reason."""
    for host in use.web_hosts:
        yield host, _web_reason(collectivity, domain, host)
    if use.webmail:
        yield use.webmail, "webmail"


def _web_reason(collectivity: Collectivity, domain: Domain, host: str) -> str:
    if domain.redirect_to:
        return "redirect"
    if is_desk(collectivity, host):
        return "guichet"
    return "site"
