# SPDX-License-Identifier: GPL-3.0-or-later
"""DNSSEC between a zone and its parent: the DS that is wanted, the DS that is there.

The name server publishes what it wants of the parent as CDS and CDNSKEY (RFC 7344, RFC 8078).
Parents that do not look at those are told by the registrar, who is told by a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import dns.dnssec
import dns.dnssectypes
import dns.exception
import dns.flags
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.resolver

from bastide.desired import Origin
from bastide.fleet import Fleet
from bastide.model import Platform
from bastide.verify.dns import ask

State = Literal[
    "unsigned", "coming", "give", "secure", "update", "broken", "withdraw", "withdrawn", "held",
    "unknown",
]  # fmt: skip

_PATIENCE = 5.0
_AT_ONCE = 8
# RFC 8078 §4: what asks the parent for no DS at all.
_NO_DS = "0 0 0 "


class NoResolver(dns.exception.DNSException):
    """The answer came from a server that does not ask others."""

    msg = "what answers is no resolver"


@dataclass(frozen=True, slots=True)
class Delegation:
    """One zone.

    `declared` is ``signed``, ``leaving`` or empty, as in platform.yml.  `wanted` are the DS that
    the name servers ask for, `keys` the same as DNSKEY, `parent` the DS that the parent has, None
    when no resolver told, `fitting` those of them that fit one of `keys`; all as rdata in
    canonical text.  `trouble` says what a server or resolver answered instead.
    """

    collectivity: str
    domain: str
    declared: str
    wanted: tuple[str, ...]
    keys: tuple[str, ...]
    parent: tuple[str, ...] | None
    fitting: tuple[str, ...] = ()
    trouble: str = ""
    file: str = ""
    line: int = 0

    @property
    def state(self) -> State:
        """How the two go together; see bastide.report.delegations for each in words."""
        if self.parent is None or (self.trouble and not self.wanted):
            return "unknown"
        if self.declared == "leaving":
            return "withdraw" if self.parent else "withdrawn"
        if not self.wanted:
            return "broken" if self.parent else "coming" if self.declared else "unsigned"
        if not self.parent:
            return "give" if self.declared else "held"
        # A resolver is content with one DS that fits (RFC 4035 §5.2).
        signed: State = "secure" if self.fitting == self.parent else "update"
        return (signed if self.declared else "held") if self.fitting else "broken"


def delegations(fleet: Fleet, slugs: Iterable[str]) -> list[Delegation]:
    """The zones of `slugs`, each with what its name servers and its parent say now."""
    resolver = resolver_of(fleet.platform)
    asked = list(_zones(fleet, slugs))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda zone: _look(fleet.platform, resolver, *zone), asked))


def resolver_of(platform: Platform) -> dns.resolver.Resolver:
    """Asks `dns.resolvers` of platform.yml, else what this machine asks."""
    if not platform.dns.resolvers:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = list(platform.dns.resolvers)
    return resolver


def _zones(fleet: Fleet, slugs: Iterable[str]) -> Iterator[tuple[str, str, str, Origin]]:
    for slug in slugs:
        text = fleet.share_line_of(slug, "dns")
        origins = fleet.origins(slug)
        for resource in json.loads(text)["resources"] if text else ():
            zone = resource["address"].removeprefix("zone:")
            declared = resource["body"].get("dnssec", "")
            yield slug, zone, declared, origins.get(resource["address"], Origin("", 0, ""))


def _look(
    platform: Platform,
    resolver: dns.resolver.Resolver,
    slug: str,
    zone: str,
    declared: str,
    origin: Origin,
) -> Delegation:
    servers = [one for found in platform.dns.nameservers.values() for one in found]
    wanted, keys, trouble = _published(zone, servers)
    parent: tuple[str, ...] | None
    try:
        parent = _at_parent(zone, resolver)
    except (dns.exception.DNSException, OSError) as error:
        parent, trouble = None, str(error).strip() or type(error).__name__
    fitting = tuple(one for one in parent or () if fits(zone, one, keys))
    return Delegation(
        slug, zone, declared, wanted, keys, parent, fitting, trouble, origin.file, origin.line
    )


def _at_parent(zone: str, resolver: dns.resolver.Resolver) -> tuple[str, ...]:
    """The DS that `resolver` finds at the parent, none when there is none.

    Raises:
        NoResolver: It only tells of what it serves itself.
        dns.exception.DNSException, OSError: It finds out nothing.
    """
    try:
        found = resolver.resolve(f"{zone}.", "DS", lifetime=_PATIENCE, raise_on_no_answer=False)
        responses, records = [found.response], list(found.rrset or ())
    except dns.resolver.NXDOMAIN as error:
        responses, records = list(error.kwargs["responses"].values()), []
    # Who serves the zone itself knows of no DS either, and nothing of the parent.
    if not all(one.flags & dns.flags.RA for one in responses):
        raise NoResolver
    return tuple(sorted(one.to_text() for one in records))


def fits(zone: str, ds: str, keys: Iterable[str]) -> bool:
    """Whether the parent's `ds` is a digest, of whatever type, of one of `keys` (RFC 4034 §5)."""
    for text in keys:
        key = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, text)
        try:
            kind = dns.dnssectypes.DSDigest(int(ds.split()[2]))
            made = dns.dnssec.make_ds(f"{zone}.", key, kind.name, validating=True)
        except (dns.exception.DNSException, ValueError):
            continue  # a type of digest that nobody computes any more
        if made.to_text() == ds:
            return True
    return False


def _published(zone: str, servers: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """CDS and CDNSKEY of the first server that answers, and what came when none does."""
    trouble = "no name server has an address"
    for server in servers:
        try:
            wanted, keys = (ask(f"{zone}.", rtype, server) for rtype in ("CDS", "CDNSKEY"))
        except (dns.exception.DNSException, OSError) as error:
            trouble = f"{type(error).__name__} {error}".strip()
            continue
        if any(text.startswith(_NO_DS) for text in wanted):
            return (), (), ""
        return tuple(sorted(wanted)), tuple(sorted(keys)), ""
    return (), (), trouble
