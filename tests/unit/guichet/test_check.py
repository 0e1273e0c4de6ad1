# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions: what is wrong with one, where, and in both languages."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.procedures import check, digest_of, library, make, names

GOOD = {
    "type": "form",
    "title": "Essai",
    "purpose": "Essayer.",
    "retention_months": 12,
    "steps": [
        {
            "title": "Un",
            "fields": [
                {
                    "id": "kind",
                    "type": "choice",
                    "label": "Genre",
                    "choices": [{"value": "a", "label": "A"}],
                },
                {"id": "more", "type": "text", "label": "Plus", "when": 'kind == "a"'},
                {
                    "id": "email",
                    "type": "email",
                    "label": "Courriel",
                    "required": True,
                    "contact": True,
                },
            ],
        }
    ],
}
FIELDS = ("steps", 0, "fields")


def changed(path, value):
    """The good definition with another value at a place; ... removes what is there."""
    made = copy.deepcopy(GOOD)
    place = made
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return made


# In turn: where, what stands there, the code of what is found.
BAD = [
    (("title",), ..., "missing"),
    (("title",), "", "bad-value"),
    (("title",), 3, "wrong-type"),
    (("titel",), "x", "unknown-key"),
    (("type",), "formulaire", "not-allowed"),
    (("purpose",), ..., "missing"),
    (("url",), "https://exemple.fr/", "key-of-other-type"),
    (("url",), "javascript:alert(1)", "bad-value"),
    ((*FIELDS, 0, "choices"), ..., "missing"),
    ((*FIELDS, 0, "choices"), [{"value": "a", "label": "A"}] * 2, "choice-twice"),
    ((*FIELDS, 1, "id"), "kind", "id-twice"),
    ((*FIELDS, 1, "id"), "csrfmiddlewaretoken", "bad-value"),
    ((*FIELDS, 1, "id"), "__class__", "bad-value"),
    ((*FIELDS, 1, "choices"), [{"value": "a", "label": "A"}], "option-unknown"),
    ((*FIELDS, 1, "when"), "kind ==", "condition-unreadable"),
    ((*FIELDS, 1, "when"), "email", "condition-forward"),
    ((*FIELDS, 1, "when"), 'kind == "c"', "condition-no-choice"),
    ((*FIELDS, 1, "when"), 'not (kind in ["a", "c"])', "condition-no-choice"),
    ((*FIELDS, 1, "when"), "kind != 1", "condition-no-choice"),
    ((*FIELDS, 1, "when"), "more", "condition-forward"),
    ((*FIELDS, 2, "contact"), False, "contact-missing"),
    ((*FIELDS, 2, "required"), False, "contact-missing"),
    ((*FIELDS, 2, "when"), "kind", "contact-missing"),
    (("mails",), {"taken": {"subject": "x", "body": "{secret}"}}, "placeholder-unknown"),
    (("mails",), {"taken": {"subject": "x", "body": "{number.__class__}"}}, "placeholder-unknown"),
    (("mails",), {"taken": {"subject": "x", "body": "{"}}, "placeholder-unknown"),
    (("retention_months",), 0, "bad-value"),
]


def test_the_definition_that_the_others_are_made_of_is_good():
    assert check(GOOD) == []


@pytest.mark.parametrize(("path", "value", "code"), BAD)
def test_a_fault_is_told_by_its_code_in_both_languages(path, value, code):
    found = check(changed(path, value))
    assert code in [one.code for one in found]
    assert all(one.en and one.fr and one.where for one in found)


def test_a_fault_is_told_where_it_stands():
    (found,) = check(changed((*FIELDS, 1, "when"), "kind ="))
    assert found.where == "steps[0].fields[1].when"


def test_a_bound_that_is_no_day_is_told():
    day = {"id": "day", "type": "date", "label": "Jour", "after": "2026-02-30"}
    assert [one.code for one in check(changed((*FIELDS, 1), day))] == ["no-day"]


def test_bounds_the_wrong_way_round_are_told():
    number = {"id": "n", "type": "number", "label": "N", "min": 3, "max": 1}
    assert [one.code for one in check(changed((*FIELDS, 1), number))] == ["bounds-reversed"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(JSON, st.sampled_from([("steps",), FIELDS, (*FIELDS, 0), ("mails",), ("title",)]))
def test_no_definition_makes_the_check_fail(value, path):
    for definition in (value, changed(path, value)):
        problems = check(definition)
        if not problems:
            make(definition)


def test_the_library_has_the_procedures_of_the_catalogue():
    assert names() == [
        *("achevement-travaux", "acte-deces", "acte-mariage", "acte-naissance"),
        *("annuaire-economique", "changement-adresse", "debit-boissons", "intervention-services"),
        *("livret-famille", "ouverture-chantier", "rendez-vous-elu", "taxe-sejour"),
    ]


@pytest.mark.parametrize("name", names())
def test_every_procedure_of_the_library_can_be_published(name):
    definition = library(name)
    assert check(definition) == []
    made = make(definition)
    assert made.category != "other"
    assert made.contact == "email"


def test_what_a_collectivity_says_differently_makes_another_digest():
    plain, own = library("acte-naissance"), library("acte-naissance", {"delay": "Dix jours."})
    assert check(own) == []
    assert digest_of(plain) != digest_of(own)


def test_a_name_that_is_in_no_library_is_none():
    assert library("acte-naisance") is None


def test_the_order_of_keys_makes_no_other_version():
    assert digest_of(GOOD) == digest_of(dict(reversed(GOOD.items())))


@pytest.mark.parametrize("depth", [60, 5_000, 100_000])
def test_a_definition_nested_beyond_reason_is_told(depth):
    deep = []
    for _ in range(depth):
        deep = [deep]
    for definition in (deep, changed(("steps",), deep), changed((*FIELDS, 0, "choices"), deep)):
        assert [one.code for one in check(definition)] == ["not-storable"]


@pytest.mark.parametrize(
    "value", ["a\0b", "\x1b[2J", "\ud800", float("nan"), float("inf"), {"a\0": 1}, {1: 2}]
)
def test_what_a_database_cannot_keep_is_told(value):
    assert [one.code for one in check(changed(("title",), value))] == ["not-storable"]
