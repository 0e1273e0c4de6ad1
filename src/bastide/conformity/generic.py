# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains that bear nobody's own name: criteria 1.1 to 1.8, 2.2 and 2.3.

The lists are those of the ANCT's checker as published in September 2026 (st-home,
``data/tasks/defs.py``, MIT).  They change without a new version of the RPNT and have been wrong
before: ``conformity.generic_domains`` of platform.yml corrects them, with a date and a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

AS_OF = "2026-09"

SOVEREIGN = frozenset("fr alsace bzh corsica paris eu gp gf mq re yt pm wf tf nc pf".split())  # noqa: SIM905
"""Extensions that criterion 1.2 accepts."""

MAIL = frozenset(
    [
        "wanadoo.fr",
        "orange.fr",
        "gmail.com",
        "laposte.net",
        "free.fr",
        "outlook.fr",
        "nordnet.fr",
        "yahoo.fr",
        "sfr.fr",
        "hotmail.fr",
        "ozone.net",
        "west-telecom.com",
        "mcom.fr",
        "cegetel.net",
        "akeonet.com",
        "neuf.fr",
        "outlook.com",
        "hotmail.com",
        "bbox.fr",
        "inforoutes-ardeche.fr",
        "9business.fr",
        "numericable.fr",
        "wibox.fr",
        "inforoutes.fr",
        "yahoo.com",
        "evc.net",
        "live.fr",
        "gmx.fr",
        "tubeo.eu",
        "adeli.biz",
        "aricia.fr",
        "pole-secretariat.fr",
        "ovh.fr",
        "tv-com.net",
        "idyle-telecom.com",
        "rtvc.fr",
        "lgtel.fr",
        "alsatis.net",
        "sivucesny.fr",
        "orange-business.fr",
        "telwan.fr",
        "icloud.com",
        "numericable.com",
        "vialis.net",
        "fr.oleane.com",
        "netcourrier.fr",
        "netcourrier.com",
        "net-c.fr",
        "online.fr",
        "9online.fr",
        "club.fr",
        "club-internet.fr",
        "mailo.com",
        "gmail.fr",
        "aol.com",
        "keyyomail.com",
        "collectivite47.fr",
        "info46.fr",
        "info82.com",
        "mairie19.fr",
        "correze.net",
        "ccsudgatine.fr",
        "paysmellois.org",
        "ennemane.net",
        "sarthefibre.fr",
        "alsacefibre.fr",
        "ornethd.fr",
    ]
)
"""Domains of e-mail addresses, compared whole."""

SITE = frozenset(
    [
        "facebook.com",
        "instagram.com",
        "twitter.com",
        "x.com",
        "linkedin.com",
        "youtube.com",
        "tiktok.com",
        "intramuros.org",
        "appli-intramuros.com",
        "appli-intramuros.fr",
        "lapagelocale.fr",
        "lapagelocale.com",
        "illiwap.com",
        "panneaupocket.com",
        "maelis.info",
        "la-mairie.com",
        "ma-mairie.com",
        "mairie.com",
        "commune-mairie.fr",
        "info-mairie.com",
        "annuaire-mairie.fr",
        "wixsite.com",
        "wix.com",
        "e-monsite.com",
        "jimdo.com",
        "jimdofree.com",
        "jimdoweb.com",
        "jimdosite.com",
        "wordpress.com",
        "sites.google.com",
        "blogspot.com",
        "blogspot.fr",
        "over-blog.com",
        "neopse-site.com",
        "neopse-site.fr",
        "canalblog.com",
        "sitew.fr",
        "sitew.com",
        "webnode.fr",
        "webnode.com",
        "sitego.fr",
        "weebly.com",
        "blog4ever.com",
        "webself.net",
        "webselfsite.net",
        "asso-web.com",
        "simplesite.com",
        "live-website.com",
        "reseaudescommunes.fr",
        "wifeo.com",
        "mairie54.fr",
        "mairie49.fr",
        "free.fr",
        "pagesperso-orange.fr",
        "monsite-orange.fr",
        "online.fr",
        "ovh.net",
    ]
)
"""Domains of sites, compared with all that lies below them."""

TRUSTED = ("collectivite.fr", "gouv.fr")
"""A declared site may lead to these and below them (criterion 1.6, since 0.2.1)."""
MAX_HOPS = 5

EU = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905
)
"""ISO 3166 codes of the twenty-seven (criterion 2.8)."""


@dataclass(frozen=True, slots=True)
class Generic:
    """The lists as an operator has corrected them, with the domains that collectivities share.

    `corrections` maps a domain to whether it is generic.
    """

    shared: frozenset[str] = frozenset()
    corrections: Mapping[str, bool] = field(default_factory=dict)

    def is_generic_mail(self, domain: str) -> bool:
        """True when an address on `domain` fails criterion 2.2."""
        decided = self.corrections.get(domain)
        return decided if decided is not None else domain in MAIL or domain in self.shared

    def is_generic_site(self, host: str) -> bool:
        """True when a site on `host` counts as none."""
        for name in _name_and_parents(host):
            decided = self.corrections.get(name)
            if decided is not None:
                return decided
            if name in SITE or name in self.shared:
                return True
        return False


def is_trusted(host: str) -> bool:
    """True for a service of the State that a declared site may lead to."""
    return any(name in TRUSTED for name in _name_and_parents(host))


def _name_and_parents(name: str) -> Iterable[str]:
    while name:
        yield name
        name = name.partition(".")[2]
