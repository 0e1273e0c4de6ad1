# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of fields: what they take from a browser, and what they refuse."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.procedures.definition import Field
from guichet.procedures.kinds import KINDS
from guichet.views.shown import sent_for

CHOICES = [{"value": "a", "label": "Un"}, {"value": "b", "label": "Deux"}]
OPTIONS = {
    "choice": {"choices": CHOICES},
    "choices": {"choices": CHOICES},
    "identity": {"ask": ["used", "born_on", "born_at"]},
}
# In turn: kind, what is sent, the value, and options beside those above.
GOOD = [
    ("text", {"": ["  deux   mots "]}, "deux mots", {}),
    ("text", {"": ["e\u0301te\u0301"]}, "été", {}),
    ("text", {"": ["a\x00b\u202ec"]}, "abc", {}),
    ("area", {"": ["un\r\ndeux\rtrois"]}, "un\ndeux\ntrois", {}),
    ("email", {"": ["Jeanne.Essai@Exemple.FR"]}, "Jeanne.Essai@exemple.fr", {}),
    ("phone", {"": ["05.65.00 00-00"]}, "05 65 00 00 00", {}),
    ("phone", {"": ["+33 (0)5 65 00 00 00"]}, "05 65 00 00 00", {}),
    ("phone", {"": ["0044 20 7946 0000"]}, "+442079460000", {}),
    ("date", {"": ["2026-12-31"]}, "2026-12-31", {}),
    ("date", {"": ["31/12/2026"]}, "2026-12-31", {}),
    ("date", {"": ["1.2.2026"]}, "2026-02-01", {"after": "2026-02-01"}),
    ("number", {"": ["12"]}, 12, {}),
    ("number", {"": ["1 200,50"]}, 1200.5, {"decimals": True}),
    ("choice", {"": ["b"]}, "b", {}),
    ("choices", {"": ["b", "a"]}, ["a", "b"], {}),
    ("checkbox", {"": ["1"]}, True, {}),
    ("checkbox", {}, False, {}),
    (
        "address",
        {"street": ["1 rue Haute"], "postcode": ["46000"], "city": ["Cahors"]},
        {"street": "1 rue Haute", "postcode": "46000", "city": "Cahors"},
        {},
    ),
    (
        "identity",
        {"given": ["Jeanne"], "family": ["Essai"], "born_on": ["2/3/1980"], "born_at": ["Figeac"]},
        {"given": "Jeanne", "family": "Essai", "born_on": "1980-03-02", "born_at": "Figeac"},
        {},
    ),
    (
        "period",
        {"start": ["2026-07-14"], "end": ["14/07/2026"]},
        {"start": "2026-07-14", "end": "2026-07-14"},
        {},
    ),
    (
        "position",
        {"place": ["Le pont"], "latitude": ["44,4475"], "longitude": ["1.4419"]},
        {"place": "Le pont", "latitude": 44.4475, "longitude": 1.4419},
        {},
    ),
    ("information", {"": ["x"]}, None, {}),
]
# In turn: kind, what is sent, the parts at fault, options.
BAD = [
    ("text", {"": ["x" * 301]}, {""}, {}),
    ("text", {"": ["abc"]}, {""}, {"max_length": 2}),
    ("email", {"": ["jeanne@exemple"]}, {""}, {}),
    ("email", {"": ["jeanne@exemple.fr\nBcc: x@exemple.fr"]}, {""}, {}),
    ("email", {"": ["-jeanne@exemple.fr"]}, {""}, {}),
    ("phone", {"": ["12"]}, {""}, {}),
    ("date", {"": ["30/02/2026"]}, {""}, {}),
    ("date", {"": ["2026-12-31"]}, {""}, {"before": "2026-12-30"}),
    ("date", {"": ["0001-01-01"]}, {""}, {}),
    ("number", {"": ["1e9"]}, {""}, {}),
    ("number", {"": ["nan"]}, {""}, {}),
    ("number", {"": ["1,5"]}, {""}, {}),
    ("number", {"": ["11"]}, {""}, {"max": 10}),
    ("number", {"": ["٣"]}, {""}, {}),
    ("choice", {"": ["c"]}, {""}, {}),
    ("choices", {"": ["a", "c"]}, {""}, {}),
    ("address", {"street": ["x"], "postcode": ["4600"]}, {"postcode", "city"}, {}),
    ("identity", {"given": ["Jeanne"]}, {"family", "born_on", "born_at"}, {}),
    ("period", {"start": ["2026-07-14"], "end": ["2026-07-13"]}, {"end"}, {}),
    ("period", {"start": ["2026-07-14"]}, {"end"}, {}),
    ("position", {"latitude": ["44"]}, {"place", "longitude"}, {}),
    ("position", {"place": ["x"], "latitude": ["91"], "longitude": ["0"]}, {"latitude"}, {}),
]


def field(kind, *, required=False, **options):
    return Field("x", kind, "X", "", required, None, {**OPTIONS.get(kind, {}), **options})


@pytest.mark.parametrize(("kind", "raw", "value", "options"), GOOD)
def test_a_kind_takes_what_people_type(kind, raw, value, options):
    assert KINDS[kind].read(field(kind, **options), raw) == (value, {})


@pytest.mark.parametrize(("kind", "raw", "parts", "options"), BAD)
def test_a_kind_says_which_input_is_wrong(kind, raw, parts, options):
    _, wrong = KINDS[kind].read(field(kind, **options), raw)
    assert set(wrong) == parts
    assert all(wrong.values())


ASKING = sorted(KINDS.keys() - {"file", "information"})


@pytest.mark.parametrize("kind", ASKING)
def test_a_required_field_is_not_left_out(kind):
    value, wrong = KINDS[kind].read(field(kind, required=True), {})
    assert wrong
    assert not value


@pytest.mark.parametrize("kind", ASKING)
def test_a_field_that_is_not_required_may_be_left_out(kind):
    value, wrong = KINDS[kind].read(field(kind), {})
    assert not value
    assert wrong == {}


@pytest.mark.parametrize(("kind", "raw", "value", "options"), GOOD)
def test_a_form_shows_again_what_reads_as_the_same(kind, raw, value, options):
    """A step that is opened again and sent unchanged changes no answer."""
    one = field(kind, **options)
    again = {name.removeprefix("x").lstrip("."): v for name, v in sent_for(one, value).items()}
    assert KINDS[kind].read(one, again)[0] == value


@given(
    st.sampled_from(ASKING),
    st.dictionaries(
        st.sampled_from(["", "street", "postcode", "city", "given", "start", "end", "place"]),
        st.lists(st.text(max_size=30), max_size=3),
    ),
)
def test_nothing_that_is_sent_makes_a_kind_fail(kind, raw):
    one = field(kind)
    value, wrong = KINDS[kind].read(one, raw)
    if value is not None and not wrong:
        lines = KINDS[kind].lines(one, value)
        assert "\x00" not in "".join(lines)


def test_today_is_a_bound_that_moves():
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    _, wrong = KINDS["date"].read(field("date", before="today"), {"": [tomorrow.isoformat()]})
    assert wrong


def test_autocomplete_is_said_of_the_person_who_fills_in_and_of_no_other():
    """WCAG 1.3.5 speaks of the user: a browser must not fill in the name of a deceased."""
    own = KINDS["identity"].parts(field("identity", self=True))
    other = KINDS["identity"].parts(field("identity"))
    assert {part.autocomplete for part in own} > {"given-name", "family-name"}
    assert {part.autocomplete for part in other} == {""}
