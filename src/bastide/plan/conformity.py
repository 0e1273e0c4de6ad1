# SPDX-License-Identifier: GPL-3.0-or-later
"""Grades before and after a plan, of the collectivities that it changes.

After is what the charters predict.  Before is the same with every change of the plan taken
back: what the hosts hold now, as they just told.  What was declared on Service-Public is taken
to be what the charter says today.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bastide.conformity.evidence import Evidence, Why
from bastide.conformity.grade import Report, possible_of
from bastide.conformity.predict import predict
from bastide.conformity.serving import serving_of
from bastide.conformity.zone import Zones
from bastide.desired import Service
from bastide.fleet import Fleet
from bastide.fleet.grader import Grader
from bastide.model.names import within
from bastide.plan.plan import GradeChange, Plan, PlannedChange

Bodies = dict[str, dict[str, Any]]


def grade_changes(fleet: Fleet, plan: Plan) -> list[GradeChange]:
    """One entry for each collectivity that `plan` changes, those that keep their grade as well."""
    groups = plan.by_collectivity()
    if not groups:
        return []
    return list(_Before(fleet, plan).changes(groups))


class _Before:
    """Grades what is served now, as one plan knows it."""

    def __init__(self, fleet: Fleet, plan: Plan) -> None:
        self._fleet = fleet
        self._serving = serving_of(fleet.platform)
        self._silent = {entry.service for entry in plan.unanswered}
        # What elected officials are told is what the ANCT publishes.
        self._grader = Grader(fleet, "anct")

    def changes(self, groups: dict[str, list[PlannedChange]]) -> Iterator[GradeChange]:
        for slug, changes in groups.items():
            evidence = self._fleet.evidence(slug) if slug else None
            if evidence is None:
                continue
            after = self._grader.grade(slug, evidence)
            touched = {change.service for change in changes} | self._silent
            before = after
            if not touched.isdisjoint({"dns", "web"}):
                before = self._grader.grade(slug, self._served(slug, evidence, changes))
            yield _compare(slug, before, after)

    def _served(self, slug: str, evidence: Evidence, changes: list[PlannedChange]) -> Evidence:
        """Evidence of what the hosts hold now."""
        new = {
            change.address.removeprefix("zone:"): "new"
            for change in changes
            if change.service == "dns"
            and change.address.startswith("zone:")
            and change.action == "create"
        }
        facts = self._fleet.facts(slug)
        domains = set(facts.domains) if facts else set()
        elsewhere = {**evidence.elsewhere, **new}
        if "dns" in self._silent:
            elsewhere = dict.fromkeys(domains, "silent") | elsewhere
        if domains <= elsewhere.keys():
            zones, pages = Zones({name: {"rrsets": ()} for name in elsewhere}), {}
        else:
            zones = Zones(_zones_before(self._bodies(slug, "dns"), changes))
            pages = _pages_before(self._bodies(slug, "web"), changes)
        served = predict(evidence.declared, elsewhere, zones, pages, self._serving)
        if "web" in self._silent and not isinstance(served.web, Why):
            return served._replace(web=Why("WEB_UNANSWERED", evidence.declared.site))
        return served

    def _bodies(self, slug: str, service: Service) -> Bodies:
        line = self._fleet.share_line_of(slug, service)
        resources = json.loads(line)["resources"] if line else ()
        return {one["address"]: one["body"] for one in resources}


def _zones_before(bodies: Bodies, changes: list[PlannedChange]) -> Bodies:
    """Zones with the record sets that are served now."""
    rrsets: dict[str, dict[tuple[str, str], dict[str, Any]]] = {
        address.removeprefix("zone:"): {(r["name"], r["type"]): r for r in body["rrsets"]}
        for address, body in bodies.items()
    }
    for change in changes:
        kind, _, rest = change.address.partition(":")
        if kind != "rrset":
            continue
        name, _, rtype = rest.rpartition("/")
        homes = [zone for zone in rrsets if within(name.removesuffix("."), zone)]
        if not homes:
            continue
        zone = rrsets[max(homes, key=len)]
        if change.before is None:
            zone.pop((name, rtype), None)
        else:
            zone[name, rtype] = {**change.before, "name": name, "type": rtype}
    return {zone: {"rrsets": list(found.values())} for zone, found in rrsets.items()}


def _pages_before(bodies: Bodies, changes: list[PlannedChange]) -> Bodies:
    """Pages and redirects that are served now."""
    pages = dict(bodies)
    for change in changes:
        if change.service == "web":
            pages.pop(change.address, None)
            if change.before is not None:
                pages[change.address] = change.before
    return pages


def _compare(slug: str, before: Report, after: Report) -> GradeChange:
    old, new = before.verdicts, after.verdicts
    states_before = {**old.criteria, **old.grades}
    states_after = {**new.criteria, **new.grades}
    return GradeChange(
        collectivity=slug,
        before=before.best,
        before_perhaps=possible_of(old.grades),
        after=after.best,
        after_perhaps=possible_of(new.grades),
        changed={
            code: [states_before[code], states_after[code]]
            for code in states_after
            if states_before[code] != states_after[code]
        },
    )
