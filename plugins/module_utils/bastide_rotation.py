# SPDX-License-Identifier: GPL-3.0-or-later
"""How one generation of DKIM keys takes over from another; pure, every case in a table of tests.

A generation has one of two places, under whose names it is published; its successor takes the
other.  It is made, then published by the name servers, then *seen* at each of them.  Once no
cache can hold anything older, it signs, and the former one no longer does; that one stays
published until what it signed has arrived, and its place is then free.  So there is no moment in
which something is signed that cannot be verified.

Imports nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

PLACES = (1, 2)


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of keys on one host; times are seconds of Unix.

    `made` is when; `seen` since when every name server has been found to give it; `signs` since
    when it signs; `left` since when it no longer does.
    """

    number: int
    place: int
    made: int
    seen: int | None = None
    signs: int | None = None
    left: int | None = None

    @property
    def signing(self) -> bool:
        """True while mail is signed with it."""
        return self.signs is not None and self.left is None

    @property
    def data(self) -> dict[str, Any]:
        """As plain JSON; :func:`from_data` is the way back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: `wait` until no cache holds what was there before, `grace` for mail on its way.

    Postfix tries for five days (maximal_queue_lifetime), and whoever gets mail on verifies later.
    """

    wait: int
    grace: int


Generations = tuple[Generation, ...]


def advance(
    known: Generations, wanted: int, now: int, visible: Container[int], pace: Pace
) -> Generations:
    """The generations after one look at the clock and the name servers.

    Args:
        known: Those there are, at most two.
        wanted: The generation that platform.yml asks for.
        now: The time.
        visible: Numbers of those that every name server gives now.
        pace: How long things take.

    Returns:
        Them, moved on as far as is safe: withdrawn, seen, signing, made; in the order of numbers.
    """
    kept = [one for one in known if not _over(one, now, pace)]
    looked = [_looked_at(one, now, number_visible=one.number in visible) for one in kept]
    moved = _switched(looked, now, pace)
    return tuple(_with_next(moved, wanted, now))


def is_due(known: Generations, wanted: int, now: int, pace: Pace) -> bool:
    """True when a run has something to do, or to look at; False while it can only wait."""
    waiting = [one for one in known if one.signs is None]
    if any(one.seen is None for one in waiting):
        return True
    everywhere = {one.number for one in waiting}
    return advance(known, wanted, now, everywhere, pace) != known


def first(wanted: int, now: int) -> Generations:
    """Where nothing was before."""
    return (Generation(wanted, PLACES[0], now),)


def _over(one: Generation, now: int, pace: Pace) -> bool:
    return one.left is not None and now - one.left >= pace.grace


def _looked_at(one: Generation, now: int, *, number_visible: bool) -> Generation:
    if one.signs is not None:
        return one
    if not number_visible:
        # It was there and is gone: some cache may know that by now.
        return replace(one, seen=None)
    return one if one.seen is not None else replace(one, seen=now)


def _switched(known: list[Generation], now: int, pace: Pace) -> list[Generation]:
    signing = [one for one in known if one.signing]
    # A name that never was has never been asked for: where nothing signs yet, nobody need wait.
    wait = pace.wait if signing else 0
    ready = [
        one
        for one in known
        if one.signs is None and one.seen is not None and now - one.seen >= wait
    ]
    if not ready:
        return known
    takes = max(ready, key=lambda one: one.number)
    return [
        replace(one, signs=now) if one is takes else replace(one, left=now) if one.signing else one
        for one in known
    ]


def _with_next(known: list[Generation], wanted: int, now: int) -> list[Generation]:
    if not known:
        return list(first(wanted, now))
    newest = max(one.number for one in known)
    # The next one needs a place, and somebody who signs until it can.
    if wanted > newest and len(known) == 1 and known[0].signing:
        [place] = (place for place in PLACES if place != known[0].place)
        return [*known, Generation(wanted, place, now)]
    return known


def from_data(data: object) -> Generations:
    """Generations out of :attr:`Generation.data`, in the order of numbers.

    Raises:
        ValueError: When it is something else.
    """
    try:
        found = [Generation(**one) for one in data]  # type: ignore[attr-defined]
    except TypeError as error:
        raise ValueError(f"no generations of keys: {error}") from None
    numbers = {one.number for one in found}
    whole = all(_is_time(value) for one in found for value in one.data.values())
    if not whole or len(numbers) < len(found) or not _places_fit(found):
        raise ValueError("no generations of keys")
    return tuple(sorted(found, key=lambda one: one.number))


def _places_fit(found: Iterable[Generation]) -> bool:
    places = [one.place for one in found]
    return set(places) <= set(PLACES) and len(set(places)) == len(places)


def _is_time(value: object) -> bool:
    return value is None or type(value) is int
