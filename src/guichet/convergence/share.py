# SPDX-License-Identifier: GPL-3.0-or-later
"""The share of a desk's host, read and held against the agreement again.

Line 1 is the header, each further line a collectivity; as in every share, a bad name refuses the
whole (leaving an entry out would mean "it has left the charter"), a bad body concerns nobody else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from guichet.convergence.bodies import CHECKS, definition_of
from guichet.procedures.kinds.email import ADDRESS

FORMAT, SERVICE = 1, "desk"
SIREN = re.compile(r"[0-9]{9}\Z")
SLUG = re.compile(r"[a-z0-9][a-z0-9/_-]{0,99}\Z")
PROCEDURE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}\Z")
LONGEST_SLUG = 60

Body = dict[str, Any]
Fate = Literal["present", "retired", "domain-gone", "collectivity-gone"]


class BadShare(Exception):
    """The share cannot be used; nothing was touched."""


@dataclass(frozen=True, slots=True)
class Collectivity:
    """One line of the share, without its resources."""

    slug: str
    siren: str
    retired: bool
    retired_domains: frozenset[str]
    domains: frozenset[str]


@dataclass(slots=True)
class Share:
    """What this host should hold; fields as in the shares of other services."""

    collectivities: dict[str, Collectivity] = field(default_factory=dict)
    resources: dict[str, tuple[str, Body]] = field(default_factory=dict)
    unusable: dict[str, tuple[str, str]] = field(default_factory=dict)

    def fate(self, siren: str, host: str) -> Fate:
        """What the share says of a desk, or of something of it, that it does not list."""
        owner = self.collectivities.get(siren)
        if owner is None:
            return "collectivity-gone"
        domains = above(host)
        if owner.retired or not owner.retired_domains.isdisjoint(domains):
            return "retired"
        return "domain-gone" if owner.domains.isdisjoint(domains) else "present"

    def levels(self) -> dict[str, Body]:
        """The bodies, by host name, of the desks that speak to communes beside their own."""
        return {
            host_of(address): body
            for address, (_, body) in self.resources.items()
            if address.startswith("desk:") and body.get("guide", {}).get("covers")
        }

    def title(self, name: str) -> str | None:
        """The title of the procedure ``host/name``; None where there is none."""
        _, body = self.resources.get(f"procedure:{name}", ("", None))
        definition = definition_of(body) if body is not None else None
        return str(definition["title"]) if definition else None

    def desk_of(self, siren: str) -> str | None:
        """Host name of the desk that a collectivity declares."""
        for address, (owner, _) in self.resources.items():
            if owner == siren and address.startswith("desk:"):
                return address.removeprefix("desk:")
        return None


def above(host: str) -> list[str]:
    """The domains that a host may belong to: its own name and all above it."""
    labels = host.split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]


def host_of(address: str) -> str:
    """The desk that an address is of."""
    return address.partition(":")[2].partition("/")[0]


def read_share(path: Path) -> Share:
    """Read a share.

    Raises:
        BadShare: With the line and the reason.
        OSError: The file cannot be read.
    """
    share = Share()
    with path.open("rb") as file:
        header = _json(next(file, b""), 1)
        if header.get("format") != FORMAT:
            raise BadShare(f"the share has format {header.get('format')!r}, known is {FORMAT}")
        if header.get("service") != SERVICE:
            raise BadShare(f"the share is for {header.get('service')!r}, not for {SERVICE!r}")
        for number, line in enumerate(file, start=2):
            entry = _json(line, number)
            try:
                _take(share, entry)
            except BadShare as error:
                raise BadShare(f"line {number} of the share: {error}") from None
    _one_desk_each(share)
    return share


def _json(line: bytes, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise BadShare(f"line {number} of the share is not JSON") from None
    if not isinstance(entry, dict):
        raise BadShare(f"line {number} of the share is not a mapping")
    return entry


def _take(share: Share, entry: dict[str, Any]) -> None:
    owner = _collectivity(entry)
    if owner.siren in share.collectivities:
        raise BadShare(f"SIREN {owner.siren} stands there twice")
    share.collectivities[owner.siren] = owner
    resources = entry.get("resources")
    if not isinstance(resources, list):
        raise BadShare("resources is not a list")
    for resource in resources:
        try:
            address, body = resource["address"], resource["body"]
            kind = address.partition(":")[0]
        except (TypeError, KeyError, AttributeError):
            raise BadShare("a resource needs an address and a body") from None
        if kind not in CHECKS or type(body) is not dict:
            raise BadShare(f"{address!r} is of no kind that this host knows")
        if not _is_name(kind, address):
            raise BadShare(f"{address!r} is no name that this host can hold")
        if share.fate(owner.siren, host_of(address)) == "retired":
            continue
        _add(share, address, owner.siren, body, CHECKS[kind](body))


def _is_name(kind: str, address: str) -> bool:
    host, slash, name = address.partition(":")[2].partition("/")
    if not DOMAIN.match(host):
        return False
    if kind == "desk":
        return not slash
    if kind == "procedure":
        return len(name) <= LONGEST_SLUG and PROCEDURE.match(name) is not None
    return ADDRESS.match(name) is not None and name == name.lower()


def _add(share: Share, address: str, siren: str, body: Body, objection: str | None) -> None:
    before = share.resources.get(address) or share.unusable.get(address)
    if before is not None:
        share.resources.pop(address, None)
        why = f"claimed by several collectivities, {before[0]} and {siren}"
        share.unusable[address] = (before[0], why)
    elif objection:
        share.unusable[address] = (siren, f"refused: {objection}")
    else:
        share.resources[address] = (siren, body)


def _one_desk_each(share: Share) -> None:
    """A second desk of one collectivity, or a part of a desk that is not its own, is refused."""
    desks: dict[str, str] = {}
    for address, (siren, _) in sorted(share.resources.items()):
        if address.startswith("desk:"):
            if siren in desks:
                share.unusable[address] = (siren, "refused: it has a desk already")
                del share.resources[address]
            else:
                desks[siren] = host_of(address)
    for address, (siren, _) in list(share.resources.items()):
        if host_of(address) != desks.get(siren):
            del share.resources[address]
            share.unusable[address] = (siren, "refused: there is no such desk of its own")


def _collectivity(entry: Mapping[str, Any]) -> Collectivity:
    slug, siren, retired = entry.get("collectivity"), entry.get("siren"), entry.get("retired")
    if not isinstance(slug, str) or not SLUG.match(slug):
        raise BadShare(f"{slug!r} is no name of a collectivity")
    if not isinstance(siren, str) or not SIREN.match(siren):
        raise BadShare(f"{siren!r} is no SIREN")
    if not isinstance(retired, bool):
        raise BadShare("retired is neither true nor false")
    named = []
    for key in ("retired_domains", "domains"):
        found = entry.get(key)
        if not isinstance(found, list) or not all(
            isinstance(name, str) and DOMAIN.match(name) for name in found
        ):
            raise BadShare(f"{key} is not a list of domain names")
        named.append(frozenset(found))
    return Collectivity(slug, siren, retired, named[0], named[1])
