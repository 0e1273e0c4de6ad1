# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a request, what roles may do, and links: tables and pure functions."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from guichet.agents.rights import ACT, MANAGE, READ, may
from guichet.requests import links
from guichet.requests.states import (
    CLOSED,
    MOVES,
    NAMES,
    OPEN,
    RECEIVED,
    STATES,
    VERBS,
    after_citizen_wrote,
    can_move,
)


def test_every_state_can_be_reached_and_every_request_can_end():
    reached, edge = {RECEIVED}, [RECEIVED]
    while edge:
        for to in MOVES[edge.pop()]:
            if to not in reached:
                reached.add(to)
                edge.append(to)
    assert reached == set(STATES)
    for state in STATES:
        seen, edge = {state}, [state]
        while edge:
            for to in set(MOVES[edge.pop()]) - seen:
                seen.add(to)
                edge.append(to)
        assert CLOSED in seen


def test_what_is_closed_stays_closed():
    assert not any(can_move(CLOSED, to) for to in STATES)


def test_no_state_leads_to_itself_or_back_to_the_beginning():
    for state, to in itertools.product(STATES, STATES):
        if to in (state, RECEIVED):
            assert not can_move(state, to)
    assert not can_move("nonsense", CLOSED)


def test_every_state_has_a_name_and_every_move_a_verb():
    assert set(NAMES) == set(STATES)
    assert set(VERBS) == {to for moves in MOVES.values() for to in moves}
    assert set(OPEN) < set(STATES)


def test_a_word_of_the_citizen_brings_back_what_waited_for_it_and_nothing_else():
    assert after_citizen_wrote("waiting") == "taken"
    assert all(after_citizen_wrote(state) == state for state in STATES if state != "waiting")


def test_roles_may_do_what_their_names_say():
    table = {role: {verb for verb in (READ, ACT, MANAGE) if may(role, verb)} for role in ROLES}
    assert table == {
        "manager": {READ, ACT, MANAGE},
        "officer": {READ, ACT},
        "reader": {READ},
        "nobody": set(),
    }


ROLES = ("manager", "officer", "reader", "nobody")


@given(st.text(max_size=60))
def test_only_what_has_the_form_of_a_link_is_looked_up(text):
    assert links.is_token(text) == (
        len(text) == 43 and all(one.isascii() and (one.isalnum() or one in "_-") for one in text)
    )


def test_a_link_is_made_anew_from_its_nonce_and_is_another_for_another_town():
    nonce = links.new_nonce()
    one = links.token("214600421", nonce)
    assert links.is_token(one)
    assert one == links.token("214600421", nonce)
    assert one != links.token("214601023", nonce)
    assert one not in links.digest(one)
