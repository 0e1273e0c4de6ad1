# SPDX-License-Identifier: GPL-3.0-or-later
"""Safety limits: what is counted, at which level, and where the line is."""

from __future__ import annotations

import pytest

from bastide.model import Limit, Safety
from bastide.plan import Plan, PlannedChange
from bastide.plan.safety import breaches

SAFETY = Safety(zone=Limit(0.3, 3), collectivity=Limit(0.5, 4), run=Limit(0.05, 6))


def change(action, address, slug="46/cahors"):
    return PlannedChange(slug, "dns", address, "ns", action, "1", "f.yml", 1, "undeclared")


def found(changes, declared):
    plan = Plan("lab", "c", [], changes)
    by_slug = lambda slug: declared.get(slug, {})  # noqa: E731
    total = sum(len(addresses) for addresses in declared.values())
    return [
        (b.level, b.name, b.taken, b.existing)
        for b in breaches(plan, SAFETY, by_slug, lambda: total)
    ]


def zone(name, records):
    return {f"zone:{name}": None} | {f"rrset:r{n}.{name}./A": None for n in range(records)}


def removed(name, count, slug="46/cahors"):
    return [change("delete", f"rrset:old{n}.{name}./A", slug) for n in range(count)]


def test_the_floor_protects_the_small_change_and_the_share_the_small_zone():
    declared = {"46/cahors": zone("cahors.fr", 2)}
    assert found(removed("cahors.fr", 3), declared) == []
    assert ("zone", "cahors.fr", 4, 6) in found(removed("cahors.fr", 4), declared)


def test_a_large_zone_may_lose_its_share():
    declared = {"46/cahors": zone("cahors.fr", 95)}
    assert found(removed("cahors.fr", 5), declared) == []


def test_one_record_in_each_of_many_zones_stops_at_the_level_of_the_run():
    declared = {f"46/c{n}": zone(f"c{n}.fr", 10) for n in range(7)}
    changes = [c for n in range(7) for c in removed(f"c{n}.fr", 1, f"46/c{n}")]
    assert [level for level, *_ in found(changes, declared)] == ["run"]


def test_suspending_half_a_town_hall_stops_at_the_level_of_the_collectivity():
    declared = {"46/cahors": {f"mailbox:m{n}@cahors.fr": None for n in range(2)}}
    changes = [change("suspend", f"mailbox:gone{n}@cahors.fr") for n in range(5)]
    assert found(changes, declared) == [("collectivity", "46/cahors", 5, 7)]


def test_creating_and_changing_are_never_limited():
    declared = {"46/cahors": zone("cahors.fr", 50)}
    changes = [change("create", a) for a in declared["46/cahors"]]
    changes += [change("update", a) for a in declared["46/cahors"]]
    assert found(changes, declared) == []


def test_a_retired_zone_counts_once_and_not_for_each_record():
    gone = [change("delete", "zone:old.fr"), *removed("old.fr", 20)]
    assert found(gone, {"46/cahors": zone("cahors.fr", 5)}) == []


@pytest.mark.parametrize("names", [("a.fr", "b.a.fr"), ("b.a.fr", "a.fr")])
def test_a_record_counts_in_the_most_specific_zone(names):
    declared = {"46/cahors": zone(names[0], 2) | zone(names[1], 40)}
    assert found(removed("b.a.fr", 4), declared)[:1] == (
        [("zone", "b.a.fr", 4, 6)] if names[0] == "b.a.fr" else []
    )
