# SPDX-License-Identifier: GPL-3.0-or-later
"""Short names of places."""

import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide import reference
from bastide.reference import slugify, slugify_epci

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
french = st.text("abcdefghijklmnopqrstuvwxyzàâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÙÛŒÆ '-()0123456789\u2019")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Saint-Céré", "saint-cere"),
        ("Saint Géry-Vers", "saint-gery-vers"),
        ("L'Hospitalet-du-Larzac", "l-hospitalet-du-larzac"),
        ("Lhospitalet", "lhospitalet"),
        ("L\u2019Haÿ-les-Roses", "l-hay-les-roses"),
        ("Le Bourg", "le-bourg"),
        ("Puy-l'Évêque", "puy-l-eveque"),
        ("Cœur de Causse", "coeur-de-causse"),
        ("Œuilly", "oeuilly"),
        ("Bors (Canton de Tude-et-Lavalette)", "bors-canton-de-tude-et-lavalette"),
        ("", ""),
        ("--'--", ""),
    ],
)
def test_the_rules_hold_on_the_names_that_try_them(name, slug):
    assert slugify(name) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("CA du Grand Cahors", "ca-grand-cahors"),
        ("CC Quercy - Bouriane", "cc-quercy-bouriane"),
        ("CC de la Vallée du Lot et du Vignoble", "cc-vallee-du-lot-et-du-vignoble"),
        ("CC Desvres-Samer", "cc-desvres-samer"),
        ("Métropole de Lyon", "metropole-de-lyon"),
    ],
)
def test_an_epci_keeps_its_kind_and_loses_the_article_behind_it(name, slug):
    assert slugify_epci(name) == slug


@given(st.text())
def test_any_text_gives_a_slug_or_nothing(text):
    slug = slugify(text)
    assert slug == "" or SLUG.match(slug)
    assert slugify(slug) == slug


@given(french)
def test_case_and_unicode_form_make_no_difference(name):
    assert slugify(name.upper()) == slugify(name)
    assert slugify(unicodedata.normalize("NFD", name)) == slugify(name)


def test_1482_slugs_are_shared_between_departments_and_none_inside_one():
    communes = reference.communes()
    inside = Counter((c.department, c.slug) for c in communes)
    assert [place for place, count in inside.items() if count > 1] == []
    assert sum(count > 1 for count in reference.slugs_of_france().values()) == 1482


def test_files_of_communes_and_epcis_never_share_a_name():
    names = Counter((c.department, c.slug) for c in reference.communes())
    names.update((e.department, e.slug) for e in reference.epcis())
    assert [name for name, count in names.items() if count > 1] == []
