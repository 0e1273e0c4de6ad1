# SPDX-License-Identifier: GPL-3.0-or-later
"""The web compiler: holding pages and redirects, until the CMS exists."""

from __future__ import annotations

from typing import Any

from bastide.desired.resource import Compiled, Origin, Resource
from bastide.model import Collectivity, Domain, Platform
from bastide.model.facts import moved_target, web_address
from bastide.model.services import domain_use, home_of, is_desk

SITE_LINES = {
    "cms": "Le site de la collectivité est en préparation.",
    "minisite": "Le mini-site de la commune est en préparation.",
    "holding": "Cette adresse est réservée à la collectivité.",
}
DESK_LINK = "Faire une démarche en ligne"
GUIDE_TITLE = "Guide des droits et démarches"
GUICHET_LINE = "Les démarches en ligne seront bientôt proposées à cette adresse."


def compile_web(collectivity: Collectivity, title: str, platform: Platform, out: Compiled) -> None:
    """Add the pages and redirects of `collectivity`, named `title`, to `out`."""
    for domain in collectivity.live_domains:
        use = domain_use(collectivity, domain, platform)
        for host in use.web_hosts:
            if platform.guichet and is_desk(collectivity, host):
                continue  # another host serves it
            _host(collectivity, domain, host, title, platform, out)
        if use.webmail:
            to = f"https://{platform.mail.webmail}/"
            _redirect(collectivity, use.webmail, to, collectivity.webmail_line, out, "webmail")
    _moved(collectivity, out)
    for service in (collectivity.site, None if platform.guichet else collectivity.guichet):
        # A site may live on a name of another zone (a shared domain): served all the same.
        if service and service.host and home_of(service.host, collectivity) is None:
            _page(collectivity, service.host, title, platform, out)


def _moved(collectivity: Collectivity, out: Compiled) -> None:
    """The pages of the site that have moved: paths of its host, each with where it leads."""
    site = collectivity.site
    if not site or not site.host or not site.redirects:
        return
    address = f"paths:{site.host}"
    body = {"moved": {one.path: moved_target(one.target, site.host) for one in site.redirects}}
    out.resources["web"].append(Resource(address, body))
    line = min(one.line for one in site.redirects)
    out.origins[address] = Origin(collectivity.file, line, "moved")


def _host(
    collectivity: Collectivity,
    domain: Domain,
    host: str,
    title: str,
    platform: Platform,
    out: Compiled,
) -> None:
    site, guichet = collectivity.site, collectivity.guichet
    if (site and host == site.host) or (guichet and host == guichet.host):
        _page(collectivity, host, title, platform, out)
    elif target := leads_to(collectivity, domain):
        line = domain.line if domain.redirect_to or not site else site.line
        _redirect(collectivity, host, target, line, out)


def leads_to(collectivity: Collectivity, domain: Domain) -> str | None:
    """Where a name of `domain` leads that carries nothing itself, as a whole address."""
    if domain.redirect_to:
        return web_address(domain.redirect_to)
    site = collectivity.site
    return f"https://{site.host}/" if site and site.host else None


def _page(
    collectivity: Collectivity, host: str, title: str, platform: Platform, out: Compiled
) -> None:
    site, guichet = collectivity.site, collectivity.guichet
    lines: list[str] = []
    line = 0
    reason = "site"
    if site and host == site.host:
        lines, line = [SITE_LINES[site.kind]], site.line
    elif guichet:
        lines, line, reason = [GUICHET_LINE], guichet.line, "guichet"
    if collectivity.contact_email:
        lines.append(f"Écrire : {collectivity.contact_email}")
    if collectivity.contact_phone:
        lines.append(f"Téléphoner : {collectivity.contact_phone}")
    body: dict[str, Any] = {"title": title, "kind": "holding", "language": "fr", "lines": lines}
    if site and host == site.host and platform.guichet and guichet and guichet.host:
        body["links"] = [{"to": f"https://{guichet.host}/", "text": DESK_LINK}]
        if guichet.comarquage and site.shows_guide:
            body["links"] += [{"to": f"https://{guichet.host}/guide/", "text": GUIDE_TITLE}]
            body["frame"] = {"to": f"https://{guichet.host}/guide/cadre/", "text": GUIDE_TITLE}
    address = f"page:{host}"
    out.resources["web"].append(Resource(address, body))
    out.origins[address] = Origin(collectivity.file, line, reason)


def _redirect(
    collectivity: Collectivity,
    host: str,
    to: str,
    line: int,
    out: Compiled,
    reason: str = "redirect",
) -> None:
    address = f"redirect:{host}"
    out.resources["web"].append(Resource(address, {"to": to}))
    out.origins[address] = Origin(collectivity.file, line, reason)
