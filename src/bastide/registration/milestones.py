# SPDX-License-Identifier: GPL-3.0-or-later
"""The days that matter before a term, for lists and calendars."""

from __future__ import annotations

import datetime as dt
import enum
from typing import NamedTuple

from bastide.registration.days import REDEMPTION, notice_deadline
from bastide.registration.decide import Decision
from bastide.registration.states import ALARM, CHECK_FUNDS, REMIND, RENEW


class Occasion(enum.StrEnum):
    """Why a day matters."""

    REMIND = "remind"
    DEADLINE = "deadline"
    CHECK_FUNDS = "check_funds"
    RENEW = "renew"
    ALARM = "alarm"
    LAST_WEEK = "last_week"
    LAST_DAY = "last_day"
    EXPIRY = "expiry"
    REDEMPTION_ENDS = "redemption_ends"


class Milestone(NamedTuple):
    """One day and why it matters."""

    day: dt.date
    occasion: Occasion


_BEFORE = {
    Occasion.REMIND: REMIND,
    Occasion.CHECK_FUNDS: CHECK_FUNDS,
    Occasion.RENEW: RENEW,
    Occasion.ALARM: ALARM,
    Occasion.LAST_WEEK: dt.timedelta(days=7),
    Occasion.LAST_DAY: dt.timedelta(days=1),
}
_OF_A_LAPSE = frozenset({Occasion.REMIND})


def milestones(expiry: dt.date, decision: Decision | None) -> list[Milestone]:
    """The days before and after `expiry`, in order.

    A name that is given up needs no money and no alarms, but has a redemption that ends.
    """
    lapses = decision is Decision.LAPSE
    found = [
        Milestone(expiry - before, occasion)
        for occasion, before in _BEFORE.items()
        if not lapses or occasion in _OF_A_LAPSE
    ]
    found += [
        Milestone(notice_deadline(expiry), Occasion.DEADLINE),
        Milestone(expiry, Occasion.EXPIRY),
    ]
    if lapses:
        found.append(Milestone(expiry + REDEMPTION, Occasion.REDEMPTION_ENDS))
    return sorted(found)
