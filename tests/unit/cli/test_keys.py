# SPDX-License-Identifier: GPL-3.0-or-later
"""How far DKIM keys have come, as `bastide mail keys` shows it."""

import pytest

from bastide.cli.keys import key_lines

WANTED = {
    "zone": "info46.com",
    "generation": 2,
    "selectors": {"ed25519": ["b-ed1", "b-ed2"], "rsa": ["b-rsa1", "b-rsa2"]},
    "wait": 3600,
    "grace": 86400,
}


def generation(number, place, **times):
    return {"number": number, "place": place, "seen": None, "signs": None, "left": None, **times}


OLD = generation(1, 1, seen=0, signs=0)


@pytest.mark.parametrize(
    ("generations", "english", "french"),
    [
        ([OLD], "signs since 1970-01-01 00:00 UTC", "signe depuis 1970-01-01 00:00 UTC"),
        ([OLD, generation(2, 2)], "not yet given by every name server", "pas encore donnée"),
        ([OLD, generation(2, 2, seen=60)], "from 1970-01-01 01:01", "partir de 1970-01-01 01:01"),
        (
            [generation(1, 1, seen=0, signs=0, left=120), generation(2, 2, seen=0, signs=120)],
            "published until 1970-01-02 00:02",
            "publiée jusqu'à 1970-01-02 00:02",
        ),
    ],
)
def test_each_generation_says_where_it_stands_and_what_comes_next(generations, english, french):
    said = {"wanted": WANTED, "generations": generations, "domains": 312, "waiting": ["cahors.fr"]}
    for language, words in (("en", english), ("fr", french)):
        text = "\n".join(key_lines("mail", said, language))
        assert words in text
        assert "b-ed1 b-rsa1" in text
        assert "312" in text
        assert "bastide explain cahors.fr" in text


def test_a_host_that_has_none_yet_says_so():
    said = {"wanted": None, "generations": [], "domains": 0, "waiting": []}
    assert key_lines("mail", said, "en") == ["mail  no keys yet; the next apply makes them"]
