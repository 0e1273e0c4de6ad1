# SPDX-License-Identifier: GPL-3.0-or-later
"""Which words of a source its page lost: every word is counted, the order of blocks is free."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree, html

DC = "{http://purl.org/dc/elements/1.1/}"
# Names for machines: they are in the page in another form, which other tests look at.
MACHINE = frozenset({"PivotLocal", f"{DC}date", "FranceConnect"})
# Attributes whose words are meant for readers; all others are names, numbers and kinds.
SAID = ("commentaireLien", "titre", "valeur", "unite", "numerocerfa", "autrenumero")
ADDRESSES = ("URL", "URLcerfaGuide")
_WORD = re.compile(r"\w+", re.UNICODE)
_AFTER = frozenset({"format", "poids", *SAID})
# In running text no word ends where an element does ("1<Exposant>er</Exposant>").
_INLINE = frozenset(["a", "strong", "q", "cite", "sup", "sub", "i", "span", "code", "em", "q"])


def _collected(root, inline, machine=frozenset()) -> Counter[str]:
    """Words of `root`; text of elements that are not `inline` stands apart."""
    pieces: list[str] = []

    def walk(element) -> None:
        if not isinstance(element.tag, str) or element.tag in machine:
            return
        # An empty link gets the title of its target, and those of a `Lien` are lines.
        apart = element.tag not in inline or (
            element.tag in {"LienInterne", "LienExterne"}
            and (not element.text or _is_line(element))
        )
        if apart:
            pieces.append(" ")
        pieces.append(element.text or "")
        for child in element:
            walk(child)
            pieces.append(child.tail or "")
        # Format, weight and what is said of a link follow it.
        if apart or not _AFTER.isdisjoint(element.attrib):
            pieces.append(" ")

    walk(root)
    return Counter(_WORD.findall("".join(pieces)))


def _is_line(element) -> bool:
    above = element.getparent()
    return above is not None and above.tag == "Lien"


_SOURCE_INLINE = frozenset({
    "MiseEnEvidence", "Valeur", "Expression", "Exposant", "Indice", "LienInterne", "LienIntra",
    "LienExterne", "Variable", "TermeEtranger", "Citation", "Date", "MathTex", "Tel",
})  # fmt: skip


def words_of_source(data: bytes) -> Counter[str]:
    root = etree.fromstring(data)
    return _collected(root, _SOURCE_INLINE, MACHINE) + _said(root)


def _said(root) -> Counter[str]:
    """Words of attributes; a comment may repeat the title, which is then said once."""
    return Counter(
        word
        for element in root.iter(etree.Element)
        for name in SAID
        for word in _WORD.findall(element.get(name) or "")
        if name != "commentaireLien" or not _repeats(element)
    )


def _repeats(element) -> bool:
    comment = element.get("commentaireLien").split()
    return comment in ((element.findtext("Titre") or "").split(), (element.text or "").split())


def words_of_page(*fragments: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for fragment in fragments:
        if fragment:
            found += _collected(html.fragment_fromstring(fragment, create_parent="div"), _INLINE)
    return found


def lost(data: bytes, *fragments: str) -> Counter[str]:
    """Words that the source has more often than its page (and steps of its guided search)."""
    return words_of_source(data) - words_of_page(*fragments)


def lost_addresses(data: bytes, *fragments: str) -> set[str]:
    """Addresses of the web that no link of the page leads to, as host and path."""
    root = etree.fromstring(data)
    wanted = {
        element.get(name).strip()
        for element in root.iter(etree.Element)
        for name in ADDRESSES
        if (element.get(name) or "").strip().startswith(("http://", "https://"))
    }
    there = {
        link.get("href")
        for fragment in fragments
        if fragment
        for link in html.fragment_fromstring(fragment, create_parent="div").iter("a")
    }
    return {url for url in wanted if not {url, url.replace("http://", "https://", 1)} & there}
