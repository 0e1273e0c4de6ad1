# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a resource exists, as a sentence in both languages for each reason word."""

from __future__ import annotations

from bastide.diagnostics import Language, Text

REASONS: dict[str, Text] = {
    "zone": Text("the domain is declared", "le domaine est déclaré"),
    "dnssec": Text(
        "the platform signs its zones (DNSSEC)", "la plateforme signe ses zones (DNSSEC)"
    ),
    "delegation": Text(
        "a zone below it is served here too", "une zone placée dessous est servie ici aussi"
    ),
    "site": Text("the site is on this name", "le site est à ce nom"),
    "guichet": Text("the e-administration desk is on this name", "le guichet est à ce nom"),
    "procedure": Text("the desk offers this procedure", "le guichet propose cette démarche"),
    "agent": Text("who works at the desk", "qui travaille au guichet"),
    "redirect": Text("this name redirects", "ce nom redirige"),
    "edge": Text(
        "Cloudflare answers these redirections, as platform.yml asks",
        "Cloudflare répond à ces redirections, comme platform.yml le demande",
    ),
    "certificate": Text(
        "names of this domain are served over HTTPS", "des noms du domaine sont servis en HTTPS"
    ),
    "proof": Text(
        "leads to where the name is proved to the authority of certificates (DNS-01)",
        "mène là où le nom est prouvé à l'autorité de certification (DNS-01)",
    ),
    "proofs": Text(
        "names are proved in this zone, which the hosts write to (DNS-01)",
        "les noms sont prouvés dans cette zone, où écrivent les machines (DNS-01)",
    ),
    "moved": Text("the page has moved", "la page a changé d'adresse"),
    "webmail": Text("this name leads to the webmail", "ce nom mène au webmail"),
    "mail": Text("the domain has mail on the platform", "le domaine a son courrier ici"),
    "spf": Text("who may send for the domain (SPF)", "qui peut envoyer pour le domaine (SPF)"),
    "dkim": Text("key that signs its mail (DKIM)", "clé qui signe son courrier (DKIM)"),
    "dkim-key": Text(
        "key of a mail host, which signs for every domain (DKIM)",
        "clé d'un serveur de messagerie, qui signe pour tout domaine (DKIM)",
    ),
    "dkim-link": Text(
        "leads to the key that signs its mail, whichever it is (DKIM)",
        "mène à la clé qui signe son courrier, quelle qu'elle soit (DKIM)",
    ),
    "dkim-elsewhere": Text(
        "its DNS is elsewhere: this record has to be set there, once (DKIM)",
        "son DNS est ailleurs : cet enregistrement est à y poser, une fois (DKIM)",
    ),
    "dane": Text(
        "by which key servers recognise this one (DANE)",
        "la clé à laquelle les serveurs reconnaissent celui-ci (DANE)",
    ),
    "signing": Text(
        "mail.dkim of the platform asks for it", "mail.dkim de la plateforme le demande"
    ),
    "dmarc": Text("what to do with forged mail (DMARC)", "que faire du courrier usurpé (DMARC)"),
    "dmarc-reports": Text(
        "other domains send their DMARC reports here", "d'autres domaines envoient ici leurs bilans"
    ),
    "clients": Text(
        "mail programs find their settings here",
        "les logiciels de courrier y trouvent leurs réglages",
    ),
    "mta-sts": Text(
        "senders learn that its mail is always encrypted (MTA-STS)",
        "les expéditeurs y apprennent que son courrier est toujours chiffré (MTA-STS)",
    ),
    "tls-reports": Text(
        "senders report here when encryption failed (TLS-RPT)",
        "les expéditeurs signalent ici un chiffrement en échec (TLS-RPT)",
    ),
    "caa": Text("who may certify its names (CAA)", "qui peut certifier ses noms (CAA)"),
    "no-certificate": Text(
        "nothing is served under the domain: nobody may certify its names",
        "rien n'est servi sous le domaine : nul ne peut certifier ses noms",
    ),
    "no-mail": Text(
        "the domain has no mail: nobody may write in its name",
        "le domaine n'a pas de courrier : nul ne peut écrire en son nom",
    ),
    "platform-host": Text("a server of the platform bears this name", "un serveur porte ce nom"),
    "declared": Text("the record is written by hand", "l'enregistrement est écrit à la main"),
    "account": Text("the account is declared", "le compte est déclaré"),
    "collaborative": Text(
        "the account is declared collaborative", "le compte est déclaré collaboratif"
    ),
    "groupware-domain": Text(
        "collaborative accounts are on this domain", "des comptes collaboratifs sont à ce domaine"
    ),
    "relay": Text(
        "the account is collaborative: its mail goes on to the groupware",
        "le compte est collaboratif : son courrier va au collecticiel",
    ),
    "alias": Text("the alias is declared", "l'alias est déclaré"),
    "probe": Text("bastide verify uses it", "bastide verify s'en sert"),
    "undeclared": Text("no longer in the file", "n'est plus dans le fichier"),
    "retired": Text("declared retired", "déclaré retiré"),
    "unknown": Text("no file explains it", "aucun fichier ne l'explique"),
}


def reason_text(reason: str, language: Language) -> str:
    """The sentence for a reason word; the word itself when it is unknown."""
    text = REASONS.get(reason)
    return text.format(language, {}) if text else reason
