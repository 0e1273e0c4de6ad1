# SPDX-License-Identifier: GPL-3.0-or-later
"""axe-core on a hundred real sheets, as a town hall would show them."""

from __future__ import annotations

import random

import pytest
import shell

import axe
from comarquage import Guide, fill, local_of

# Sheets of every kind and every element, and the largest ones, before those of the lot.
_CHOSEN = (
    "F1427", "F1432", "F18910", "F24345", "F2048", "F1992", "F16225", "F34680", "F10004",
    "F11616", "F1349", "F32675", "F35936", "F2122", "F9", "N359", "N19810", "N439", "R1406",
    "R24391", "R48296", "R19859", "accueil", "commentFaireSi",
)  # fmt: skip


def _sample(guide: Guide) -> list[tuple[str, str]]:
    chosen = [("part", name) for name in _CHOSEN]
    lot = random.Random(2024)
    for audience, count in (("part", 50), ("pro", 100 - 50 - len(chosen))):
        names = sorted(row[0] for row in guide.rows(audience, "SELECT id FROM page"))
        chosen += [(audience, name) for name in lot.sample(names, count)]
    return chosen


@pytest.mark.slow
def test_axe_finds_nothing_on_a_hundred_sheets_with_everything_unfolded(guide, tmp_path):
    local, problems = local_of([{
        "pivots": {"mairie": {
            "name": "Mairie de Cahors", "address": ["73 boulevard Gambetta", "46000 Cahors"],
            "phone": "05 65 20 87 87", "email": "mairie@cahors.fr",
            "website": "https://www.cahors.fr", "hours": ["Lundi : 9 h à 12 h"],
            "note": "<p>Entrée par la cour.</p>",
        }},
        "enrichments": {"F1427": {"before": "Deux jours.", "after": "<ul><li>Ici</li></ul>",
                                  "procedure": "acte"}},
        "procedures": {"acte": {"title": "Demander un acte", "url": "/demarches/acte/"}},
    }])  # fmt: skip
    assert not problems
    found = {}
    sample = _sample(guide)
    assert len(set(sample)) == 100
    browser = axe.browser()
    try:
        for audience, name in sample:
            sheet = guide.page(audience, name)
            path = tmp_path / "page.html"
            path.write_text(shell.page(sheet.title, fill(sheet, local)), "utf-8")
            browser.get(path.as_uri())
            wrong = axe.violations(browser)
            if wrong:
                found[f"{audience}/{name}"] = wrong
    finally:
        browser.quit()
    assert found == {}


@pytest.mark.slow
def test_axe_would_find_an_image_without_text_and_a_heading_out_of_order(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(shell.page("x", '<h1>x</h1><h3>y</h3><img src="a.png">'), "utf-8")
    browser = axe.browser()
    try:
        browser.get(path.as_uri())
        rules = {rule for rule, *_ in axe.violations(browser)}
    finally:
        browser.quit()
    assert rules >= {"image-alt", "heading-order"}
