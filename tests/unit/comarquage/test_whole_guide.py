# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every page of the whole guide."""

from __future__ import annotations

import re

import pytest
import rules
from lxml import html

from comarquage import Guide, Local, fill

_SOME = ("F1427", "F24345", "N359", "R11193", "F34680", "F2122", "accueil", "centresDeContact")


def _pages(guide: Guide):
    for audience in guide.audiences:
        for (name,) in guide.rows(audience, "SELECT id FROM page"):
            yield guide.page(audience, name)


def _mention(root, page):
    """What the licence asks for: producer, address in full, file, its day."""
    mention = root.find_class("mention")
    text = mention[0].text_content() if len(mention) == 1 else ""
    archive = f"https://lecomarquage.service-public.fr/vdd/3.4/{page.audience}/zip/"
    for part in (f"{page.id}.xml", f"{archive}vosdroits-latest.zip", "6 mars 2024", "DILA",
                 "Licence Ouverte 2.0"):  # fmt: skip
        if part not in text:
            yield f"mention without {part}"


@pytest.mark.slow
def test_every_page_keeps_the_rules_that_need_no_eye(guide):
    known = {(page.audience, page.id) for page in _pages(guide)}
    wrong = []
    for page in _pages(guide):
        root = html.fragment_fromstring(page.html, create_parent="div")
        wrong += [(page.audience, page.id, why)
                  for why in (*rules.broken(page.html, known), *_mention(root, page))]  # fmt: skip
    assert wrong[:20] == []
    assert len(known) == 7669


@pytest.mark.slow
def test_no_slot_and_no_mark_is_left_in_a_filled_page(guide):
    left = [
        page.id
        for page in _pages(guide)
        if re.search(r"<!--slot|guide:/", fill(page, Local(base="/droits")))
    ]
    assert left == []


def test_every_redirection_leads_to_a_page_or_outside(guide):
    nowhere = []
    for audience in guide.audiences:
        rows = guide.rows(audience, "SELECT old FROM moved")
        assert len(rows) > 500
        for (old,) in rows:
            target = guide.redirected(old, audience)
            if isinstance(target, tuple):
                assert guide.page(*target) is not None, old
            elif target is None:
                nowhere.append(old)
            else:
                assert target.startswith(("https://", "http://")), old
    assert nowhere == []


def test_an_empty_link_bears_the_title_of_its_target(guide):
    page = guide.page("part", "F34680", path="1.1.1.1")
    assert 'href="guide:/part/F134?r=' in page.html
    assert ">Déposer un dossier de surendettement</a>" in page.html


def test_a_missing_target_leads_to_where_it_certainly_is(guide):
    html_of_all = "".join(page.html for page in _pages(guide) if "F37096" in page.html)
    assert "https://www.service-public.gouv.fr/particuliers/vosdroits/F37096" in html_of_all
    assert "guide:/part/F37096" not in html_of_all


def test_what_the_source_says_of_a_sheet_is_told_with_its_page(guide):
    page = guide.page("part", "F24345")
    assert page.title == "Buvette ou bar tenu par une association"
    assert page.day.isoformat() == "2023-01-01"
    assert page.canonical == "https://www.service-public.fr/particuliers/vosdroits/F24345"
    assert page.themes == ("N31931",)
    assert "Vérifié le 1er janvier 2023" in page.html


@pytest.mark.parametrize("name", _SOME)
def test_filling_a_page_twice_gives_the_same_bytes(guide, name):
    page = guide.page("part", name)
    assert fill(page, Local()) == fill(page, Local())


@pytest.mark.parametrize("name", ["F999999999", "../F1427", "F1427'--", "", "redirections", "é"])
def test_what_is_no_sheet_is_none(guide, name):
    assert guide.page("part", name) is None
    assert guide.page("asso", name) is None


def test_the_glossary_goes_from_a_to_z_with_accents_passed_over(guide):
    terms = guide.glossary("part")
    assert len(terms) > 1000
    letters = [term.letter for term in terms]
    assert letters == sorted(letters)
    assert {term.title: term.letter for term in terms}["Échéance du bail"] == "E"
