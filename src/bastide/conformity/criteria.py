# SPDX-License-Identifier: GPL-3.0-or-later
"""The sixteen criteria of the RPNT, and what is looked at beside them.

Source: référentiel de la présence numérique des territoires, version 0.2.1 of 10 July 2026
(ANCT).  Beside them stand tests of Internet.nl that the RPNT does not make, and DKIM, which it
cannot make because it does not know the selector.
"""

from __future__ import annotations

from bastide.diagnostics import Text

VERSION = "0.2.1"

RPNT: dict[str, Text] = {
    "1.1": Text("site declared on Service-Public", "site déclaré sur Service-Public"),
    "1.2": Text("sovereign extension, no accents", "extension souveraine, sans accent"),
    "1.3": Text("site reachable", "site joignable"),
    "1.4": Text("http leads to https", "http mène à https"),
    "1.5": Text("certificate valid", "certificat valide"),
    "1.6": Text("site does not lead elsewhere", "le site ne renvoie pas ailleurs"),
    "1.7": Text("usual names lead to the site", "les noms d'usage mènent au site"),
    "1.8": Text("site declared as https", "site déclaré en https"),
    "2.1": Text("e-mail declared on Service-Public", "adresse déclarée sur Service-Public"),
    "2.2": Text("e-mail on no generic domain", "adresse sur un domaine non générique"),
    "2.3": Text("e-mail on the domain of the site", "adresse sur le domaine du site"),
    "2.4": Text("mail servers (MX)", "serveurs de messagerie (MX)"),
    "2.5": Text("who may send (SPF)", "qui peut envoyer (SPF)"),
    "2.6": Text("what to do with forged mail (DMARC)", "que faire du courrier usurpé (DMARC)"),
    "2.7": Text("forged mail put aside (DMARC)", "courrier usurpé écarté (DMARC)"),
    "2.8": Text("mail servers in the European Union", "serveurs de messagerie dans l'UE"),
}
BESIDE: dict[str, Text] = {
    "dnssec": Text("zones signed (DNSSEC)", "zones signées (DNSSEC)"),
    "caa": Text("authorities named (CAA)", "autorités nommées (CAA)"),
    "ipv6": Text("site, name and mail servers on IPv6", "site, serveurs DNS et courrier en IPv6"),
    "starttls": Text(
        "mail servers encrypt (STARTTLS)", "serveurs de messagerie chiffrés (STARTTLS)"
    ),
    "dane": Text("keys of the mail servers (DANE)", "clés des serveurs de messagerie (DANE)"),
    "mta-sts": Text("encryption announced (MTA-STS)", "chiffrement annoncé (MTA-STS)"),
    "dkim": Text("mail signed (DKIM)", "courrier signé (DKIM)"),
}
TITLES = RPNT | BESIDE

ESSENTIAL = frozenset({"1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2", "2.3", "2.4", "2.8"})
"""The others are recommended, by the text of the RPNT."""

DECLARED = frozenset({"1.1", "1.2", "1.8", "2.1", "2.2", "2.3"})
"""What the annuaire of Service-Public alone decides; the others are tested."""

WEB = frozenset({"1.3", "1.4", "1.5", "1.6", "1.7"})
MAIL = frozenset({"2.4", "2.5", "2.6", "2.7", "2.8"})
SITE = frozenset({*WEB, "1.1", "1.2", "1.8"})
ALL_MAIL = frozenset({*MAIL, "2.1", "2.2", "2.3"})
NO_SITE = frozenset({*SITE, "2.3"})
"""What falls with the site."""


def level(code: str) -> str:
    """``E`` essential, ``R`` recommended; empty for what stands beside the RPNT."""
    if code not in RPNT:
        return ""
    return "E" if code in ESSENTIAL else "R"
