# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out what a survey found: zones made, records written by batches, zones signed.

Every zone is looked at once more just before it is written to, so that what is done is what was
shown.  Nothing is remembered between runs: one that was killed anywhere is taken up by the next,
which lists what is there.  A batch that Cloudflare refuses is halved until the name at fault stands
alone; the other names of the zone, and the other zones, go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bastide.diagnostics import RunFailed
from bastide.targets.cloudflare.client import Client, Lost, Operations, Record, Refusal, Zone
from bastide.targets.cloudflare.compare import (
    ZonePlan,
    address_of,
    compare,
    is_originless,
    redirects_address,
    retire,
)
from bastide.targets.cloudflare.faults import UNREACHABLE
from bastide.targets.cloudflare.memory import Memory
from bastide.targets.cloudflare.operations import (
    Unit,
    chunks,
    merged,
    records_after,
    slices,
    units_of,
)
from bastide.targets.cloudflare.records import owner_of, set_body, siren_of
from bastide.targets.cloudflare.survey import DNSSEC, Survey, redirects_there, wanted_facets
from bastide.targets.owners import Wanted
from bastide.targets.reconcile import Change, digest

_MOVED = "it changed between the plan and the apply: nothing was done there"
_NO_ANSWER = "no answer, it may have been done or not: {reason}"


class Converger:
    """Writes to one account.  `changes` are those made and seen to be, `failed` the others."""

    def __init__(
        self, client: Client, memory: Memory, wanted: Wanted, values: Mapping[str, str]
    ) -> None:
        self._client, self._memory = client, memory
        self._wanted, self._values = wanted, values
        self.changes: list[Change] = []
        self.failed: list[dict[str, str]] = []
        self._gone = ""

    def run(self, survey: Survey) -> None:
        """Make the changes of `survey`; one zone that fails stops no other."""
        for name, found in survey.plans.items():
            self.failed += found.failed
            if not found.changes:
                continue
            if self._gone:
                self._fail(found, self._gone)
                continue
            try:
                self._zone(name, found, survey)
            except Refusal as refusal:
                self._fail(found, str(refusal))
            except Lost as lost:
                self._fail(found, _NO_ANSWER.format(reason=lost))
            except RunFailed as failure:
                if any(one.code == UNREACHABLE.code for one in failure.diagnostics):
                    # Not even a look is answered: what remains is for another run.
                    self._gone = str(failure)
                self._fail(found, str(failure))
        self._memory.save()

    def _zone(self, name: str, found: ZonePlan, survey: Survey) -> None:
        zone = survey.zones.get(name)
        made = zone is None
        if zone is None:
            zone = self._make(name)
        plan, records = self._again(zone, found, made=made)
        if plan is None:
            self._fail(found, _MOVED)
            return
        blocked = self._set_redirects(zone, plan)
        work = _Work(self._client, zone, records)
        work.carry_out(units_of(plan, blocked))
        if work.lost or (made and work.errors):
            # Whether it was done is seen by looking, and what a new zone may have come with; what
            # was not done is then tried once more.
            plan, records = self._plan(zone, found)
            if work.lost or any(not siren_of(one) for one in records):
                work = _Work(self._client, zone, records)
                work.carry_out(units_of(plan, blocked))
        work.errors |= blocked
        facets = wanted_facets(self._client.account.settings) if made else survey.facets.get(name)
        refused = self._set_facets(zone, facets or {}) if plan.zone in self._declared else ""
        self._conclude(found, work, refused)

    def _make(self, name: str) -> Zone:
        try:
            return self._client.make_zone(name)
        except Lost:
            zone = self._client.zones([name]).get(name)
            return zone or self._client.make_zone(name)

    @property
    def _declared(self) -> set[str]:
        return {address.removeprefix("zone:") for address in self._wanted.resources}

    def _plan(self, zone: Zone, found: ZonePlan) -> tuple[ZonePlan, list[Record]]:
        records = self._client.records(zone)
        declared = self._wanted.resources.get(f"zone:{zone.name}")
        body = declared[1] if declared else None
        redirects = redirects_there(self._client, zone, body, records)
        if body is None:
            return retire(zone.name, found.siren, records, redirects), records
        return compare(zone.name, found.siren, body, self._values, records, redirects), records

    def _again(
        self, zone: Zone, found: ZonePlan, *, made: bool
    ) -> tuple[ZonePlan | None, list[Record]]:
        """The plan as it is now; None when it is no longer the one that was shown."""
        if made:
            _, body = self._wanted.resources[f"zone:{zone.name}"]
            redirects = redirects_there(self._client, zone, body, [])
            return compare(zone.name, found.siren, body, self._values, [], redirects), []
        plan, records = self._plan(zone, found)
        same = _of_records(plan) == _of_records(found)
        return (plan if same else None), records

    def _set_redirects(self, zone: Zone, plan: ZonePlan) -> dict[str, str]:
        """Write the redirect rules, before any record that brings visitors to them.

        Gives what cannot be made since they could not be written, by address, with why.
        """
        if plan.rules is None:
            return {}
        try:
            self._client.set_redirects(zone, plan.rules)
        except Refusal as refusal:
            error = str(refusal)
        except Lost as lost:
            # All or nothing, so that a look says which.
            if self._plan(zone, plan)[0].rules is None:
                return {}
            error = _NO_ANSWER.format(reason=lost)
        else:
            return {}
        address = redirects_address(zone.name)
        sets = [address_of(key) for key, body in plan.desired.items() if is_originless(body)]
        return {address: error, **dict.fromkeys(sets, f"{address} cannot be had")}

    def _set_facets(self, zone: Zone, facets: Mapping[str, str | int]) -> str:
        """Sign the zone and set what is declared; the words of a refusal, empty for none."""
        try:
            for name, value in facets.items():
                if name == DNSSEC:
                    self._client.sign(zone)
                else:
                    self._client.set(zone, name, value)
        except Refusal as refusal:
            return str(refusal)
        except Lost as lost:
            return _NO_ANSWER.format(reason=lost)
        if facets:
            self._memory.note(zone.id)
        return ""

    def _conclude(self, found: ZonePlan, work: _Work, refused: str) -> None:
        """Sort the changes of a zone into those that are seen to be made, and the others."""
        wanted, waiting = self._wanted_sets(found)
        served, doomed = work.served(), found.doomed
        told = {one["address"] for one in found.changes}
        # Records that only change hands have no change of their own: the zone answers for them.
        rest = [error for address, error in work.errors.items() if address not in told]
        gone = [*work.errors.values()] if found.changes[0]["action"] == "delete" else rest
        for one in found.changes:
            address = one["address"]
            if address in doomed or address in waiting:
                continue
            if address.startswith("zone:"):
                error = refused or next(iter(gone), "")
            elif address.startswith("redirects:"):
                error = work.errors.get(address, "")
            else:
                error = work.errors.get(address, "")
                if not error and served.get(address) != wanted.get(address):
                    error = "Cloudflare took it but shows another value"
            if error:
                self._fail_one(found, address, error)
            else:
                self.changes.append(one)

    def _wanted_sets(self, found: ZonePlan) -> tuple[dict[str, dict[str, Any]], set[str]]:
        """What each set of a zone shall be, and the addresses that wait for a value."""
        declared = self._wanted.resources.get(f"zone:{found.zone}")
        if declared is None:
            return {}, set()
        plan = compare(found.zone, found.siren, declared[1], self._values, [])
        waiting = {address_of(key) for key in plan.unresolved}
        return {address_of(key): body for key, body in plan.desired.items()}, waiting

    def _fail(self, found: ZonePlan, error: str) -> None:
        """Nothing of a zone could be done."""
        doomed = found.doomed
        for one in found.changes:
            if one["address"] not in doomed:
                self._fail_one(found, one["address"], error)

    def _fail_one(self, found: ZonePlan, address: str, error: str) -> None:
        self.failed.append({"address": address, "siren": found.siren, "error": error})


