# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of the convention: what happens at a term, by the day a letter was received."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.registration import (
    Decision,
    Expiry,
    Notice,
    decide,
    months_before,
    notice_deadline,
    paris_date,
)

RENEW, LAPSE, PENDING = Decision.RENEW, Decision.LAPSE, Decision.PENDING
LATE, CONFLICT = Decision.LATE_NOTICE, Decision.CONFLICT
TERM = dt.date(2027, 3, 14)
DEADLINE = dt.date(2027, 1, 14)


def day(text):
    return dt.date.fromisoformat(text)


def no(received_on):
    return Notice("non_renewal", day(received_on))


def back(received_on):
    return Notice("withdrawal", day(received_on))


def please(received_on):
    return Notice("renewal", day(received_on))


@pytest.mark.parametrize(
    ("expiry", "deadline"),
    [
        ("2027-03-14", "2027-01-14"),
        ("2027-04-30", "2027-02-28"),
        ("2028-04-30", "2028-02-29"),
        ("2028-04-29", "2028-02-29"),
        ("2027-04-29", "2027-02-28"),
        ("2027-04-28", "2027-02-28"),
        ("2027-12-31", "2027-10-31"),
        ("2027-08-31", "2027-06-30"),
        ("2028-02-29", "2027-12-29"),
        ("2027-01-31", "2026-11-30"),
        ("2027-02-01", "2026-12-01"),
        ("2027-01-01", "2026-11-01"),
    ],
)
def test_the_deadline_is_two_calendar_months_before_the_term_and_never_past_a_months_end(
    expiry, deadline
):
    assert notice_deadline(day(expiry)) == day(deadline)


@pytest.mark.parametrize(
    ("instant", "in_paris"),
    [
        ("2027-01-14T22:59:59+00:00", "2027-01-14"),
        ("2027-01-14T23:00:00+00:00", "2027-01-15"),  # winter: an hour ahead
        ("2027-07-14T21:59:59+00:00", "2027-07-14"),
        ("2027-07-14T22:00:00+00:00", "2027-07-15"),  # summer: two
        ("2027-03-27T23:30:00+00:00", "2027-03-28"),  # the night the clocks go forward
        ("2027-10-30T22:30:00+00:00", "2027-10-31"),  # and the night they go back
        ("2027-10-31T22:59:59+00:00", "2027-10-31"),
        ("2027-01-14T18:00:00-06:00", "2027-01-15"),
        ("2027-01-15T08:00:00+12:00", "2027-01-14"),
        ("2027-01-14T23:30:00", "2027-01-15"),  # without zone: UTC
    ],
)
def test_an_instant_is_the_day_that_is_on_in_paris(instant, in_paris):
    assert paris_date(dt.datetime.fromisoformat(instant)) == day(in_paris)


@pytest.mark.parametrize(
    ("notices", "today", "decision"),
    [
        ([], "2026-06-01", PENDING),
        ([], "2027-01-14", PENDING),  # the last day is still theirs
        ([], "2027-01-15", RENEW),
        ([], "2027-03-14", RENEW),
        ([no("2027-01-14")], "2027-01-14", LAPSE),
        ([no("2027-01-14")], "2027-03-01", LAPSE),
        ([no("2027-01-15")], "2027-01-15", LATE),
        ([no("2027-03-14")], "2027-03-14", LATE),
        ([no("2026-12-01")], "2026-11-30", PENDING),  # it has not come yet
        ([no("2026-12-01"), back("2026-12-10")], "2026-12-15", PENDING),
        ([no("2026-12-01"), back("2026-12-10")], "2027-01-15", RENEW),
        ([no("2026-12-01"), back("2027-02-10")], "2027-02-09", LAPSE),
        ([no("2026-12-01"), back("2027-02-10")], "2027-02-10", RENEW),  # late, but they keep it
        ([no("2026-12-01"), back("2026-12-10"), no("2026-12-20")], "2027-02-01", LAPSE),
        ([no("2026-12-01"), back("2026-12-10"), no("2027-01-20")], "2027-02-01", LATE),
        ([no("2026-12-01"), no("2027-01-20")], "2027-02-01", LAPSE),
        ([no("2026-12-01"), back("2026-12-01")], "2026-12-01", PENDING),  # order of the file
        ([back("2026-12-01"), no("2026-12-01")], "2026-12-01", LAPSE),
        ([back("2026-11-01")], "2027-02-01", RENEW),
        # Too late for the term of 2026, and in time for this one.
        ([no("2026-02-20")], "2026-06-01", LAPSE),
    ],
)
def test_a_tacit_renewal(notices, today, decision):
    assert decide(Expiry(registrar=TERM), notices, day(today)) is decision


