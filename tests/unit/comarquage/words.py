# SPDX-License-Identifier: GPL-3.0-or-later
"""Which words of a source its page lost: every word is counted, the order of blocks is free."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree, html

DC = "{http://purl.org/dc/elements/1.1/}"
# Names for machines: they are in the page in another form, which other tests look at.
MACHINE = frozenset({"PivotLocal", f"{DC}date", "FranceConnect"})
_WORD = re.compile(r"\w+", re.UNICODE)
# In running text no word ends where an element does ("1<Exposant>er</Exposant>").
_INLINE = frozenset(["a", "strong", "q", "cite", "sup", "sub", "i", "span", "code", "em", "q"])


def _collected(root, inline, machine=frozenset()) -> Counter[str]:
    """Words of `root`; text of elements that are not `inline` stands apart."""
    pieces: list[str] = []

    def walk(element) -> None:
        if not isinstance(element.tag, str) or element.tag in machine:
            return
        # An empty link gets the title of its target, a document its format and weight.
        apart = element.tag not in inline or (
            element.tag in {"LienInterne", "LienExterne"}
            and ("format" in element.attrib or not element.text)
        )
        if apart:
            pieces.append(" ")
        pieces.append(element.text or "")
        for child in element:
            walk(child)
            pieces.append(child.tail or "")
        if apart:
            pieces.append(" ")

    walk(root)
    return Counter(_WORD.findall("".join(pieces)))


_SOURCE_INLINE = frozenset({
    "MiseEnEvidence", "Valeur", "Expression", "Exposant", "Indice", "LienInterne", "LienIntra",
    "LienExterne", "Variable", "TermeEtranger", "Citation", "Date",
})  # fmt: skip


def words_of_source(data: bytes) -> Counter[str]:
    root = etree.fromstring(data)
    return _collected(root, _SOURCE_INLINE, MACHINE)


def words_of_page(*fragments: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for fragment in fragments:
        if fragment:
            found += _collected(html.fragment_fromstring(fragment, create_parent="div"), _INLINE)
    return found


def lost(data: bytes, *fragments: str) -> Counter[str]:
    """Words that the source has more often than its page (and steps of its guided search)."""
    return words_of_source(data) - words_of_page(*fragments)
