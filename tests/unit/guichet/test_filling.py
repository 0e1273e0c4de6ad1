# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for, given what was answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.procedures import fill, library, make, names, visible_fields, visible_steps
from guichet.procedures.filling import visible_answers

FORM = make(library("debit-boissons"))


def test_a_field_is_asked_for_when_its_condition_holds():
    (_, first), *_ = visible_steps(FORM, {})
    assert "association" not in [one.id for one in visible_fields(first, {})]
    asked = [one.id for one in visible_fields(first, {"organiser": "association"})]
    assert "association" in asked


def test_an_answer_that_hides_a_field_drops_what_was_answered_there():
    answers = {"organiser": "association", "association": "Les Amis"}
    assert visible_answers(FORM, answers) == answers
    assert visible_answers(FORM, {**answers, "organiser": "person"}) == {"organiser": "person"}


def test_a_value_smuggled_into_a_hidden_field_is_not_kept():
    (_, first), *_ = visible_steps(FORM, {})
    filled = fill(first, {"organiser": ["person"], "association": ["Intrus"]}, {})
    assert "association" not in filled.answers
    assert "association" not in filled.problems


def test_a_condition_looks_at_what_the_same_post_says():
    (_, first), *_ = visible_steps(FORM, {})
    filled = fill(first, {"organiser": ["association"]}, {"organiser": "person"})
    assert "association" in filled.problems


def test_a_required_file_is_missed():
    form = make(library("changement-adresse"))
    step = form.steps[1]
    problems = fill(step, {"honour": ["1"]}, {}).problems
    assert set(problems) == {"card", "home_proof"}
    there = {"card": [{"id": "1", "name": "a.pdf", "size": 1}]}
    assert set(fill(step, {"honour": ["1"]}, there).problems) == {"home_proof"}


def test_a_step_without_a_question_is_passed_over():
    form = make(library("annuaire-economique"))
    assert len(visible_steps(form, {"action": "add"})) == 3
    assert [step.title for _, step in visible_steps(form, {"action": "remove"})] == [
        "L'organisme",
        "Vous joindre",
    ]


@pytest.mark.parametrize("name", names())
@given(data=st.data())
def test_no_post_makes_a_form_of_the_library_fail(name, data):
    form = make(library(name))
    step = data.draw(st.sampled_from(form.steps))
    ids = st.sampled_from([one.id for one in step.fields])
    values = st.lists(st.text(max_size=10) | st.sampled_from(["1", "2026-01-01"]), max_size=2)
    filled = fill(step, data.draw(st.dictionaries(ids, values)), {})
    known = {one.id for one in step.fields}
    assert filled.answers.keys() <= known
    assert {key.partition(".")[0] for key in filled.problems} <= known
