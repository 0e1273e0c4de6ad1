# SPDX-License-Identifier: GPL-3.0-or-later
"""Search in the guide: the obvious comes first, whatever way it is written."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comarquage.stems import stems

# Asked, and what must come first.
_FIRST = [
    ("changement adresse", "R11193"),
    ("Changement d'adresse", "R11193"),
    ("changement d\u2019adresse", "R11193"),
    ("changements d'adresses", "R11193"),
    ("acte de naissance", "F1427"),
    ("ACTE NAISSANCE", "F1427"),
    ("carte d'identite", "N358"),
    ("livret de famille", "N31784"),
    ("taxe de séjour", "F2048"),
    ("ouverture de chantier", "F1992"),
    ("mariage", "N142"),
    ("rsa", "N19775"),
    ("pacs", "N144"),
    ("carte grise", "N367"),
    ("permis de construire", "F1986"),
]


@pytest.mark.parametrize(("asked", "first"), _FIRST)
def test_the_obvious_comes_first(guide, asked, first):
    assert guide.search("part", asked, 1)[0].id == first


@pytest.mark.parametrize(
    ("asked", "among"),
    [("cni", "N358"), ("déménager", "F14128"), ("buvette", "F24345"), ("déménagement", "R11193"),
     ("débit de boissons temporaire", "F24345"), ("cerfa 13484", "R2228"), ("daact", "F1997"),
     ("extrait de naissance", "F1427"), ("s'inscrire sur les listes electorales", "F1367")],
)  # fmt: skip
def test_other_words_find_it_too(guide, asked, among):
    assert among in [hit.id for hit in guide.search("part", asked, 10)]


def test_each_audience_has_its_own_sheets(guide):
    both = {name: {hit.id for hit in guide.search(name, "société", 50)} for name in ("part", "pro")}
    assert both["pro"]
    for name, found in both.items():
        assert all(guide.page(name, one) is not None for one in found)
    assert both["part"] != both["pro"]
    assert guide.search("asso", "société") == []


def test_words_that_say_nothing_find_nothing(guide):
    for asked in ("", " ", "de la", "'\"", "()*", "zzzzzz"):
        assert guide.search("part", asked) == []


@given(st.text(max_size=250), st.integers(-5, 500))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_words_are_searched_without_an_error(guide, asked, limit):
    found = guide.search("part", asked, limit)
    assert len(found) <= max(0, min(limit, 200))


@given(st.text(max_size=100))
def test_stems_have_neither_accents_nor_capitals(text):
    for stem in stems(text):
        assert stem.isascii()
        assert stem == stem.lower()


@pytest.mark.parametrize(
    ("one", "other"),
    [("déclarations", "déclaration"), ("l'école", "ecole"), ("œuvre", "oeuvre"),
     ("naissances", "naissance"), ("l\u2019eau", "eau")],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(one, other):
    assert stems(one) == stems(other)
