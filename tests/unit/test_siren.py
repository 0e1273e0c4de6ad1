# SPDX-License-Identifier: GPL-3.0-or-later
"""Check digits of SIREN and SIRET numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide import reference
from bastide.reference.siren import (
    Fault,
    FaultKind,
    check_digit,
    is_siren,
    is_siret,
    siren_fault,
    siret_fault,
)

digits = st.characters(min_codepoint=ord("0"), max_codepoint=ord("9"))


def test_a_wrong_check_digit_is_told_with_the_right_one():
    assert siren_fault("214600422") == Fault(FaultKind.CHECK_DIGIT, "2", "1", 9)
    assert siret_fault("21460042100018") == Fault(FaultKind.CHECK_DIGIT, "8", "7", 14)


def test_the_siren_inside_a_siret_is_judged_by_itself():
    assert siret_fault("21460042200017") == Fault(FaultKind.CHECK_DIGIT, "2", "1", 9)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault(FaultKind.LENGTH, "0", "9")),
        ("21460042", Fault(FaultKind.LENGTH, "8", "9")),
        ("214 600 421", Fault(FaultKind.DIGITS, " ", "0-9", 4)),
        ("214600421\n", Fault(FaultKind.DIGITS, "\n", "0-9", 10)),
        ("21460042²", Fault(FaultKind.DIGITS, "²", "0-9", 9)),
        ("21460042\N{ARABIC-INDIC DIGIT ONE}", Fault(FaultKind.DIGITS, "\u0661", "0-9", 9)),
    ],
)
def test_what_is_no_siren_is_told_exactly(text, fault):
    assert siren_fault(text) == fault


def test_la_poste_may_leave_the_formula_by_the_sum_of_its_digits():
    assert is_siret("35600000000048")  # obeys the formula, its sum is 26
    assert is_siret("35600000009075")  # does not, its sum is 35
    assert siret_fault("35600000009076") is not None
    assert is_siren("356000000")


def test_the_exception_is_for_la_poste_alone():
    assert sum(map(int, "21460042100000")) % 5 == 0
    assert siret_fault("21460042100000") is not None


@given(st.text(digits, min_size=8, max_size=8))
def test_exactly_one_digit_completes_a_siren(body):
    right = [digit for digit in "0123456789" if is_siren(body + digit)]
    assert right == [check_digit(body)]


@given(st.text(digits, min_size=8, max_size=8), st.data())
def test_one_mistyped_digit_is_always_found(body, data):
    siren = body + check_digit(body)
    place = data.draw(st.integers(0, 8))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != siren[place]]))
    assert not is_siren(siren[:place] + other + siren[place + 1 :])


@given(st.text(max_size=20))
def test_any_text_is_judged_without_an_exception(text):
    assert is_siren(text) == (siren_fault(text) is None)
    assert is_siret(text) == (siret_fault(text) is None)


def test_every_siren_of_the_reference_is_right():
    numbers = [c.siren for c in reference.communes() if c.siren]
    numbers += [e.siren for e in reference.epcis()]
    assert [n for n in numbers if not is_siren(n)] == []
    assert len(set(numbers)) == len(numbers)
