# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate compiler: one for each domain, with every name of it that a web host serves.

A domain's names go together, so that a name that is added has that domain's certificate made anew
and no other; a domain that leads elsewhere costs its own certificate and nobody else's.

A desk that has a host of its own has its certificate there, where the name is served and proved:
``on`` says so to the shares, and reaches no host.
"""

from __future__ import annotations

from bastide.desired.resource import Compiled, Origin, Resource
from bastide.model import Collectivity, Platform
from bastide.model.names import within
from bastide.model.services import CERTIFIED, brought_records, edge_of, platform_hosts


def compile_certificates(collectivity: Collectivity, platform: Platform, out: Compiled) -> None:
    """Add the certificates of what `out` has web hosts serve; none unless they come by ACME."""
    if platform.tls.mode != "acme":
        return
    served = {address.partition(":")[2] for address in _served(out)}
    # A host of the platform has the certificate of its machine.
    served -= platform_hosts(platform).keys()
    guichet = collectivity.guichet
    if platform.guichet and guichet and guichet.host:
        origin = Origin(collectivity.file, guichet.line, "certificate")
        _certificate(guichet.host, {guichet.host}, origin, out, on="desk")
    # Cloudflare has certificates for the names that it answers; no proof would come to a web host.
    for domain in collectivity.live_domains:
        served.difference_update(edge_of(collectivity, domain, platform).leading)
    for domain in collectivity.live_domains:
        name = str(domain.ascii)
        below = {host for host in served if within(host, name)}
        for (owner, rtype), reason in brought_records(collectivity, domain, platform).items():
            if reason in CERTIFIED and rtype == "CNAME":
                below.add(owner.rstrip("."))
        served -= below
        if below:
            _certificate(name, below, Origin(collectivity.file, domain.line, "certificate"), out)
    for host in sorted(served):  # on a shared domain
        line = out.origins[next(a for a in _served(out) if a.endswith(f":{host}"))].line
        _certificate(host, {host}, Origin(collectivity.file, line, "certificate"), out)


def _served(out: Compiled) -> list[str]:
    kinds = ("page:", "redirect:")
    return [one.address for one in out.resources["web"] if one.address.startswith(kinds)]


def _certificate(
    name: str, names: set[str], origin: Origin, out: Compiled, on: str | None = None
) -> None:
    address = f"certificate:{name}"
    body = {"names": sorted(names), **({"on": on} if on else {})}
    out.resources["tls"].append(Resource(address, body))
    out.origins[address] = origin
