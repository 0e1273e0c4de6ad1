# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a name stands on each day of a simulated year, and what is done there."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from bastide.registration import (
    Decision,
    Expiry,
    Notice,
    Occasion,
    Outcome,
    Standing,
    State,
    Step,
    decide,
    milestones,
    outcome_of,
    state_of,
    steps,
)

TERM = dt.date(2028, 2, 29)
DEADLINE = dt.date(2027, 12, 29)
GIVEN_UP = [Notice("non_renewal", dt.date(2027, 12, 29))]
LATE = [Notice("non_renewal", dt.date(2027, 12, 30))]


def journey(notices, policy="tacit"):
    """States in the order a name goes through them, day by day for two years."""
    days = (TERM - dt.timedelta(days=400 - n) for n in range(440))
    states = (state_of(TERM, decide(Expiry(TERM), notices, today, policy), today) for today in days)
    return [state for state, _ in itertools.groupby(states)]


def test_a_name_that_nobody_renews_comes_to_its_alarms_and_into_redemption():
    assert journey([]) == [
        State.ACTIVE,
        State.REMINDER,
        State.DEADLINE_PASSED,
        State.FUNDED_CHECK,
        State.RENEWING,
        State.FAILED,
        State.REDEMPTION,
        State.GONE,
    ]


def test_a_name_that_is_given_up_lapses_after_the_deadline_and_is_gone_after_30_days():
    assert journey(GIVEN_UP) == [
        State.ACTIVE,
        State.REMINDER,
        State.LAPSE_NOTED,
        State.LAPSING,
        State.REDEMPTION,
        State.GONE,
    ]


def test_a_letter_that_came_too_late_changes_nothing_on_the_way():
    assert journey(LATE) == journey([])


@pytest.mark.parametrize(
    ("before", "state"),
    [
        (121, State.ACTIVE),
        (120, State.REMINDER),
        (62, State.REMINDER),  # 29 December: the deadline itself
        (61, State.DEADLINE_PASSED),
        (46, State.DEADLINE_PASSED),
        (45, State.FUNDED_CHECK),
        (31, State.FUNDED_CHECK),
        (30, State.RENEWING),
        (16, State.RENEWING),
        (15, State.FAILED),
        (0, State.FAILED),
        (-1, State.REDEMPTION),
        (-30, State.REDEMPTION),
        (-31, State.GONE),
    ],
)
def test_the_days_on_which_states_change(before, state):
    today = TERM - dt.timedelta(days=before)
    assert state_of(TERM, decide(Expiry(TERM), [], today), today) is state


def test_what_nobody_knows_or_agrees_on_stands_still():
    today = dt.date(2027, 12, 1)
    assert state_of(None, None, today) is State.UNKNOWN
    assert state_of(TERM, Decision.CONFLICT, today) is State.CONFLICT
    for decision in (None, Decision.CONFLICT):
        for auto_renew in (True, False, None):
            assert steps(Standing(TERM, decision, auto_renew, today)) == []


def taken(notices, *, auto_renew, policy="tacit"):
    """Steps by the number of days before the term on which they are taken first."""
    first = {}
    for before in range(400, -40, -1):
        today = TERM - dt.timedelta(days=before)
        decision = decide(Expiry(TERM), notices, today, policy)
        for step in steps(Standing(TERM, decision, auto_renew, today, policy)):
            first.setdefault(step, before)
    return first


def test_automatic_renewal_goes_off_only_for_a_timely_letter_and_only_after_the_deadline():
    assert taken(GIVEN_UP, auto_renew=True) == {Step.AUTO_RENEW_OFF: 61}
    for notices in ([], LATE, [*GIVEN_UP, Notice("withdrawal", DEADLINE)]):
        assert Step.AUTO_RENEW_OFF not in taken(notices, auto_renew=True)


def test_a_name_is_ordered_on_the_30th_day_before_its_term():
    assert taken([], auto_renew=False) == {Step.AUTO_RENEW_ON: 400, Step.RENEW: 30}
    assert taken([], auto_renew=None) == {Step.RENEW: 30}


def test_where_an_order_is_due_automatic_renewal_waits_for_the_new_term():
    for before in (30, 15, 1):
        today = TERM - dt.timedelta(days=before)
        standing = Standing(TERM, Decision.RENEW, auto_renew=False, today=today)
        assert steps(standing) == [Step.RENEW]


def test_where_the_registrar_renews_by_itself_an_order_waits_until_it_should_have():
    assert taken([], auto_renew=True) == {Step.RENEW: 15}


def test_an_express_renewal_is_ordered_only_when_it_was_asked_for():
    assert taken([], auto_renew=False, policy="express") == {}
    asked = [Notice("renewal", dt.date(2027, 11, 1))]
    assert taken(asked, auto_renew=False, policy="express")[Step.RENEW] == 30


def test_nothing_is_bought_for_a_name_that_is_in_redemption():
    today = TERM + dt.timedelta(days=1)
    assert steps(Standing(TERM, Decision.RENEW, auto_renew=False, today=today)) == []


@pytest.mark.parametrize(
    ("expiry", "before", "outcome"),
    [
        (dt.date(2029, 2, 28), 10, Outcome.VERIFIED),
        (dt.date(2029, 2, 28), 29, Outcome.VERIFIED),
        (TERM, 29, Outcome.RENEWING),
        (TERM + dt.timedelta(days=1), 29, Outcome.RENEWING),
        (TERM, 15, Outcome.FAILED),
        (None, 29, Outcome.RENEWING),
    ],
)
def test_an_order_is_verified_once_the_term_has_moved_by_a_year(expiry, before, outcome):
    assert outcome_of(TERM, expiry, TERM - dt.timedelta(days=before)) is outcome


def test_the_days_of_a_calendar_are_in_order_and_a_lapse_has_no_money_in_it():
    days = milestones(TERM, Decision.RENEW)
    assert days == sorted(days)
    assert {m.occasion for m in days} == set(Occasion) - {Occasion.REDEMPTION_ENDS}
    given_up = {m.occasion: m.day for m in milestones(TERM, Decision.LAPSE)}
    assert given_up[Occasion.REDEMPTION_ENDS] == dt.date(2028, 3, 30)
    assert not {Occasion.CHECK_FUNDS, Occasion.RENEW, Occasion.ALARM} & given_up.keys()
