# SPDX-License-Identifier: GPL-3.0-or-later
"""Mails and mentions: what they say, and that they say nothing else."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.models import Request
from guichet.procedures import library, names
from guichet.requests.purge import months_later
from guichet.requests.receipt import printable
from guichet.requests.states import STATES
from guichet.requests.wording import OCCASIONS, fill, legal_mentions

FACTS = {"number": "2026-000001", "title": "Essai", "town": "Cahors", "link": "L", "text": "T"}
SPAN = (dt.datetime(2020, 1, 1), dt.datetime(2080, 1, 1))  # noqa: DTZ001 - Hypothesis adds it
FILED = Request(number="2026-000001", filed_at=dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.UTC))


def test_there_is_a_mail_for_every_state_that_a_request_can_move_to():
    assert set(STATES) - {"received"} <= set(OCCASIONS)


@pytest.mark.parametrize("occasion", sorted(OCCASIONS))
def test_every_mail_gives_the_number_and_the_link(occasion):
    mail = OCCASIONS[occasion]
    assert "{number}" in mail["subject"]
    assert "{link}" in mail["body"]


@given(st.text(max_size=60))
def test_no_template_reaches_beyond_its_facts(template):
    fill(template, FACTS)
    assert fill("{number.__class__} {number!r} {0} {x}", FACTS) == (
        "{number.__class__} {number!r} {0} {x}"
    )


def test_a_mail_without_a_text_has_no_hole():
    assert "\n\n\n" not in fill("a\n\n{text}\n\nb", {"text": ""})


@pytest.mark.parametrize("name", names())
def test_an_acknowledgement_says_when_who_and_what_becomes_of_the_data(name):
    text = "\n".join(legal_mentions(library(name), FILED, "Ville de Cahors"))
    assert "01/03/2026 à 10:30" in text
    assert "Ville de Cahors" in text
    assert "CNIL" in text
    assert "L112-11" in text


def test_what_silence_means_is_said_where_the_procedure_says_it():
    text = "\n".join(legal_mentions(library("acte-naissance"), FILED, "Cahors"))
    assert "2 mois" in text
    assert "décision implicite de rejet" in text
    accepts = {**library("acte-naissance"), "silence": {"means": "acceptance", "after_months": 3}}
    text = "\n".join(legal_mentions(accepts, FILED, "Cahors"))
    assert "d’acceptation" in text
    assert "attestation" in text


@given(st.datetimes(*SPAN, timezones=st.just(dt.UTC)), st.integers(0, 600))
def test_months_are_counted_by_the_calendar(moment, months):
    later = months_later(moment, months)
    apart = (later.year - moment.year) * 12 + later.month - moment.month
    assert apart == months
    assert later.day <= moment.day


def test_a_month_after_the_31st_of_january_is_the_last_of_february():
    last = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
    assert months_later(last, 1) == last.replace(month=2, day=28)


def test_pictographs_are_boxes_on_paper():
    assert printable("Merci 😀, ça va") == "Merci □, ça va"
