# SPDX-License-Identifier: GPL-3.0-or-later
"""No word of the national guide is lost, on any sheet of a whole real archive."""

from __future__ import annotations

import pytest
import rules
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
def test_every_word_and_address_of_every_sheet_is_in_its_page(guide, files):
    lost = {}
    addresses = {}
    seen = 0
    for audience, documents in files.items():
        for name, data in documents.items():
            if name in _DATA:
                continue
            page = guide.page(audience, name)
            assert page is not None, name
            shown = page.html, *_steps(guide, audience, name)
            gone = words.lost(data, *shown)
            if gone:
                lost[f"{audience}/{name}"] = dict(gone)
            no_more = words.lost_addresses(data, *shown)
            if no_more:
                addresses[f"{audience}/{name}"] = no_more
            seen += 1
    assert lost == {}
    assert addresses == {}
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


def test_the_count_of_words_sees_attributes_and_addresses():
    source = b"<Lien URL='http://a.example/1' commentaireLien='tous les jours'/>"
    assert words.lost(source, "<p>les jours</p>") == {"tous": 1}
    assert words.lost_addresses(source, "<a href='http://b.example/'>a</a>") == {
        "http://a.example/1"
    }
    assert words.lost_addresses(source, "<a href='https://a.example/1'>a</a>") == set()


@pytest.mark.parametrize(
    ("fragment", "why"),
    [
        ("<p><div>a</div></p>", "div in p"),
        ("<div><p>a</div>", "/div closes nothing"),
        ("<a href='#b'>a <a href='#c'>b</a></a>", "link in a link"),
        ("<ul>a<li>b</li></ul>", "text in ul"),
        ("<div><li>b</li></div>", "li in div"),
        ("<h2></h2>", "h2 without anything"),
        ("<section>", "section not closed"),
    ],
)
def test_misplaced_tags_are_seen(fragment, why):
    assert why in rules.misplaced(fragment)
    assert rules.misplaced("<dl><dt>a</dt><dd><p>b <a href='#c'>c</a></p></dd></dl>") == []
