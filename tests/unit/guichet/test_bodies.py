# SPDX-License-Identifier: GPL-3.0-or-later
"""What a share may say of a desk: nothing that would break a mail's header or the database."""

import pytest

from guichet.convergence.bodies import check_agent, check_desk

GOOD = {"name": "Mairie de Cahors", "sender": "ne-pas-repondre@cahors.fr"}


def test_the_body_that_the_others_are_made_of_is_good():
    assert check_desk(GOOD) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Mairie\n"},
        {"name": "Mairie\r\nBcc: tous@exemple.fr"},
        {"name": "Mairie\0"},
        {"name": "\x1b[2J"},
        {"name": "\ud800"},
        {"sender": "a@cahors.fr\n"},
        {"sender": "a@cahors.fr, b@cahors.fr"},
        {"sender": "a@cahors.fr\r\nBcc: tous@exemple.fr"},
        {"site": "javascript:alert(1)"},
        {"site": "https://cahors.fr/\n"},
        {"contact": {"email": "a@cahors.fr\n"}},
        {"contact": {"address": "a\0"}},
    ],
)
def test_a_hostile_body_of_a_desk_is_refused(wrong):
    assert check_desk({**GOOD, **wrong})


def test_a_hostile_name_of_an_agent_is_refused():
    assert check_agent({"role": "manager", "name": "Accueil\n"})
    assert check_agent({"role": "manager", "name": "Accueil\0"})
