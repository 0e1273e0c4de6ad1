# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose is what, for the services that the engine asks itself: a share, and what it means.

On hosts the bulk modules read the same file by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """One collectivity as the charters know it now: where it may have accounts, what has ended.

    `domains` are those it declares or shares.
    """

    domains: frozenset[str] = frozenset()
    retired: bool = False
    retired_domains: frozenset[str] = frozenset()

    def fate(self, domain: str) -> str:
        """``present``, ``retired`` or ``domain-gone``, of what the owner has in `domain`."""
        if self.retired or domain in self.retired_domains:
            return "retired"
        return "present" if domain in self.domains else "domain-gone"


Owners = Mapping[str, Owner]
"""SIREN → owner, of everybody whose entries may be touched."""


class Wanted:
    """What a share asks for, for some SIREN or, with none given, for all.

    `resources` maps an address to ``(siren, body)``, without those of retired domains; `owners`
    are all in the scope.
    """

    def __init__(self, share: Path, sirens: list[str]) -> None:
        self.resources: dict[str, tuple[str, Body]] = {}
        self.owners: dict[str, Owner] = {}
        self.everybody = not sirens
        for line in lines_of(share):
            if not sirens or line["siren"] in sirens:
                self._take(line)

    def _take(self, line: Body) -> None:
        siren, gone = line["siren"], frozenset(line["retired_domains"])
        self.owners[siren] = Owner(frozenset(line["domains"]), line["retired"], gone)
        for resource in line["resources"]:
            address = resource["address"]
            if address.partition(":")[2].rpartition("@")[2] not in gone:
                self.resources[address] = (siren, resource["body"])

    def body(self, address: str) -> Body:
        """The body that is declared for `address`."""
        return self.resources[address][1]


def lines_of(share: Path) -> Iterator[Body]:
    """The lines of a share without its header, one for each collectivity."""
    with share.open("rb") as lines:
        next(lines)
        yield from map(json.loads, lines)
