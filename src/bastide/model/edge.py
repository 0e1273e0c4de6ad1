# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names Cloudflare answers itself, before any web host: those that only lead elsewhere.

A rule of Cloudflare sees a request only where the name goes through its proxy.  A name that leads
elsewhere needs nobody behind it: its addresses are then those that Cloudflare gives for that,
https://developers.cloudflare.com/dns/manage-dns-records/how-to/create-dns-records/ and
https://developers.cloudflare.com/rules/url-forwarding/ ("originless").
"""

from __future__ import annotations

from typing import NamedTuple

from bastide.model.cloudflare import Redirects
from bastide.model.collectivity import Collectivity, Domain
from bastide.model.names import within
from bastide.model.platform import Platform

ORIGINLESS = {"A": "192.0.2.1", "AAAA": "100::"}
"""Reserved addresses (RFC 5737, RFC 6666) of a proxied name that nobody stands behind."""


class Edge(NamedTuple):
    """Names of one domain, absolute, without final dot.

    `leading` only lead elsewhere; `fronted` is the site's, whose moved pages are answered before
    the request goes on to the web hosts, None when there is none.
    """

    leading: tuple[str, ...] = ()
    fronted: str | None = None


NOWHERE = Edge()


def edge_within(
    collectivity: Collectivity,
    domain: Domain,
    web_hosts: tuple[str, ...],
    asked: Redirects | None,
) -> Edge:
    """What Cloudflare answers of `domain`, of whose names web hosts would serve `web_hosts`."""
    # The zone of an external domain is somebody else's: no rule of ours would see its visitors.
    if asked is None or domain.mode == "external":
        return NOWHERE
    site, guichet = collectivity.site, collectivity.guichet
    served = {one.host for one in (site, guichet) if one and one.host}
    leading = tuple(host for host in web_hosts if host not in served) if asked.domains else ()
    moves = asked.paths and site and site.redirects and site.host in web_hosts
    fronted = site.host if moves and site and _is_certified(str(site.host), domain) else None
    return Edge(leading, fronted)


def redirects_asked(platform: Platform) -> Redirects | None:
    """What platform.yml asks Cloudflare to answer; None where zones are not there."""
    account = platform.dns.cloudflare
    return account.redirects if account and platform.dns.provider == "cloudflare" else None


def _is_certified(host: str, domain: Domain) -> bool:
    """Whether Universal SSL bears the name: the zone's own and one label below, no more.

    https://developers.cloudflare.com/ssl/edge-certificates/universal-ssl/limitations/
    """
    name = str(domain.ascii)
    return within(host, name) and host.count(".") <= name.count(".") + 1
