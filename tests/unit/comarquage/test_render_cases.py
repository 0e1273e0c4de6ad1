# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements of flux 3.4 and 3.5 and the pages they become: tests/data/comarquage/cases.

BASTIDE_GOLDEN=write writes the pages anew; read the difference before committing it.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import pytest
import words
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from comarquage.corpus import Corpus
from comarquage.render.about import Origin
from comarquage.render.dispatch import BLOCK, INLINE
from comarquage.render.page import render

CASES = Path(__file__).parents[2] / "data" / "comarquage" / "cases"
_ORIGIN = Origin("https://lecomarquage.service-public.gouv.fr/a.zip", dt.date(2026, 11, 1))
_BREAK = re.compile(r"(?=<(?:/?(?:section|div|details|ul|ol|table|tr|dl)|li|p|h\d|!--)\b)")


def _corpus() -> Corpus:
    titles = {("part", "F1"): "Une", ("part", "F2"): "Deux & deux", ("pro", "F3"): "Trois"}
    moved = {("part", "F9"): "F2"}
    return Corpus(titles, moved, secure_hosts={"www.legifrance.gouv.fr"})


def _rendered(source: bytes):
    root = etree.fromstring(source)
    return render(_corpus(), "part", root.get("ID") or "F1", root, _ORIGIN)


def _written(page) -> str:
    """A page and its steps, a line for each block, so that differences can be read."""
    parts = [page.html, *(f"<!-- {path or 'start'} -->{step}" for path, step in page.steps.items())]
    return "\n".join(_BREAK.sub("\n", part).strip() for part in parts) + "\n"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.xml")), ids=lambda path: path.stem)
def test_each_case_becomes_its_page_and_loses_no_word(path):
    page = _rendered(path.read_bytes())
    if os.environ.get("BASTIDE_GOLDEN") == "write":
        path.with_suffix(".html").write_text(_written(page), "utf-8")
    assert _written(page) == path.with_suffix(".html").read_text("utf-8")
    assert words.lost(path.read_bytes(), page.html, *page.steps.values()) == {}


def test_there_are_cases():
    assert len(list(CASES.glob("*.xml"))) >= 6


def test_what_is_new_is_counted_and_what_is_an_odd_address_too():
    assert _rendered((CASES / "flux-3.5.xml").read_bytes()).unknown == {"Nouveau2027": 1}
    assert _rendered((CASES / "links.xml").read_bytes()).unknown == {
        "address javascript:alert(1)": 1
    }


_NAMES = [*sorted(str(name) for name in {*BLOCK, *INLINE}), "Inconnu", "Rangée", "Choix"]
_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12
)
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(["ID", "type", "URL", "LienPublication", "LienID", "audience", "var", "format",
                     "poids", "langue", "fusionHorizontale", "fusionVerticale", "groupe"]),
    st.sampled_from(["F1", "F2", "R1", "T1", "header", "2", "-1", "9999999999", '<&">', "numero",
                     "https://x.example/", "javascript:x", "Particuliers", "application/pdf"]),
    max_size=3,
)  # fmt: skip


def _element(name, attributes, text, tail, children):
    element = etree.Element(name, attributes)
    element.text, element.tail = text, tail
    element.extend(children)
    return element


_ELEMENTS = st.recursive(
    st.builds(_element, st.sampled_from(_NAMES), _ATTRIBUTES, _TEXTS, _TEXTS, st.just([])),
    lambda inner: st.builds(
        _element, st.sampled_from(_NAMES), _ATTRIBUTES, _TEXTS, _TEXTS,
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(_ELEMENTS, max_size=4))
def test_whatever_stands_in_whatever_becomes_a_page_without_active_content(elements):
    root = etree.Element("Publication", {"ID": "F1"})
    root.extend(elements)
    page = _rendered(etree.tostring(root, encoding="utf-8"))
    tree = html.fragment_fromstring(page.html, create_parent="div")
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not tags & {"script", "style", "iframe", "img", "object", "embed", "form", "svg", "base"}
    for element in tree.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
        url = element.get("href")
        assert url is None or re.match(r"https?://|guide:/|#|mailto:|tel:", url), url