class _Work:
    """What is done to one zone; `errors` maps an address to why it failed."""

    def __init__(self, client: Client, zone: Zone, records: Iterable[Record]) -> None:
        self._client, self._zone = client, zone
        self._records: dict[str, Any] = {str(one["id"]): one for one in records}
        self.errors: dict[str, str] = {}
        self.lost = False

    def carry_out(self, units: list[Unit]) -> None:
        """Send `units` in as few batches as the plan of the zone allows."""
        for group in chunks(units, self._zone.batch):
            self._send(group)

    def _send(self, units: list[Unit]) -> None:
        try:
            if len(units) == 1:
                for part in slices(units[0], self._zone.batch):
                    self._batch(part)
            else:
                self._batch(merged(units))
        except Refusal as refusal:
            if len(units) > 1:
                half = len(units) // 2
                self._send(units[:half])
                self._send(units[half:])
                return
            self._note(units, str(refusal))
        except Lost as lost:
            self.lost = True
            self._note(units, _NO_ANSWER.format(reason=lost))

    def _batch(self, operations: Operations) -> None:
        answer = self._client.batch(self._zone, operations)
        self._records = records_after(self._records, operations, answer)

    def _note(self, units: list[Unit], error: str) -> None:
        self.errors |= {address: error for unit in units for address in unit.addresses}

    def served(self) -> dict[str, dict[str, Any]]:
        """Record sets by address as they are after all answers."""
        sets: dict[str, list[Any]] = {}
        for one in self._records.values():
            sets.setdefault(address_of((owner_of(one), str(one["type"]))), []).append(one)
        return {address: set_body(members) for address, members in sets.items()}


def _of_records(plan: ZonePlan) -> str:
    """Digest of the changes to record sets and redirects, without those to the zone itself."""
    sets = [one for one in plan.changes if not one["address"].startswith("zone:")]
    return digest(sets, plan.pending)
