# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation of DKIM keys: the whole table of steps, and what holds whatever happens."""

from __future__ import annotations

import pytest
from ansible.module_utils.bastide_rotation import (
    Generation,
    Pace,
    advance,
    first,
    from_data,
    is_due,
)
from hypothesis import given
from hypothesis import strategies as st

PACE = Pace(wait=3600, grace=86400)
NOW = 1_000_000


def gen(number, place, **times):
    return Generation(number, place, times.pop("made", 0), **times)


SIGNS = gen(1, 1, seen=0, signs=0)
STEPS = {
    "nothing is there: the first is made": ([], 1, (), [gen(1, 1, made=NOW)]),
    "it starts at any number": ([], 7, (), [gen(7, 1, made=NOW)]),
    "not seen yet: it does not sign": ([gen(1, 1)], 1, (), [gen(1, 1)]),
    "the first signs as soon as it is seen": (
        *([gen(1, 1)], 1, {1}),
        [gen(1, 1, seen=NOW, signs=NOW)],
    ),
    "at rest": ([SIGNS], 1, {1}, [SIGNS]),
    "at rest, whatever the name servers say": ([SIGNS], 1, (), [SIGNS]),
    "a lower number asks for nothing": ([gen(5, 1, seen=0, signs=0)], 4, {5}, None),
    "a higher number: the next is made in the other place": (
        *([SIGNS], 2, {1}),
        [SIGNS, gen(2, 2, made=NOW)],
    ),
    "the other place may be the first": (
        *([gen(2, 2, seen=0, signs=0)], 9, {2}),
        [gen(2, 2, seen=0, signs=0), gen(9, 1, made=NOW)],
    ),
    "the next is not seen: the old one signs": ([SIGNS, gen(2, 2)], 2, {1}, None),
    "the next is seen: caches are waited for": (
        *([SIGNS, gen(2, 2)], 2, {1, 2}),
        [SIGNS, gen(2, 2, seen=NOW)],
    ),
    "a second too early": ([SIGNS, gen(2, 2, seen=NOW - 3599)], 2, {1, 2}, None),
    "in time: the next signs, the old one leaves": (
        *([SIGNS, gen(2, 2, seen=NOW - 3600)], 2, {1, 2}),
        [gen(1, 1, seen=0, signs=0, left=NOW), gen(2, 2, seen=NOW - 3600, signs=NOW)],
    ),
    "it was seen and is gone: from the beginning": (
        *([SIGNS, gen(2, 2, seen=NOW - 3600)], 2, {1}),
        [SIGNS, gen(2, 2)],
    ),
    "the old one stays for what is on its way": (
        *([gen(1, 1, seen=0, signs=0, left=NOW - 86399), gen(2, 2, seen=1, signs=1)], 2, {1, 2}),
        None,
    ),
    "then it is withdrawn": (
        *([gen(1, 1, seen=0, signs=0, left=NOW - 86400), gen(2, 2, seen=1, signs=1)], 2, {1, 2}),
        [gen(2, 2, seen=1, signs=1)],
    ),
    "a third waits for a place": (
        *([gen(1, 1, seen=0, signs=0, left=NOW - 9), gen(2, 2, seen=1, signs=1)], 3, {1, 2}),
        None,
    ),
    "and takes it at once": (
        *([gen(1, 1, seen=0, signs=0, left=0), gen(2, 2, seen=1, signs=1)], 3, {1, 2}),
        [gen(2, 2, seen=1, signs=1), gen(3, 1, made=NOW)],
    ),
    "a third waits for the second to sign": ([SIGNS, gen(2, 2, seen=NOW - 9)], 3, {1, 2}, None),
    "a clock that was put back hurries nothing": (
        *([SIGNS, gen(2, 2, seen=NOW + 99_999)], 2, {1, 2}),
        None,
    ),
}


@pytest.mark.parametrize("case", STEPS)
def test_step(case):
    known, wanted, visible, after = STEPS[case]
    expected = tuple(known if after is None else after)
    assert advance(tuple(known), wanted, NOW, visible, PACE) == expected


@pytest.mark.parametrize("case", STEPS)
def test_a_run_is_asked_for_where_it_would_do_something_and_else_not(case):
    known, wanted, _, after = STEPS[case]
    unseen = any(one.signs is None and one.seen is None for one in known)
    moves = after is not None and after != known
    assert is_due(tuple(known), wanted, NOW, PACE) == (unseen or moves)


class World:
    """Name servers that publish late, and caches that keep what they had, as real ones do."""

    def __init__(self):
        self.known = first(1, 0)
        self.published = {}  # place → number
        self.cached_until = {}  # (place, number that a cache may still give) → time
        self.now = 0

    def publish(self):
        told = {one.place: one.number for one in self.known}
        for place in (1, 2):
            before = self.published.get(place)
            if before != told.get(place):
                self.cached_until[place, before] = self.now + PACE.wait
                self.published[place] = told.get(place)

    def run(self, wanted):
        visible = {one.number for one in self.known if self.published.get(one.place) == one.number}
        self.known = advance(self.known, wanted, self.now, visible, PACE)

    def verifiable(self, one):
        """Whoever asks now, whatever their cache holds, gets the key of `one`."""
        stale = [
            number
            for (place, number), until in self.cached_until.items()
            if place == one.place
            and until > self.now
            and number != one.number
            # Nobody asked for a name before anything was signed under it.
            and not (number is None and one.number == 1)
        ]
        return self.published.get(one.place) == one.number and not stale


STEP = st.one_of(
    st.tuples(st.just("pass"), st.sampled_from([1, 60, 3599, 3600, 86399, 86400, 400_000])),
    st.tuples(st.just("publish"), st.just(0)),
    st.tuples(st.just("run"), st.integers(1, 6)),
)


@given(st.lists(STEP, max_size=60))
def test_on_any_journey_whatever_signs_can_be_verified_and_what_it_signed_arrives(journey):
    world, signed = World(), {}
    for step, value in journey:
        if step == "pass":
            world.now += value
        elif step == "publish":
            world.publish()
        else:
            world.run(value)
        assert len(world.known) <= 2
        assert sum(one.signing for one in world.known) <= 1
        for one in world.known:
            if one.signing:
                assert world.verifiable(one)
                signed[one.number] = world.now
        for number, last in signed.items():
            if world.now - last < PACE.grace:
                assert number in {one.number for one in world.known}
                assert number in world.published.values()


@given(st.lists(STEP, max_size=30))
def test_generations_come_back_from_their_file(journey):
    world = World()
    for step, value in journey:
        world.now += value if step == "pass" else 0
        if step == "publish":
            world.publish()
        if step == "run":
            world.run(value)
    assert from_data([one.data for one in world.known]) == world.known


@pytest.mark.parametrize(
    "data",
    [
        *(None, 1, "x", [1], [{}], [{"number": 1}]),
        [gen(1, 3).data],
        [gen(1, 1).data, gen(1, 2).data],
        [gen(1, 1).data, gen(2, 1).data],
        [{**gen(1, 1).data, "seen": "x"}],
    ],
)
def test_a_damaged_file_is_told(data):
    with pytest.raises(ValueError, match="no generations"):
        from_data(data)
