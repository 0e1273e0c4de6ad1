# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a name stands between two terms, and what is to be done there.

A name that is kept::

    active → reminder → deadline_passed → funded_check → renewing → failed
            J-120      deadline          J-45           J-30       J-15

and begins anew, `active`, once its term has moved.  A name that is given up::

    active → reminder → lapse_noted → lapsing → redemption → gone
                        notice        deadline  term         30 days later

A name that nobody renewed in time comes into redemption too, where only its registrar can
bring it back.  All of it is a function of dates: nothing is stored but the orders.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from bastide.registration.days import REDEMPTION, notice_deadline
from bastide.registration.decide import Decision
from bastide.registration.notice import Policy


class State(enum.StrEnum):
    """Where a name stands."""

    UNKNOWN = "unknown"
    CONFLICT = "conflict"
    ACTIVE = "active"
    REMINDER = "reminder"
    DEADLINE_PASSED = "deadline_passed"
    FUNDED_CHECK = "funded_check"
    RENEWING = "renewing"
    FAILED = "failed"
    LAPSE_NOTED = "lapse_noted"
    LAPSING = "lapsing"
    REDEMPTION = "redemption"
    GONE = "gone"


class Outcome(enum.StrEnum):
    """What became of an order to renew."""

    RENEWING = "renewing"
    VERIFIED = "verified"
    FAILED = "failed"


REMIND = dt.timedelta(days=120)
CHECK_FUNDS = dt.timedelta(days=45)
RENEW = dt.timedelta(days=30)
ALARM = dt.timedelta(days=15)
# A term moves by a year; registries count in whole years, of 365 or 366 days.
_MOVED = dt.timedelta(days=360)


def state_of(expiry: dt.date | None, decision: Decision | None, today: dt.date) -> State:
    """The state of a name whose term ends on `expiry`, None for one that nobody knows."""
    if expiry is None or decision is None:
        return State.UNKNOWN
    if decision is Decision.CONFLICT:
        return State.CONFLICT
    left = expiry - today
    if left < dt.timedelta(0):
        return State.REDEMPTION if -left <= REDEMPTION else State.GONE
    passed = today > notice_deadline(expiry)
    if decision is Decision.LAPSE:
        return State.LAPSING if passed else State.LAPSE_NOTED
    return _state_of_a_kept_one(left, passed=passed)


def _state_of_a_kept_one(left: dt.timedelta, *, passed: bool) -> State:
    if left <= ALARM:
        return State.FAILED
    if left <= RENEW:
        return State.RENEWING
    if left <= CHECK_FUNDS:
        return State.FUNDED_CHECK
    if passed:
        return State.DEADLINE_PASSED
    return State.REMINDER if left <= REMIND else State.ACTIVE


def outcome_of(ordered_for: dt.date, expiry: dt.date | None, today: dt.date) -> Outcome:
    """What became of the order for the term `ordered_for`, now that the term is `expiry`."""
    if expiry is not None and expiry - ordered_for >= _MOVED:
        return Outcome.VERIFIED
    return Outcome.FAILED if ordered_for - today <= ALARM else Outcome.RENEWING


class Step(enum.StrEnum):
    """What the operator does next."""

    AUTO_RENEW_ON = "auto_renew_on"
    AUTO_RENEW_OFF = "auto_renew_off"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about one name on one day."""

    expiry: dt.date | None
    decision: Decision | None
    auto_renew: bool | None
    today: dt.date
    policy: Policy = "tacit"

    @property
    def state(self) -> State:
        """Where it stands."""
        return state_of(self.expiry, self.decision, self.today)


def steps(standing: Standing) -> list[Step]:
    """What is to be done at the registrar; one thing at a time.

    Automatic renewal is the safety net of a name that is kept: on from the start, and off only
    for a timely notice, once the deadline has made it final.  Where it is on the registrar
    renews by itself, so that an order is placed only when it has not by J-15; and where an order
    is due it stays off until the term has moved, lest both renew at once.
    """
    state, decision = standing.state, standing.decision
    if state is State.LAPSING:
        return [Step.AUTO_RENEW_OFF] if standing.auto_renew else []
    if decision is None or state in _NOTHING_TO_DO:
        return []
    due = state is State.FAILED or (state is State.RENEWING and not standing.auto_renew)
    if decision.renews and due:
        return [Step.RENEW]
    kept = decision.renews or (decision is Decision.PENDING and standing.policy == "tacit")
    return [Step.AUTO_RENEW_ON] if kept and standing.auto_renew is False else []


_NOTHING_TO_DO = frozenset(
    {State.UNKNOWN, State.CONFLICT, State.LAPSE_NOTED, State.REDEMPTION, State.GONE}
)
