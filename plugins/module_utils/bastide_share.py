# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's share of the desired state: read, checked, and what becomes of what it leaves out.

The format is in docs/architecture/README.md.  A share is compiled from files that many
hands edit, so every name is held against a strict pattern again before it can reach a
path, a map or a zone file.  A share with one bad name is refused as a whole, since leaving
an entry out would mean "it has left the charter".  A good name with a bad body concerns
nobody else: it is told and what stands there stays.  Imports nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

FORMAT = 1

Body = dict[str, Any]
# Gives the reason why the body of an entry is not acceptable, None when it is.
Check = Callable[[str, Body], "str | None"]
Fate = Literal["present", "retired", "domain-gone", "collectivity-gone"]

# Kinds whose name is a mail address; the name of every other is a domain.
MAIL_KINDS = frozenset({"mailbox", "alias", "relay", "remote"})
# Kinds whose name is a host: it belongs to a domain that it lies below.
WEB_KINDS = frozenset({"page", "redirect", "paths", "certificate"})
SIREN = re.compile(r"[0-9]{9}\Z")
SLUG = re.compile(r"[a-z0-9][a-z0-9/_-]{0,99}\Z")
# RFC 1035 §2.3.4: labels of 63 octets, names of 253; lower-case A-labels, no final dot.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}\Z")
# Addresses we keep: no quote, no space, nothing that a map or a mask would take as its own.
_ATOM = r"[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*"
ADDRESS = re.compile(rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}@(?:{_LABEL}\.)+{_LABEL}\Z")
# Addresses we send on to: the dot-atom of RFC 5322 §3.2.3, no first hyphen.
_TEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{}~-]"
TARGET = re.compile(
    rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@)(?!-){_TEXT}+(?:\.{_TEXT}+)*@(?:{_LABEL}\.)+{_LABEL}\Z"
)


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
    """What one host should hold for one service.

    `resources` maps an address to ``(siren, body)``.  `unusable` maps those that cannot be
    converged to ``(siren, why)``: a body that is none, or several collectivities that claim
    the same address.  What stands there is not touched until that is settled.  `contested` are
    the SIREN whose lines have such a resource.

    `lines` are the digests of all lines but the header, also of those that were passed over;
    `line_of` maps the SIREN of those that were read to theirs.  `header` is the first line.
    """

    collectivities: dict[str, Collectivity] = field(default_factory=dict)
    resources: dict[str, tuple[str, Body]] = field(default_factory=dict)
    unusable: dict[str, tuple[str, str]] = field(default_factory=dict)
    contested: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    line_of: dict[str, str] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)

    def fate(self, siren: str, address: str) -> Fate:
        """What the share says of something it does not list: may it go, or is it to be left?

        Args:
            siren: Whose it is.
            address: Its address, ``kind:name``.
        """
        owner = self.collectivities.get(siren)
        if owner is None:
            return "collectivity-gone"
        domains = domains_of(address)
        if owner.retired or not owner.retired_domains.isdisjoint(domains):
            return "retired"
        return "domain-gone" if owner.domains.isdisjoint(domains) else "present"


def domains_of(address: str) -> list[str]:
    """The domains that an address may belong to.

    A zone or a mail address has one, its own.  A web host belongs to its own name or any
    above it: ``page:www.cahors.fr`` is of ``cahors.fr``.
    """
    kind, _, name = address.partition(":")
    domain = name.rpartition("@")[2]
    if kind not in WEB_KINDS:
        return [domain]
    labels = domain.split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]


def read_share(
    path: Path, service: str, checks: Mapping[str, Check], known: Container[str] = ()
) -> Share:
    """Read a share and hold everything in it against the agreement.

    Args:
        path: The share on this host, JSON lines.
        service: ``dns``, ``mail``, ``web`` or ``tls``; must be the header's.
        checks: For each kind of address, what judges a body; the name is good then.
        known: Digests of lines to pass over.

    Returns:
        The share.  Resources of a retired collectivity or domain are left out.

    Raises:
        BadShare: With the line number and the reason.
        OSError: When the file cannot be read.
    """
    share = Share()
    with path.open("rb") as file:
        share.header = _json(next(file, b""), 1)
        _check_header(share.header, service)
        for number, line in enumerate(file, start=2):
            digest = hashlib.sha256(line).hexdigest()
            share.lines.append(digest)
            if digest in known:
                continue
            entry = _json(line, number)
            try:
                share.line_of[_take(share, entry, checks)] = digest
            except BadShare as error:
                raise BadShare(f"line {number} of the share: {error}") from None
    return share


def _json(line: bytes, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise BadShare(f"line {number} of the share is not JSON") from None
    if not isinstance(entry, dict):
        raise BadShare(f"line {number} of the share is not a mapping")
    return entry


def _check_header(header: dict[str, Any], service: str) -> None:
    if header.get("format") != FORMAT:
        raise BadShare(f"the share has format {header.get('format')!r}, known is {FORMAT}")
    if header.get("service") != service:
        raise BadShare(f"the share is for {header.get('service')!r}, not for {service!r}")


def _take(share: Share, entry: dict[str, Any], checks: Mapping[str, Check]) -> str:
    """Add a line to the share; its SIREN."""
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
            kind, _, name = address.partition(":")
        except (TypeError, KeyError, AttributeError):
            raise BadShare("a resource needs an address and a body") from None
        if kind not in checks or type(body) is not dict:
            raise BadShare(f"{address!r} is of no kind that this host knows")
        if not (ADDRESS if kind in MAIL_KINDS else DOMAIN).match(name):
            raise BadShare(f"{address!r} is no name that this host can hold")
        if owner.retired or (
            owner.retired_domains and not owner.retired_domains.isdisjoint(domains_of(address))
        ):
            continue
        objection = checks[kind](name, body)
        if objection or address in share.resources or address in share.unusable:
            _object(share, address, owner.siren, objection)
        else:
            share.resources[address] = (owner.siren, body)
    return owner.siren


def _object(share: Share, address: str, siren: str, objection: str | None) -> None:
    share.contested.add(siren)
    if objection and address not in share.resources and address not in share.unusable:
        share.unusable[address] = (siren, f"refused: {objection}")
        return
    first, _ = share.resources.pop(address, None) or share.unusable[address]
    share.contested.add(first)
    share.unusable[address] = (first, f"claimed by several collectivities, {first} and {siren}")


def _collectivity(entry: dict[str, Any]) -> Collectivity:
    slug, siren, retired = entry.get("collectivity"), entry.get("siren"), entry.get("retired")
    if not isinstance(slug, str) or not SLUG.match(slug):
        raise BadShare(f"{slug!r} is no name of a collectivity")
    if not isinstance(siren, str) or not SIREN.match(siren):
        raise BadShare(f"{siren!r} is no SIREN")
    if not isinstance(retired, bool):
        raise BadShare("retired is neither true nor false")
    named = []
    for key in ("retired_domains", "domains"):
        names = entry.get(key)
        if not isinstance(names, list) or not all(map(is_domain, names)):
            raise BadShare(f"{key} is not a list of domain names")
        named.append(frozenset(names))
    return Collectivity(slug, siren, retired, named[0], named[1])


def is_domain(name: object) -> bool:
    """True for a lower-case domain name of two labels or more, without final dot."""
    return isinstance(name, str) and DOMAIN.match(name) is not None


def is_address(name: object) -> bool:
    """True for a mail address that this platform may hold."""
    return isinstance(name, str) and ADDRESS.match(name) is not None


def is_target(name: object) -> bool:
    """True for a mail address that an alias may lead to."""
    return isinstance(name, str) and TARGET.match(name) is not None
