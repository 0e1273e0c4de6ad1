# SPDX-License-Identifier: GPL-3.0-or-later
"""Safety at three levels: zone, collectivity and run.

A level is breached when more than max(floor, share x what exists) would be suspended or
removed.  The share alone protects nobody small: a commune's zone has ten records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal

from bastide.model import Limit, Safety
from bastide.plan.plan import TAKING_AWAY, Breach, Plan, PlannedChange


def breaches(
    plan: Plan,
    safety: Safety,
    declared: Callable[[str], Mapping[str, object]],
    declared_in_all: Callable[[], int],
) -> list[Breach]:
    """Every limit that `plan` is over.

    `declared` gives the addresses that a slug asks for; `declared_in_all` counts those of
    the whole fleet, which is slow for a large one and asked only when it matters.
    """
    found: list[Breach] = []
    run_taken = 0
    for slug, listed in plan.by_collectivity().items():
        changes = _once(listed)
        asked = list(declared(slug)) if slug else []
        found += _zones(changes, asked, safety.zone)
        taken, existing = _weigh(_without_whole_zones(changes), asked)
        found += _over("collectivity", slug, taken, existing, safety.collectivity)
        run_taken += taken
    if run_taken > safety.run.floor:
        totals = plan.totals
        existing = declared_in_all() - totals["create"] - totals["restore"] + run_taken
        found += _over("run", plan.environment, run_taken, existing, safety.run)
    return found


def _once(changes: list[PlannedChange]) -> list[PlannedChange]:
    """Each change once, though every mail host has to make it."""
    return list({(_mailbox(c.address), c.action): c for c in changes}.values())


def _mailbox(address: str) -> str:
    kind, _, name = address.partition(":")
    return f"mailbox:{name}" if kind == "remote" else address


def _zones(changes: list[PlannedChange], asked: list[str], limit: Limit) -> list[Breach]:
    whole = {c.address.removeprefix("zone:") for c in changes if c.address.startswith("zone:")}
    zones = {a.removeprefix("zone:") for a in asked if a.startswith("zone:")} - whole
    existing = Counter(_zone_of(a, zones) for a in asked if a.startswith("rrset:"))
    taken: Counter[str] = Counter()
    for change in changes:
        if change.address.startswith("rrset:"):
            zone = _zone_of(change.address, zones)
            if change.action in TAKING_AWAY:
                taken[zone] += 1
                existing[zone] += 1
            elif change.action == "create":
                existing[zone] -= 1
    found: list[Breach] = []
    for zone in sorted(taken):
        if zone:
            found += _over("zone", zone, taken[zone], existing[zone], limit)
    return found


def _zone_of(address: str, zones: set[str]) -> str:
    """The most specific of `zones` that a record set's address lies in; empty when none."""
    name = address.removeprefix("rrset:").partition("./")[0]
    while name:
        if name in zones:
            return name
        name = name.partition(".")[2]
    return ""


def _without_whole_zones(changes: list[PlannedChange]) -> list[PlannedChange]:
    gone = {
        c.address.removeprefix("zone:")
        for c in changes
        if c.address.startswith("zone:") and c.action == "delete"
    }
    return [
        c for c in changes if not (c.address.startswith("rrset:") and _zone_of(c.address, gone))
    ]


def _weigh(changes: list[PlannedChange], asked: list[str]) -> tuple[int, int]:
    """How much is taken away, and how much there was before.

    A zone that goes whole was declared retired: it counts once, not for each record set.
    """
    taken = sum(change.action in TAKING_AWAY for change in changes)
    created = sum(change.action in {"create", "restore"} for change in changes)
    return taken, max(len(asked) - created, 0) + taken


def _over(
    level: Literal["zone", "collectivity", "run"],
    name: str,
    taken: int,
    existing: int,
    limit: Limit,
) -> list[Breach]:
    allowed = max(limit.floor, int(limit.share * existing))
    if taken <= allowed:
        return []
    return [Breach(level, name, taken, existing, allowed, limit.share, limit.floor)]
