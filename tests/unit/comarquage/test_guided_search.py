# SPDX-License-Identifier: GPL-3.0-or-later
"""Guided searches: each answer is a link, and only what is certainly beside the point is hidden."""

from __future__ import annotations

import re

import words
from hypothesis import given
from hypothesis import strategies as st

from comarquage.answers import answered, holds, state_of, written

_NAMES = st.sampled_from([f"T{number}" for number in range(1, 6)])
_STATES = st.dictionaries(_NAMES, st.booleans(), max_size=5)
_TESTS = st.builds("{}{}".format, st.sampled_from(["", "!", "?"]), _NAMES)
_CONDITIONS = st.recursive(
    _TESTS,
    lambda parts: st.builds(
        lambda sign, some: f"{sign}({','.join(some)})",
        st.sampled_from(["&", "|"]),
        st.lists(parts, min_size=1, max_size=4),
    ),
    max_leaves=12,
)


def test_choosing_a_situation_opens_its_part_and_hides_the_other(guide):
    page = guide.page("part", "F2122", answers="T11657,-T11658")
    assert '<details open class="situation">' in page.html
    assert ">Gardien ou concierge<" in page.html
    assert ">Employé</h2>" not in page.html
    assert "(1 partie sans rapport avec vos réponses " in page.html
    assert '<a href="guide:/part/F2122">Afficher toute la page</a>' in page.html


def test_the_next_answer_takes_the_first_one_with_it(guide):
    page = guide.page("part", "F2122", answers="T11657,-T11658")
    assert '<strong class="chosen">Un gardien ou un concierge</strong>' in page.html
    assert "?r=T11657,-T11658,T11660,-T11737,-T11659#questions" in page.html
    both = guide.page("part", "F2122", answers="T11657,-T11658,T11660,-T11737,-T11659")
    assert ">Sorties des poubelles uniquement</summary>" not in both.html


def test_without_answers_all_of_a_sheet_is_shown(guide, files):
    page = guide.page("part", "F2122")
    assert words.lost(files["part"]["F2122"], page.html) == {}
    assert guide.page("part", "F2122", answers="nonsense,,T,-,T1x").html == page.html


def test_every_step_of_every_search_is_reached_by_links_alone(guide):
    for audience in guide.audiences:
        rows = guide.rows(audience, "SELECT id, path FROM step")
        steps: dict[str, set[str]] = {}
        for name, path in rows:
            steps.setdefault(name, set()).add(path)
        assert len(steps) >= 4
        for name, paths in steps.items():
            seen: set[str] = set()
            todo = [""]
            while todo:
                path = todo.pop()
                seen.add(path)
                html = guide.step(audience, name, path)
                links = re.findall(rf'href="guide:/{audience}/{name}\?c=([0-9.]+)#', html)
                todo += [link for link in links if link not in seen]
            assert seen == paths, name


def test_a_result_takes_the_answers_to_its_sheet(guide):
    page = guide.page("part", "F34680", path="1.1.1.1")
    link = re.search(r'href="guide:/part/F134\?r=([^"]+)"', page.html)
    state = state_of(link[1])
    assert state["T11180"] is True  # of age
    assert state["T11683"] is True  # can print
    assert state["T11564"] is False  # what the branch beside would have set


def test_a_step_that_does_not_exist_is_the_first_one(guide):
    first = guide.page("part", "F34680").html
    assert guide.page("part", "F34680", path="9.9.9").html == first
    assert guide.page("part", "F34680", path="1;DROP").html == first


@given(_STATES)
def test_answers_are_read_as_they_are_written(state):
    assert state_of(written(state)) == state


@given(st.text(max_size=300))
def test_any_text_is_read_as_answers(text):
    state_of(text)


@given(_CONDITIONS)
def test_nothing_is_ruled_out_before_the_first_answer_but_by_what_must_be_open(condition):
    assert holds(condition, {}) is not False


@given(_CONDITIONS.filter(lambda one: "?" not in one), _STATES, _NAMES, st.booleans())
def test_a_further_answer_never_reverses_what_was_certain(condition, state, name, value):
    before = holds(condition, state)
    if before is not None and name not in state:
        assert holds(condition, {**state, name: value}) is before


@given(_CONDITIONS, _STATES)
def test_a_page_holds_exactly_the_parts_that_are_not_ruled_out(condition, state):
    html = f"a<!--if {condition}--><details>b<!--if T1-->c<!--fi-->d</details><!--fi-->e"
    page = answered(html, state, "guide:/part/F1")
    if not state:
        assert page == html
        return
    assert page.startswith("a")
    assert page.endswith("e")
    assert ("b" in page) == (holds(condition, state) is not False)
    if "b" in page:
        assert ("c" in page.partition("b")[2]) == (state.get("T1") is not False)
