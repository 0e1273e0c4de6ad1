# SPDX-License-Identifier: GPL-3.0-or-later
"""The observer of one fleet: whom it asks, and which records it expects."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from pathlib import Path

from bastide.conformity.evidence import Evidence
from bastide.conformity.records import Expected, pending_rdata
from bastide.conformity.serving import serving_of
from bastide.desired import Origin
from bastide.diagnostics import InvalidInput, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.observe.countries import Countries
from bastide.observe.observer import Observer
from bastide.observe.resolver import Resolver, Server, system_servers
from bastide.report.conformity import Observe, Seen
from bastide.targets.values import known_values

NO_RESOLVER = declare(
    "V582",
    Severity.ERROR,
    en="`{address}` is no address of a resolver",
    fr="`{address}` n'est pas l'adresse d'un résolveur",
    hint_en="write an IPv4 or IPv6 address: --resolver 9.9.9.9",
    hint_fr="écrivez une adresse IPv4 ou IPv6 : --resolver 9.9.9.9",
)


def observer(fleet: Fleet, resolvers: list[str], mmdb: Path | None, *, ask: bool) -> Observe:
    """What to give to :func:`bastide.report.conformity.conformities`.

    Without `ask` nothing is asked, and the database alone is looked into.
    """
    authority = fleet.repository.state / "tls" / "ca.pem"
    # A lab makes its own authority, and only its name servers know its zones.
    lab = authority.is_file()
    observing = Observer(
        Resolver(_servers(fleet, resolvers, lab=lab)),
        serving_of(fleet.platform),
        authority if lab else None,
        Countries(mmdb) if mmdb else None,
    )
    values = known_values(fleet.repository)

    def observe(slug: str, evidence: Evidence) -> Callable[[], Seen]:
        if not ask:
            return lambda: (observing.with_countries(evidence), ())
        # The fleet is read here, by one thread; only the questions are asked by many.
        expected = expected_records(fleet, slug, values)
        return lambda: (
            observing.observe(evidence.declared, expected),
            observing.statuses(expected),
        )

    return observe


def _servers(fleet: Fleet, resolvers: list[str], *, lab: bool) -> list[Server]:
    if resolvers:
        return [_server(address) for address in resolvers]
    if lab:
        known = fleet.platform.dns.nameservers.values()
        return [Server(address) for addresses in known for address in addresses]
    return system_servers()


def _server(address: str) -> Server:
    try:
        return Server(str(ipaddress.ip_address(address)))
    except ValueError as error:
        raise InvalidInput(diagnose(NO_RESOLVER, "", address=address)) from error


def expected_records(fleet: Fleet, slug: str, values: dict[str, str]) -> list[Expected]:
    """Every record set that shall be in the DNS for one collectivity, SOA left out.

    Who holds a zone elsewhere has name servers of its own: their NS records are not expected.
    """
    line = fleet.share_line_of(slug, "dns")
    origins = fleet.origins(slug)
    evidence = fleet.evidence(slug)
    external = evidence.elsewhere if evidence else {}
    expected = []
    for resource in json.loads(line)["resources"] if line else ():
        zone = resource["address"].removeprefix("zone:")
        for rrset in resource["body"]["rrsets"]:
            if rrset["type"] == "NS" and rrset["name"] == f"{zone}." and zone in external:
                continue
            if rrset.get("proxied"):
                continue  # what is there are addresses of Cloudflare's own choice
            rdata = tuple(rrset.get("rdata") or ())
            if not rdata and rrset.get("pending") in values:
                rdata = pending_rdata(values[rrset["pending"]])
            origin = origins.get(f"rrset:{rrset['name']}/{rrset['type']}", Origin("", 0, ""))
            expected.append(
                Expected(
                    rrset["name"], rrset["type"], rrset["ttl"], rdata, origin.file, origin.line
                )
            )
    return expected
