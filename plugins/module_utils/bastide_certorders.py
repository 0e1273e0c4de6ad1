# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders what certificates are missing, other than wanted, or due, within the budget.

Used by the bulk module of an apply and by the timer of the host, so that both do the same.  A
name that cannot be proved rests and leaves its certificate; the others of it are ordered again
without it.  Killed anywhere and run again, it goes on: an order is noted before it is made, and a
certificate is there whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_certbudget import MOST_NAMES, Budget, Limits

# Orders that are under way at the same time: the authority looks at their names side by side.
AT_ONCE = 10
# Below this share of its life a certificate comes before those that are not there yet.
URGENT_AFTER = 0.9
# What Let's Encrypt ends its refusals with.
LIMITED = re.compile(r"retry after (\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d) ?(?:UTC|Z)")
SILENT = "the authority does not answer"


@dataclass(slots=True)
class Answer:
    """What became of one order.

    Attributes:
        key: Private key (PEM) and `chain` (PEM), when it was fulfilled.
        refused: Names that the authority could not prove, and its words.
        why: What else stood in the way.
        until: Until when the authority wants no further order (its rate limits).
        silent: It is no use to go on: the authority does not answer, or no name can be proved.
        kind: Which of the faults of proofs by DNS that was (bastide_certdns), empty for others.
    """

    key: str = ""
    chain: str = ""
    refused: dict[str, str] = field(default_factory=dict)
    why: str = ""
    until: datetime | None = None
    silent: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run does not go on; `waits` when that is a limit, and no failure."""

    why: str
    waits: bool = False
    kind: str = ""


class Authority(Protocol):
    """The door to a certification authority."""

    def obtain(self, orders: dict[str, list[str]]) -> Iterator[tuple[str, Answer]]:
        """Order certificates for these names, side by side; each answer as it comes."""


@dataclass(slots=True)
class Report:
    """What a run did: certificates that are new, that wait with the reason, that failed.

    `resting` are those with names that failed in a run before and are not asked for yet; `kinds`
    says of some that failed by which fault (see Answer).
    """

    obtained: list[str] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    resting: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """One look at all certificates of the host."""

    state: store.State
    limits: Limits
    now: datetime
    authority: Callable[[], Authority]
    report: Report = field(default_factory=Report)
    budget: Budget = field(init=False)
    _again: set[str] = field(default_factory=set)
    _made: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits, self.now, self.state.orders)

    def work(self, scope: Iterable[str] | None = None) -> Report:
        """Order what is to be ordered; `scope` are names of certificates, None for all."""
        queue = self._queue(self.state.wanted if scope is None else scope)
        authority: Authority | None = None
        while queue:
            batch = self._batch(queue)
            if not batch:
                break
            authority = authority or self.authority()
            if stop := self._round(authority, batch, queue):
                where = self.report.waiting if stop.waits else self.report.failed
                for stem in queue:
                    where.setdefault(stem, stop.why)
                    if stop.kind:
                        self.report.kinds[stem] = stop.kind
                break
        return self.report

    def _queue(self, stems: Iterable[str]) -> list[str]:
        """What needs an order, the most pressing first."""
        pressing = [(*need, stem) for stem in stems if (need := self._need(stem))]
        return [stem for _, _, stem in sorted(pressing)]

    def _need(self, stem: str) -> tuple[int, datetime] | None:
        """How pressing an order is: rank and time; None when none is needed or possible."""
        wanted, names = self.state.wanted[stem].names, self.names(stem)
        resting = self.state.resting(wanted, self.now)
        if resting:
            limited = all(one.count == 0 for one in resting.values())
            where = self.report.waiting if limited else self.report.resting
            where[stem] = resting_text(resting)
        if not names:
            return None
        held = store.read_certificate(stem)
        if held is None or held.ends <= self.now:
            return 1, self.now
        lost = set(held.names).intersection(wanted).difference(names)
        if lost and held.at(store.ALARM_AFTER) > self.now:
            return None  # what is served to them still is worth more than a new one without them
        if held.at(URGENT_AFTER) <= self.now:
            return 0, held.ends
        if list(held.names) != sorted(names):
            return 1, self.now
        return (2, held.ends) if held.at(store.RENEW_AFTER) <= self.now else None

    def names(self, stem: str) -> list[str]:
        """Names to order for a certificate now: the wanted ones without those that rest."""
        wanted = self.state.wanted[stem].names
        resting = self.state.resting(wanted, self.now)
        return [name for name in wanted if name not in resting][:MOST_NAMES]

    def _batch(self, queue: list[str]) -> dict[str, list[str]]:
        """Take the next orders out of the queue, as far as the budget lets them."""
        batch: dict[str, list[str]] = {}
        while queue and len(batch) < AT_ONCE:
            stem = queue.pop(0)
            names = self.names(stem)
            if objection := self.budget.objection(names):
                self.report.waiting[stem] = objection
                continue
            self._made[stem] = self.budget.spend(names)
            batch[stem] = names
        if batch:
            self.state.save()  # before they are made
        return batch

    def _round(
        self, authority: Authority, batch: dict[str, list[str]], queue: list[str]
    ) -> Stop | None:
        """Make some orders; why it is no use to go on, None when it is."""
        stop, limited = None, 0
        for stem, answer in authority.obtain(batch):
            names = batch[stem]
            if not answer.chain:
                self.budget.in_vain(self._made[stem])
            if answer.chain:
                self._take(stem, names, answer)
            elif answer.until is not None:
                limited += 1
                self._hold(stem, names, answer)
                if limited == len(batch):
                    stop = Stop(answer.why, waits=True)
            elif answer.silent:
                self.report.failed[stem] = answer.why
                if answer.kind:
                    self.report.kinds[stem] = answer.kind
                stop = Stop(answer.why if answer.kind else SILENT, kind=answer.kind)
            elif answer.refused:
                self._refuse(stem, answer, queue)
            else:
                # Nobody knows which name it was: all of them rest.
                for name in names:
                    self.state.fail(name, answer.why, self.now)
                self.report.failed[stem] = answer.why
            self.state.save()
        return stop

    def _take(self, stem: str, names: list[str], answer: Answer) -> None:
        parsed = store.parse((answer.key + answer.chain).encode())
        if parsed is None or list(parsed.names) != sorted(names):
            self.report.failed[stem] = "the authority gave a certificate of other names"
            return
        store.install(stem, answer.key, answer.chain)
        for name in names:
            self.state.failures.pop(name, None)
        self.report.obtained.append(stem)

    def _refuse(self, stem: str, answer: Answer, queue: list[str]) -> None:
        for name, why in answer.refused.items():
            self.state.fail(name, why, self.now)
        self.report.failed[stem] = "; ".join(f"{n}: {w}" for n, w in answer.refused.items())
        # Once more without them, at once: what was proved stays proved.
        if stem not in self._again and self._need(stem):
            self._again.add(stem)
            queue.insert(0, stem)

    def _hold(self, stem: str, names: list[str], answer: Answer) -> None:
        """A limit of the authority after all: its names rest until it says, as no failure."""
        until = (answer.until or self.now + timedelta(hours=1)).isoformat(timespec="seconds")
        for name in names:
            self.state.failures[name] = store.Failure(0, until, answer.why)
        self.report.waiting[stem] = f"{answer.why} (again after {until})"


def limited_until(words: str, now: datetime) -> datetime:
    """Until when a limit of the authority lasts: as it says (Let's Encrypt does), else an hour."""
    found = LIMITED.search(words)
    if found is None:
        return now + timedelta(hours=1)
    return datetime.fromisoformat(f"{found[1]}+00:00")


def resting_text(resting: dict[str, store.Failure]) -> str:
    """What is said of names that rest after a failure."""
    return "; ".join(
        f"{name}: {failure.why} (again after {failure.until})" for name, failure in resting.items()
    )


def limits_of(settings: dict[str, Any]) -> Limits:
    """The limits that the host's settings give."""
    return Limits.of(settings.get("limits") or {})
