# SPDX-License-Identifier: GPL-3.0-or-later
"""The redirections of a zone that Cloudflare answers, with the answers of the web hosts.

Provider's words have no place here: a redirection says for which names and pages it stands and
where it leads.  Shape of one, in the zone's body under ``redirects``::

    {"hosts": ["ville-cahors.fr", "www.ville-cahors.fr"], "to": "https://www.cahors.fr/"}
    {"hosts": ["cahors.fr"], "to": "https://www.cahors.fr", "keep": true}
    {"hosts": ["www.cahors.fr"], "whole": ["/index.php?id=12"], "to": "https://www.cahors.fr/a"}
    {"hosts": ["www.cahors.fr"], "paths": ["/conseil"], "to": "https://www.cahors.fr/mairie"}

The first that fits is the answer, by 301.  `keep` puts path and query behind `to`; `whole` are
paths with their query as they are sent, `paths` take any query; both are in lower case, since case
does not count.  Source of the behaviour: roles/nginx/templates/nginx.conf.j2.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from bastide.desired.web import leads_to
from bastide.model import Collectivity, Domain, Platform
from bastide.model.edge import ORIGINLESS, Edge
from bastide.model.facts import moved_target
from bastide.model.services import domain_use

Redirect = dict[str, Any]

# What Outlook asks a domain for before anything else. A web host says that it is not there; a rule
# cannot, so it leads to where it is.
_AUTODISCOVER = "/autodiscover/autodiscover.xml"


def front(edge: Edge, rrsets: MutableMapping[tuple[str, str], dict[str, Any]]) -> None:
    """Send the names of `edge` through the proxy; what only leads elsewhere has no host behind."""
    for host in edge.leading:
        for rtype, address in ORIGINLESS.items():
            rrsets[f"{host}.", rtype] |= {"rdata": [address], "proxied": True}
    for rtype in ORIGINLESS:
        if rrset := rrsets.get((f"{edge.fronted}.", rtype)):
            rrset["proxied"] = True


def redirects_of(
    collectivity: Collectivity, domain: Domain, edge: Edge, platform: Platform
) -> list[Redirect]:
    """What Cloudflare shall answer in the zone of `domain`, in the order in which it is asked."""
    found = []
    target = leads_to(collectivity, domain)
    if edge.leading and target:
        clients = platform.mail.clients
        if clients and domain_use(collectivity, domain, platform).mail == "platform":
            to = f"https://{clients.setup}{_AUTODISCOVER}"
            found.append({"hosts": [*edge.leading], "paths": [_AUTODISCOVER], "to": to})
        found += _leading(edge.leading, target)
    if edge.fronted:
        found += _moved(collectivity, edge.fronted)
    return found


def _leading(hosts: tuple[str, ...], target: str) -> list[Redirect]:
    """A name and its www are one site: between them, path and query are kept."""
    kept = [host for host in hosts if target in {f"https://www.{host}/", _without_www(host)}]
    others = [host for host in hosts if host not in kept]
    found: list[Redirect] = []
    if kept:
        found.append({"hosts": kept, "to": target.removesuffix("/"), "keep": True})
    if others:
        found.append({"hosts": others, "to": target})
    return found


def _without_www(host: str) -> str:
    return f"https://{host.removeprefix('www.')}/" if host.startswith("www.") else ""


def _moved(collectivity: Collectivity, host: str) -> list[Redirect]:
    """Pages of the site, one redirection for each place that they lead to."""
    site = collectivity.site
    wholes: dict[str, list[str]] = {}
    paths: dict[str, list[str]] = {}
    for one in site.redirects if site else ():
        target = moved_target(one.target, host)
        target = f"https://{host}{target}" if target.startswith("/") else target
        page = one.path.lower()
        # A web host compares a path once it is decoded, so that an escape is never equal to it.
        kind = wholes if "?" in page or "%" in page else paths
        kind.setdefault(target, []).append(page)
    return [
        {"hosts": [host], name: sorted(pages), "to": target}
        for name, kind in (("whole", wholes), ("paths", paths))
        for target, pages in sorted(kind.items())
    ]
