# SPDX-License-Identifier: GPL-3.0-or-later
"""What the builder does to a definition, whatever the order in which it is asked to."""

import copy

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.builder import composing, edit, transport
from guichet.builder.differences import differences
from guichet.builder.entries import Amount, Choices, Day, Objection, free_name
from guichet.builder.findings import findings, showable
from guichet.builder.names import KEYS, KINDS, MAILS
from guichet.procedures import check, library, names
from guichet.procedures.conditions import parse, write
from guichet.procedures.kinds import KINDS as OF_KIND

VERBS = [*edit.ON_FIELD, *edit.ON_STEP, "restore", "kind", "add-step", "add-field", "rename"]
ACTS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 30), st.integers(0, 14)), max_size=25
)


def act(data, kept, verb, number, other):
    """One thing that buttons and forms can ask for."""
    there = sorted(edit.ids(data)) or ["absent"]
    name, kind = there[number % len(there)], list(KINDS)[other]
    if verb in edit.ON_FIELD:
        gone = edit.ON_FIELD[verb](data, name)
        kept += [gone] if verb == "remove" else []
    elif verb in edit.ON_STEP:
        gone = edit.ON_STEP[verb](data, number % 5)
        kept += [gone] if verb == "step-remove" else []
    elif verb == "restore" and kept:
        edit.restore(data, kept.pop(number % len(kept)))
    elif verb == "kind":
        edit.change_kind(data, name, kind)
    elif verb == "add-step":
        edit.add_step(data, "Une étape")
    elif verb == "add-field":
        edit.add_field(data, number % 5, kind, "Une question")
    elif verb == "rename":
        edit.rename(data, name, f"nouveau{number}")


@given(st.sampled_from(["intervention-services", "acte-naissance", "debit-boissons"]), ACTS)
@settings(max_examples=60, deadline=None)
def test_no_order_of_acts_makes_a_definition_that_cannot_be_shown(name, acts):
    """Ids stay unique, and all that can be wrong is told at a place of the builder."""
    data, kept = copy.deepcopy(library(name)), []
    for one in acts:
        before = copy.deepcopy(data)
        try:
            act(data, kept, *one)
        except edit.Impossible:
            assert data == before
    every = [field["id"] for field in edit.fields(data)]
    assert len(every) == len(set(every))
    for found in findings(data):
        assert found.part in ("facts", "mails", "steps", "step", "field")
        assert found.code not in ("unknown-key", "wrong-type", "id-twice", "option-unknown")
    showable(data)
    differences(library(name), data)


@pytest.mark.parametrize("name", names())
def test_the_whole_library_goes_out_and_in_as_it_was(name):
    data = library(name)
    assert transport.load(transport.export(data).encode()) == data
    assert findings(data) == []
    assert differences(data, data) == []


@pytest.mark.parametrize(
    "text",
    ["oui", "on", "1:30", "~", "2026-01-01", "0123", "a: b", "#x", "{x}", " a\n\n  b ", "&a"],
)
def test_what_goes_out_is_read_by_the_reader_of_charters(text):
    from bastide.documents import read_bytes

    data = {"type": "form", "title": text, "description": text, "pieces": [text]}
    document, found = read_bytes(transport.export(data).encode(), "x.yml")
    assert (document.data, found) == (data, [])


@pytest.mark.parametrize("name", names())
def test_what_is_removed_comes_back_where_it_was(name):
    for field in edit.fields(library(name)):
        data = library(name)
        data = copy.deepcopy(data)
        edit.restore(data, edit.remove(data, field["id"]))
        assert data == library(name)


def test_everything_of_the_schema_has_a_french_name():
    import json

    from guichet.procedures.check import SCHEMA

    schema = json.loads(SCHEMA.read_text("utf-8"))
    field = schema["$defs"]["field"]["properties"]
    assert schema["properties"].keys() | field.keys() <= KEYS.keys()
    assert set(field["type"]["enum"]) == KINDS.keys() == OF_KIND.keys()
    assert set(schema["properties"]["mails"]["propertyNames"]["enum"]) == MAILS.keys()


@pytest.mark.parametrize("name", names())
def test_every_comparison_of_the_lists_is_a_condition_that_check_takes(name):
    data = copy.deepcopy(library(name))
    last = len(data["steps"])
    data["steps"].append(
        {"title": "Dernière", "fields": [{"id": "z", "type": "text", "label": "Z"}]}
    )
    for operand in composing.operands(data, last):
        for sign, _ in operand.signs:
            value = operand.choices[0][0] if operand.choices else "2026-01-01"
            value = "12" if operand.sort == "number" else value
            made = composing.compose(operand, sign, value)
            assert parse(write(made)) == made
            joined = composing.join(write(made), "or", made)
            data["steps"][last]["when"] = composing.join(joined, "and", made)
            assert check(data) == []
            assert operand.label in composing.in_words(data["steps"][last]["when"], data)


@given(st.text(max_size=80), st.sets(st.sampled_from(["x", "nom", "nom_2"])))
def test_a_name_made_of_any_text_is_an_identifier_that_is_free(text, taken):
    import re

    made = free_name(text, taken)
    assert made not in taken
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", made)


def test_choices_keep_their_values_and_new_ones_are_given_some():
    read = Choices("choices", "").read(["sans | Sans viande\n\nAvec  allergie\nÀ voir"])
    assert [one["value"] for one in read] == ["sans", "avec-allergie", "a-voir"]
    with pytest.raises(Objection, match="deux fois"):
        Choices("choices", "").read(["a | x\na | y"])


def test_what_is_said_of_a_definition_is_in_the_language_of_the_page():
    """Findings, conditions, differences, and what a form shows, which has to be taken back."""
    data = copy.deepcopy(library("intervention-services"))
    first = data["steps"][0]["fields"][0]
    less = copy.deepcopy(data)
    edit.remove(less, first["id"])
    with override("en"):
        assert f"Question “{first['label']}”: removed." in differences(data, less)
        assert "is filled in" in composing.in_words(first["id"], data)
        assert findings({"type": "form", "title": "x"})[0].text.startswith("Missing: Purpose")
        day, amount = Day("after", ""), Amount("min", "")
        assert (day.sent("today"), amount.sent(1.5)) == (["today"], ["1.5"])
        for value in ("today", "2026-01-31"):
            assert day.read(day.sent(value)) == value
        assert amount.read(amount.sent(1.5)) == 1.5
