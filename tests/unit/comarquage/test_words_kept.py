# SPDX-License-Identifier: GPL-3.0-or-later
"""No word of the national guide is lost, on any sheet of a whole real archive."""

from __future__ import annotations

import pytest
import words
from lxml import etree

from comarquage import Guide
from comarquage.indexes import DATA
from comarquage.parse import parsed

# Data for machines: the menu is shown as a tree, redirections are followed, days are no words.
_DATA = {"menu", "redirections", "idxDateModifImp"}


def _steps(guide: Guide, audience: str, name: str) -> list[str]:
    rows = guide.rows(audience, "SELECT html FROM step WHERE id = ?", name)
    return [html for (html,) in rows]


@pytest.mark.slow
def test_every_word_of_every_sheet_is_in_its_page_as_often_as_in_its_source(guide, files):
    lost = {}
    seen = 0
    for audience, documents in files.items():
        for name, data in documents.items():
            if name in _DATA:
                continue
            page = guide.page(audience, name)
            assert page is not None, name
            gone = words.lost(data, page.html, *_steps(guide, audience, name))
            if gone:
                lost[f"{audience}/{name}"] = dict(gone)
            seen += 1
    assert lost == {}
    assert seen == 7675 - 2 * len(_DATA)


def test_every_word_of_the_menu_is_in_the_tree(guide, files):
    def titles(nodes):
        return [text for node in nodes for text in (node.title, *titles(node.below))]

    for audience, documents in files.items():
        root = parsed(documents["menu"])
        wanted = [" ".join(one.text.split()) for one in root.iterfind(".//ItemMenu/Titre")]
        assert titles(guide.tree(audience)) == wanted


def test_what_is_no_page_is_only_what_is_listed_here(files):
    for documents in files.values():
        data = {name for name, text in documents.items()
                if etree.fromstring(text).tag in DATA}  # fmt: skip
        assert data == _DATA


def test_the_count_of_words_sees_a_paragraph_that_is_missing():
    source = b"<Texte><Paragraphe>un</Paragraphe><Paragraphe>un</Paragraphe></Texte>"
    assert words.lost(source, "<p>un</p>") == {"un": 1}
    assert words.lost(source, "<p>un</p><p>un</p>") == {}
