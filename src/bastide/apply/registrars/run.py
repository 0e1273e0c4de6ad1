# SPDX-License-Identifier: GPL-3.0-or-later
"""One run over the names of a fleet: automatic renewal as the rule wants it, and orders due.

Nothing is done on what was observed a while ago: before an order the registrar is asked for the
term once more, and what an earlier run may have ordered is cleared up first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bastide.apply.registrars import kinds
from bastide.apply.registrars.guards import Allowance
from bastide.apply.registrars.ledger import LISTED, Key, Ledger, Record
from bastide.diagnostics import BastideError, Diagnostic, Kind, diagnose
from bastide.registration import Outcome, Step, outcome_of, paris_date
from bastide.targets.registrars import Accounts, Refused, Registrar
from bastide.targets.registrars.observe import Situation

# As long as a registrar that cannot trace an order may take to carry it out.
UNTRACEABLE = dt.timedelta(hours=48)
_EXPECTED = {Step.AUTO_RENEW_ON: True, Step.AUTO_RENEW_OFF: False}


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done, or with `check` would be: a step, and what it cost."""

    domain: str
    what: Step
    registrar: str
    price: Decimal | None = None
    reference: str = ""


@dataclass(slots=True)
class Run:
    """What a run did; `faults` is empty when everything due was done."""

    done: list[Done] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)

    @property
    def spent(self) -> Decimal:
        """Euros before tax."""
        return sum((one.price or Decimal(0) for one in self.done), Decimal(0))


def run(
    situations: Iterable[Situation],
    accounts: Accounts,
    ledger: Ledger | None,
    allowed: Allowance,
    now: dt.datetime,
    line_of: Callable[[Situation], int] = lambda _situation: 0,
) -> Run:
    """Do what is due for `situations`; without `ledger` only say what that is.

    One name that fails never stops the others.  `line_of` gives the line of a name in its file,
    for the journal.
    """
    worker = _Worker(accounts, ledger, allowed, now, line_of)
    for situation in situations:
        try:
            worker.clear_up(situation)
            for step in situation.steps:
                worker.take(situation, step)
        except BastideError as error:
            worker.run.faults += error.diagnostics
    return worker.run


class _Worker:
    """Goes from name to name; knows what it has spent."""

    def __init__(
        self,
        accounts: Accounts,
        ledger: Ledger | None,
        allowed: Allowance,
        now: dt.datetime,
        line_of: Callable[[Situation], int],
    ) -> None:
        self._accounts, self._ledger = accounts, ledger
        self._line_of = line_of
        self._allowed, self._now = allowed, now
        self.run = Run()

    def clear_up(self, situation: Situation) -> None:
        """Note orders of earlier runs that were carried out meanwhile, and tell those that hang."""
        if self._ledger is None:
            return
        for key, record in self._ledger.placed().items():
            if key.domain != situation.domain or key.kind != "renew":
                continue
            term = dt.date.fromisoformat(key.term)
            outcome = outcome_of(term, situation.expiry.day, paris_date(self._now))
            if outcome is Outcome.VERIFIED:
                change = self._change(situation, "verify")
                self._ledger.conclude(key, self._now, change, "verified", record.reference)
            elif outcome is Outcome.FAILED:
                facts = {"reference": record.reference, "term": key.term}
                self._fault(kinds.STUCK, situation, **facts)

    def take(self, situation: Situation, step: Step) -> None:
        """Do one step for one name."""
        registrar = self._accounts.registrar(str(situation.registrar))
        if step is Step.RENEW:
            self._renew(situation, registrar)
            return
        on = _EXPECTED[step]
        if self._ledger is not None:
            registrar.set_auto_renew(situation.domain, on=on)
            self._ledger.switched(self._now, self._change(situation, step.value), on=on)
        self.run.done.append(Done(situation.domain, step, str(situation.registrar)))

    def _renew(self, situation: Situation, registrar: Registrar) -> None:
        held = registrar.holding(situation.domain)
        if held is None:
            self._fault(kinds.NOT_HELD, situation)
            return
        term = situation.expiry.day
        if term is None or (held.expiry is not None and held.expiry > term + dt.timedelta(days=1)):
            return  # renewed since it was observed
        key = Key(situation.domain, "renew", term.isoformat())
        key = self._ledger.same_term(key) if self._ledger else key
        if not self._may_order(situation, registrar, key):
            return
        price = self._price(situation, registrar)
        if price is None:
            return
        if self._ledger is None:
            self.run.done.append(
                Done(situation.domain, Step.RENEW, str(situation.registrar), price)
            )
            return
        change = self._change(situation, "renew")
        self._ledger.intend(key, self._now, change, price)
        try:
            placed = registrar.renew(situation.domain, self._allowed.order)
        except Refused:
            self._ledger.conclude(key, self._now, change, "refused")
            raise
        self._ledger.conclude(key, self._now, change, "placed", placed.reference)
        registrar_name = str(situation.registrar)
        done = Done(situation.domain, Step.RENEW, registrar_name, price, placed.reference)
        self.run.done.append(done)

    def _may_order(self, situation: Situation, registrar: Registrar, key: Key) -> bool:
        """False when this term was ordered already, or may have been."""
        record = self._ledger.record(key) if self._ledger else None
        if record is None or record.outcome in {"refused", "never-placed"}:
            return True
        if record.outcome is not None:
            return False
        return self._cleared(situation, registrar, key, record)

    def _cleared(
        self, situation: Situation, registrar: Registrar, key: Key, record: Record
    ) -> bool:
        """Whether an intention without an end is known not to have become an order."""
        assert self._ledger is not None  # noqa: S101 - it gave the record
        trace = registrar.trace(situation.domain, key.kind, record.since)
        change = self._change(situation, "renew")
        if trace not in {"none", "unknown"}:
            reference = trace.reference  # type: ignore[union-attr] # the words are excluded
            self._ledger.conclude(key, self._now, change, "placed", reference)
            return False
        until = record.since + (LISTED if trace == "none" else UNTRACEABLE)
        if self._now < until:
            since, end = (f"{d:%Y-%m-%d %H:%M} UTC" for d in (record.since, until))
            self._fault(kinds.HELD_BACK, situation, since=since, until=end)
            return False
        self._ledger.conclude(key, self._now, change, "never-placed")
        return True

    def _price(self, situation: Situation, registrar: Registrar) -> Decimal | None:
        """What it costs, if it may cost that much."""
        price = registrar.price(situation.domain, "renew")
        if price is None:
            self._fault(kinds.NO_PRICE, situation)
            return None
        ceiling = self._allowed.order
        if price > ceiling:
            self._fault(kinds.OVER_ORDER, situation, price=price, ceiling=ceiling)
            return None
        total = self._allowed.run
        if total is not None and self.run.spent + price > total:
            self._fault(kinds.OVER_RUN, situation, price=price, ceiling=total)
            return None
        return price

    def _fault(self, kind: Kind, situation: Situation, **facts: object) -> None:
        told: dict[str, Any] = {**facts, "domain": situation.domain}
        told |= {"registrar": situation.registrar}
        path = f"domains.{situation.name}.registration"
        self.run.faults.append(diagnose(kind, situation.file, path=path, **told))

    def _change(self, situation: Situation, action: str) -> dict[str, Any]:
        return change_of(situation, action, self._line_of(situation))


def change_of(situation: Situation, action: str, line: int) -> dict[str, Any]:
    """As the journal holds a change, so that `audit` shows it with those of applies."""
    return {
        "action": action,
        "address": f"registration:{situation.domain}",
        "host": situation.registrar,
        "collectivity": situation.slug,
        "file": situation.file,
        "line": line,
    }