@pytest.mark.parametrize(
    ("notices", "today", "decision"),
    [
        ([], "2027-03-13", PENDING),  # silence neither renews nor gives up
        ([please("2026-12-01")], "2027-01-15", RENEW),
        ([please("2026-03-10")], "2027-01-15", PENDING),  # asked for the term before
        ([please("2026-12-01"), no("2026-12-20")], "2027-01-15", LAPSE),
        ([please("2026-12-01"), no("2026-12-20"), back("2027-01-02")], "2027-01-15", RENEW),
        ([no("2027-01-14")], "2027-01-15", LAPSE),
        ([no("2027-01-15")], "2027-01-15", PENDING),
    ],
)
def test_an_express_renewal(notices, today, decision):
    assert decide(Expiry(registrar=TERM), notices, day(today), "express") is decision


@pytest.mark.parametrize(
    ("registrar", "rdap", "conflict"),
    [
        ("2027-03-14", "2027-03-14", False),
        ("2027-03-14", "2027-03-15", False),
        ("2027-03-15", "2027-03-14", False),
        ("2027-03-14", "2027-03-16", True),
        ("2028-03-14", "2027-03-14", True),
        ("2027-03-14", None, False),
        (None, "2027-03-14", False),
    ],
)
def test_sources_more_than_a_day_apart_stop_every_decision(registrar, rdap, conflict):
    expiry = Expiry(registrar and day(registrar), rdap and day(rdap))
    decision = decide(expiry, [no("2026-12-01")], day("2027-02-01"))
    assert (decision is CONFLICT) is conflict
    assert expiry.day == min(day(d) for d in (registrar, rdap) if d)


def test_a_term_that_nobody_knows_is_not_decided():
    with pytest.raises(ValueError, match="no source"):
        decide(Expiry(), [], day("2027-02-01"))


def test_a_late_notice_ends_the_term_after():
    letter = [no("2027-01-20")]
    assert decide(Expiry(TERM), letter, day("2027-03-01")) is LATE
    assert decide(Expiry(TERM.replace(year=2028)), letter, day("2027-03-20")) is LAPSE


DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2100, 12, 31))
NOTICES = st.lists(
    st.builds(Notice, st.sampled_from(["non_renewal", "withdrawal"]), DAYS), max_size=5
)


@given(DAYS, DAYS)
def test_deadlines_never_go_back_while_terms_go_forward(one, other):
    early, late = sorted([one, other])
    assert notice_deadline(early) <= notice_deadline(late) < late


@given(DAYS, st.integers(0, 600))
def test_a_deadline_is_the_same_number_or_the_months_last_day(term, months):
    found = months_before(term, months)
    assert (found.year, found.month) == divmod_months(term, months)
    assert found.day == term.day or (found + dt.timedelta(days=1)).day == 1


def divmod_months(term, months):
    year, month = divmod(term.year * 12 + term.month - 1 - months, 12)
    return year, month + 1


@given(DAYS, DAYS, DAYS)
def test_without_letters_a_decision_goes_from_pending_to_renew_and_never_back(term, one, other):
    early, late = sorted([one, other])
    order = [PENDING, RENEW]
    first, second = (decide(Expiry(term), [], today) for today in (early, late))
    assert order.index(first) <= order.index(second)


@given(DAYS, NOTICES, DAYS)
def test_a_letter_that_gives_up_never_turns_a_lapse_into_a_renewal(term, notices, today):
    if decide(Expiry(term), notices, today) is LAPSE:
        more = [*notices, Notice("non_renewal", today)]
        assert decide(Expiry(term), more, today) is LAPSE


@given(DAYS, NOTICES, DAYS)
def test_a_withdrawal_as_the_last_word_never_ends_in_a_lapse(term, notices, today):
    more = [*notices, Notice("withdrawal", today)]
    assert decide(Expiry(term), more, today) in {PENDING, RENEW}


@given(DAYS, DAYS, DAYS, DAYS)
def test_the_earlier_a_letter_comes_the_more_it_gives_up(term, one, other, today):
    early, late = sorted([one, other])
    order = [RENEW, PENDING, LATE, LAPSE]
    by_late = decide(Expiry(term), [Notice("non_renewal", late)], today)
    by_early = decide(Expiry(term), [Notice("non_renewal", early)], today)
    assert order.index(by_early) >= order.index(by_late)


@given(DAYS, NOTICES, st.integers(0, 10), DAYS)
def test_the_order_of_the_file_counts_only_within_one_day(term, notices, turn, today):
    days = [notice.received_on for notice in notices]
    if len(set(days)) == len(days):
        turned = notices[turn % max(1, len(notices)) :] + notices[: turn % max(1, len(notices))]
        assert decide(Expiry(term), turned, today) is decide(Expiry(term), notices, today)
