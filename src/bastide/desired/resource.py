# SPDX-License-Identifier: GPL-3.0-or-later
"""A desired resource: what shall be, and the line of YAML that asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Service = Literal["dns", "mail", "web", "tls", "groupware", "desk"]
SERVICES: tuple[Service, ...] = ("mail", "dns", "web", "desk", "tls")
"""What hosts of the inventory serve; the groupware is a server that the engine asks itself."""


RETIRED = "retired:"
"""Begins the keys of origins that ask for an end: of a domain, or alone, of the whole file."""


class Origin(NamedTuple):
    """Where a resource comes from: file, 1-based line, and the reason word."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Resource:
    """What one service shall hold under `address`; `body` is plain JSON."""

    address: str
    body: dict[str, Any]


@dataclass(slots=True)
class Compiled:
    """Everything one collectivity asks for.

    `domains` are those it declares now, `mail_domains` those it may have addresses on: its
    own and every shared one; `origins` maps each address, and each record set, to its origin, and
    what is `RETIRED` to the line that says so.
    """

    slug: str
    siren: str
    retired: bool
    retired_domains: list[str]
    domains: list[str]
    mail_domains: list[str]
    resources: dict[Service, list[Resource]] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
