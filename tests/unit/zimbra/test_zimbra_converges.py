# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is declared and whatever is there: one run suffices, and what is not ours stays."""

from __future__ import annotations

import copy

from hypothesis import given, settings
from hypothesis import strategies as st
from zimbra_fake import FakeZimbra
from zimbra_town import CAHORS, FIGEAC, client_of, shape

from bastide.targets.zimbra import Driver

DOMAINS = {"cahors.fr": CAHORS, "figeac.fr": FIGEAC}
names = st.builds("{}@{}".format, st.sampled_from("abcd"), st.sampled_from(list(DOMAINS)))
states = st.sampled_from(
    [
        {"state": "active", "delivery": "keep"},
        {"state": "suspended", "delivery": "keep"},
        {"state": "suspended", "delivery": "bounce"},
    ]
)
quotas = st.one_of(st.none(), st.integers(0, 3))
accounts = st.builds(
    lambda state, quota, cos: {**state, "quota": quota, "cos": cos},
    states,
    quotas,
    st.sampled_from([None, "petit"]),
)
members = st.sets(st.one_of(names, st.sampled_from(["x@example.org"])), min_size=1)
resources = st.builds(
    lambda state, kind, name: {**state, "type": kind, "name": name},
    states,
    st.sampled_from(["Location", "Equipment"]),
    st.sampled_from(["Salle", "Véhicule <1>"]),
)
# One thing for each name: names that are claimed twice have tests of their own.
things = st.dictionaries(
    names,
    st.one_of(
        st.tuples(st.just("account"), accounts),
        st.tuples(st.just("list"), members.map(sorted)),
        st.tuples(st.just("resource"), resources),
        st.tuples(st.just("alias"), names),
    ),
    max_size=8,
)


@st.composite
def declared(draw):
    found = {"cos:petit": (CAHORS, {"quota": draw(st.integers(0, 2))})}
    found |= {f"domain:{domain}": (siren, {}) for domain, siren in DOMAINS.items()}
    drawn = draw(things)
    for name, (kind, body) in drawn.items():
        siren = DOMAINS[name.partition("@")[2]]
        if kind == "alias":
            if drawn.get(body, ("",))[0] == "account" and body.endswith(name.partition("@")[2]):
                found[f"alias:{name}"] = (siren, {"account": body})
        elif kind == "list":
            others = [one for one in body if one != name]
            if others:
                found[f"list:{name}"] = (siren, {"members": others})
        else:
            found[f"{kind}:{name}"] = (siren, body)
    return found


def held_by_kept(before, wanted):
    """Names in `wanted` that an account or a resource of before holds and cannot give up."""
    kinds = {address.partition(":")[2]: address.partition(":")[0] for address in before}
    return {
        address
        for address in wanted
        if kinds.get(address.partition(":")[2]) in {"account", "resource"} and address not in before
    }


@settings(deadline=None)
@given(before=declared(), wanted=declared())
def test_one_run_suffices(before, wanted):
    zimbra = FakeZimbra(cap=9)
    driver = Driver(client_of(zimbra))
    assert driver.run(before).failed == []
    plan = driver.plan(wanted)
    outcome = driver.run(wanted, expect=plan.digest)
    stuck = held_by_kept(before, wanted)
    failed = {one["address"] for one in outcome.failed}
    # An alias of an account that cannot be made cannot be either.
    assert failed >= stuck
    assert {a for a in failed - stuck if not a.startswith("alias:")} == set()
    assert outcome.changes == [c for c in plan.changes if c["address"] not in failed]
    again = driver.run(wanted)
    assert again.changes == []
    assert {one["address"] for one in again.failed} == failed
    for address in before:
        if address.startswith(("account:", "resource:")):
            kind, _, name = address.partition(":")
            element = {"resource": "calresource"}.get(kind, kind)
            assert f"{element}:{name}" in shape(zimbra)


foreigners = st.dictionaries(
    st.builds("{}@{}".format, st.sampled_from("abcdef"), st.sampled_from(list(DOMAINS))),
    st.tuples(
        st.sampled_from(["account", "dl"]),
        st.sampled_from([None, "bastide:999999999", "bastide:", "note", f"x bastide:{CAHORS}"]),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(there=foreigners, wanted=declared(), second=declared())
def test_what_is_not_ours_is_never_touched(there, wanted, second):
    zimbra = FakeZimbra()
    for domain, siren in DOMAINS.items():
        zimbra.directory.create("domain", domain, {"zimbraNotes": [f"bastide:{siren}"]})
    for name, (kind, notes) in there.items():
        marks = {"zimbraNotes": [notes]} if notes else {}
        key = zimbra.directory.create(kind, name, marks)
        if kind == "account":
            zimbra.directory.add_alias(key, f"alias-{name}")
        else:
            zimbra.directory.add_members(key, ["y@example.org"])
    before = copy.deepcopy(shape(zimbra))
    driver = Driver(client_of(zimbra))
    for one in (wanted, second):
        outcome = driver.run(one)
        told = {entry["address"].partition(":")[2] for entry in outcome.left_alone}
        assert told >= there.keys()
        after = shape(zimbra)
        assert {a: after.get(a) for a in before if "@" in a} == {
            a: found for a, found in before.items() if "@" in a
        }
