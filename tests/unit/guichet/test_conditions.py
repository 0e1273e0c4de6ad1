# SPDX-License-Identifier: GPL-3.0-or-later
"""The language of conditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.procedures.conditions import (
    BadCondition,
    Both,
    Compare,
    Literal,
    Name,
    Not,
    holds,
    parse,
    write,
)

FIELDS = st.sampled_from(["kind", "copies", "married", "works", "period"])
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=20)
PLAIN = TEXTS | st.integers(-(10**14), 10**14) | st.booleans()
NAMES = st.builds(Name, FIELDS, st.sampled_from(["", "start"]))
LITERALS = st.builds(Literal, PLAIN)
COMPARED = st.builds(
    Compare,
    st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "contains"]),
    NAMES | LITERALS,
    NAMES | LITERALS,
) | st.builds(
    Compare,
    st.just("in"),
    NAMES,
    st.builds(Literal, st.lists(PLAIN, min_size=1, max_size=4).map(tuple)),
)


def _chained(inner):
    """Chains as the parser makes them: a chain inside of another has the other sign or brackets."""
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, inner) | st.builds(Both, st.sampled_from(["and", "or"]), parts)


CONDITIONS = st.recursive(NAMES | COMPARED, _chained, max_leaves=6)
ANSWERS = st.dictionaries(
    FIELDS,
    PLAIN | st.none() | st.lists(TEXTS, max_size=3) | st.fixed_dictionaries({"start": TEXTS}),
)


@given(CONDITIONS)
def test_a_written_condition_is_read_as_the_same(condition):
    text = write(condition)
    if len(text) <= 500:
        assert parse(text) == condition


@given(CONDITIONS, ANSWERS)
def test_no_answers_make_a_condition_fail(condition, answers):
    assert holds(condition, answers) in (True, False)
    assert holds(Not(condition), answers) is not holds(condition, answers)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_is_refused_with_a_column(text):
    try:
        condition = parse(text)
    except BadCondition as error:
        column = error.column
    else:
        column = 1
        assert parse(write(condition)) == condition
    assert 1 <= column <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ('kind == "full"', {"kind": "full"}, True),
        ('kind == "full"', {}, False),
        ('kind != "full"', {}, True),
        ('not kind == "full"', {"kind": "full"}, False),
        ("copies > 2", {"copies": 3}, True),
        ("copies > 2", {"copies": "3"}, False),
        ("copies >= 2.5", {"copies": 2.5}, True),
        ("married", {"married": False}, False),
        ("married", {"married": True}, True),
        ("married == 1", {"married": True}, False),
        ('works contains "roads"', {"works": ["roads", "water"]}, True),
        ('kind in ["full", "plain"] and copies < 5', {"kind": "plain", "copies": 1}, True),
        ('period.start >= "2026-06-01"', {"period": {"start": "2026-12-24"}}, True),
        ("period.start", {"period": "text"}, False),
        ("a or b and c", {"a": True}, True),
        ("(a or b) and c", {"a": True}, False),
    ],
)
def test_a_condition_says_what_it_reads_like(text, answers, expected):
    assert holds(parse(text), answers) is expected


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("kind ==", 8),
        ("kind = 1", 6),
        ("kind in full", 9),
        ("(kind", 6),
        ("kind kind", 6),
        ('kind == "open', 9),
        ("__class__", 1),
        ("kind.a.b", 7),
        ("(" * 40 + "a" + ")" * 40, 17),
    ],
)
def test_what_is_no_condition_is_refused_where_it_stops_being_one(text, column):
    with pytest.raises(BadCondition) as refused:
        parse(text)
    assert refused.value.column == column


def test_a_condition_of_500_characters_is_the_longest():
    with pytest.raises(BadCondition):
        parse("a or " * 100 + "a")
