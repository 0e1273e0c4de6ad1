# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at an account: one LIST for each zone, compared with what the charters declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bastide.diagnostics import RunFailed
from bastide.targets.cloudflare.client import Client, Record, Zone
from bastide.targets.cloudflare.compare import (
    Redirects,
    ZonePlan,
    compare,
    has_redirects,
    retire,
)
from bastide.targets.cloudflare.faults import REFUSED
from bastide.targets.cloudflare.memory import Memory
from bastide.targets.cloudflare.records import siren_of
from bastide.targets.owners import Owner, Wanted
from bastide.targets.reconcile import Change, change, digest

DNSSEC = "dnssec"
ON = frozenset({"active", "pending"})
"""Signed; `pending` until the registry publishes the DS."""


@dataclass(slots=True)
class Survey:
    """What was found: the plan of each zone that has one, and the zone itself where it exists.

    `facets` maps a zone's name to what of DNSSEC and settings is other than wanted.
    """

    plans: dict[str, ZonePlan] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    facets: dict[str, dict[str, str | int]] = field(default_factory=dict)
    left_alone: list[dict[str, str]] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        """Of all zones, also those that are known to fail."""
        return [one for plan in self.plans.values() for one in plan.changes]

    @property
    def failed(self) -> list[dict[str, str]]:
        """What is known to fail already."""
        return [one for plan in self.plans.values() for one in plan.failed]

    @property
    def digest(self) -> str:
        """The same in a plan and in the run that follows it, though values become known."""
        pending = {one for plan in self.plans.values() for one in plan.pending}
        return digest(self.changes, pending)


class Surveyor:
    """Looks at the zones of one account for what `wanted` asks."""

    def __init__(
        self,
        client: Client,
        memory: Memory,
        wanted: Wanted,
        claimed: Callable[[], Iterable[str]],
        values: Mapping[str, str],
    ) -> None:
        self._client, self._memory, self._wanted = client, memory, wanted
        self._claimed, self._values = claimed, values
        self._found = Survey()

    def look(self) -> Survey:
        """The survey; ``RunFailed`` when the account as a whole cannot be read."""
        owners = self._wanted.owners
        declared = {a.removeprefix("zone:"): r for a, r in self._wanted.resources.items()}
        retired = {
            domain: siren
            for siren, owner in owners.items()
            for domain in owner.retired_domains
            if domain not in declared
        }
        # The domains of a whole file that retired are told by the marks of their records alone.
        everywhere = self._wanted.everybody or any(one.retired for one in owners.values())
        if not everywhere and not declared and not retired:
            return self._found
        names = None if everywhere else [*declared, *retired]
        self._found.zones = self._client.zones(names)
        for zone, (siren, body) in sorted(declared.items()):
            self._of_zone(zone, siren, partial(self._declared, zone, siren, body))
        for zone, siren in sorted(retired.items()):
            if zone in self._found.zones:
                self._of_zone(zone, siren, partial(self._retired, zone, siren))
        if everywhere:
            others = self._found.zones.keys() - declared.keys() - retired.keys()
            for zone in sorted(others.difference(self._claimed())):
                self._of_zone(zone, "", partial(self._unclaimed, zone))
        self._memory.save()
        return self._found

    def _of_zone(self, zone: str, siren: str, look: Callable[[], None]) -> None:
        """A zone that cannot be read fails alone; an account that cannot, fails as a whole."""
        try:
            look()
        except RunFailed as failure:
            if not all(found.code == REFUSED.code for found in failure.diagnostics):
                raise
            plan = self._found.plans[zone] = ZonePlan(zone, siren)
            plan.fail(f"zone:{zone}", str(failure))

    def _records(self, zone: str) -> list[Record] | None:
        there = self._found.zones.get(zone)
        return self._client.records(there) if there else None

    def _declared(self, zone: str, siren: str, body: dict[str, Any]) -> None:
        records = self._records(zone)
        redirects = redirects_there(self._client, self._found.zones.get(zone), body, records)
        plan = compare(zone, siren, body, self._values, records, redirects)
        strangers = plan.others - self._wanted.owners.keys()
        if strangers and not self._wanted.everybody:
            plan = ZonePlan(zone, siren)
            owner = ", ".join(sorted(strangers))
            plan.fail(f"zone:{zone}", f"belongs to {owner}, which is outside of the scope")
        elif zone in self._found.zones:
            self._look_at_facets(plan)
        self._found.plans[zone] = plan
        self._found.left_alone += plan.left_alone

    def _look_at_facets(self, plan: ZonePlan) -> None:
        zone = self._found.zones[plan.zone]
        if self._memory.knows(zone.id):
            return
        signed = self._client.dnssec(zone)
        have: dict[str, Any] = {DNSSEC: "on" if signed in ON else "off"}
        have |= {name: self._client.setting(zone, name) for name in self._client.account.settings}
        want = wanted_facets(self._client.account.settings)
        differing = {name: value for name, value in want.items() if have[name] != value}
        if not differing:
            self._memory.note(zone.id)
            return
        self._found.facets[plan.zone] = differing
        before = {"settings": {name: have[name] for name in differing}}
        _add_to_zone_change(plan, before, {"settings": differing})

    def _retired(self, zone: str, siren: str) -> None:
        records = self._records(zone) or []
        redirects = redirects_there(self._client, self._found.zones.get(zone), None, records)
        plan = retire(zone, siren, records, redirects)
        if plan.changes:
            self._found.plans[zone] = plan

    def _unclaimed(self, zone: str) -> None:
        """A zone that no charter declares: whose it was is told by its records."""
        marks = Counter(filter(None, map(siren_of, self._records(zone) or ())))
        siren = marks.most_common(1)[0][0] if marks else ""
        owner = self._wanted.owners.get(siren)
        if owner is not None and owner.fate(zone) == "retired":
            self._retired(zone, siren)
        elif self._wanted.everybody:
            why = _why(siren, owner)
            self._found.left_alone.append({"address": f"zone:{zone}", "siren": siren, "why": why})


def _why(siren: str, owner: Owner | None) -> str:
    if not siren:
        return "undeclared"
    return "collectivity-gone" if owner is None else "domain-gone"


def redirects_there(
    client: Client, zone: Zone | None, body: Mapping[str, Any] | None, records: list[Record] | None
) -> Redirects | None:
    """The redirect rules of a zone, where some are wanted or may be there; one request."""
    if not has_redirects(body, records):
        return None
    return Redirects(tuple(client.redirects(zone)), zone.rules) if zone else Redirects()


def wanted_facets(settings: Mapping[str, str | int]) -> dict[str, str | int]:
    """DNSSEC and the declared settings, as every zone shall have them."""
    return {DNSSEC: "on", **settings}


def _add_to_zone_change(plan: ZonePlan, before: dict[str, Any], after: dict[str, Any]) -> None:
    address = f"zone:{plan.zone}"
    if plan.changes and plan.changes[0]["address"] == address:
        first = plan.changes[0]
        first["before"], first["after"] = {**first["before"], **before}, {**first["after"], **after}
    else:
        plan.changes.insert(0, change("update", address, plan.siren, before, after))
