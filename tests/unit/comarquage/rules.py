# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that every page of the guide keeps, and that need no eye to be looked at."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from itertools import pairwise

from lxml import html

Key = tuple[str, str]
# What holds running text only, or what holds nothing but parts of its own kind.
_RUNNING = frozenset(["p", "span", "a", "strong", "q", "cite", "i", "sub", "sup", "code", "dt",
                      *(f"h{level}" for level in range(1, 7))])  # fmt: skip
_IN_TEXT = frozenset(["span", "a", "strong", "q", "cite", "i", "sub", "sup", "code"])
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_PARTS = {
    "ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd"}, "table": {"caption", "thead", "tbody"},
    "thead": {"tr"}, "tbody": {"tr"}, "tr": {"th", "td"},
}  # fmt: skip
_ONLY_IN = {part: {whole for whole, parts in _PARTS.items() if part in parts}
            for part in {part for parts in _PARTS.values() for part in parts}}  # fmt: skip


def broken(page: str, known: Collection[Key]) -> Iterator[str]:
    """What is wrong with the HTML of a page; `known` are audience and name of all there are."""
    root = html.fragment_fromstring(page, create_parent="div")
    for rule in (_headings(root), _links(root, known), _tables(root), _foreign(root)):
        yield from rule
    yield from misplaced(page)


def misplaced(fragment: str) -> list[str]:
    """Tags that are not closed, or stand where HTML does not have them.

    A parser of pages moves such elements about in silence; a reader's browser too.
    """
    nesting = _Nesting()
    nesting.feed(fragment)
    nesting.close()
    return nesting.wrong + [f"{tag} not closed" for tag in nesting.open]


class _Nesting(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.filled = False  # whether what was opened last holds anything
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - as the parser calls it
        within = self.open[-1] if self.open else ""
        if within in _PARTS and tag not in _PARTS[within]:
            self.wrong.append(f"{tag} in {within}")
        if tag in _ONLY_IN and within not in _ONLY_IN[tag]:
            self.wrong.append(f"{tag} in {within}")
        if within in _RUNNING and tag not in _IN_TEXT:
            self.wrong.append(f"{tag} in {within}")
        if within == "summary" and tag not in _IN_TEXT | _HEADINGS:
            self.wrong.append(f"{tag} in summary")
        if tag == "a" and "a" in self.open:
            self.wrong.append("link in a link")
        if tag in _HEADINGS and {"th", "dt", "caption"} & set(self.open):
            self.wrong.append(f"{tag} in a header")
        self.open.append(tag)
        self.filled = False

    def handle_data(self, data):
        self.filled = self.filled or not data.isspace()
        if self.open and self.open[-1] in _PARTS and not data.isspace():
            self.wrong.append(f"text in {self.open[-1]}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag} closes nothing")
        if tag in {"ul", "ol", "dl", *_HEADINGS} and not self.filled:
            self.wrong.append(f"{tag} without anything")
        self.filled = True


def _address(url: str) -> tuple[str, str]:
    _, audience, name = url.removeprefix("guide:").partition("?")[0].partition("#")[0].split("/")
    return audience, name


def _headings(root):
    """One h1, first, and no level skipped (RGAA 9.1)."""
    levels = [int(one.tag[1]) for one in root.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels[0] != 1 or levels.count(1) != 1:
        yield "not one h1, first"
    if any(after > before + 1 for before, after in pairwise(levels)):
        yield "a level of headings is skipped"


def _links(root, known):
    """Links have a text and lead somewhere: to an anchor, a page of the guide, an address."""
    ids = [element.get("id") for element in root.iterfind(".//*[@id]")]
    if len(ids) != len(set(ids)):
        yield "two parts with one id"
    for link in root.iter("a"):
        url = link.get("href")
        if not "".join(link.itertext()).strip():
            yield f"link without text to {url}"
        if url.startswith("#") and url[1:] not in ids:
            yield f"anchor {url}"
        elif url.startswith("guide:") and url.count("/") == 2 and _address(url) not in known:
            yield f"link to {url}"
        elif not re.match(r"https?://|guide:/|#|mailto:|tel:", url):
            yield f"odd address {url}"


def _tables(root):
    """Tables have a caption, their headers a scope (RGAA 5.4, 5.7)."""
    for table in root.iter("table"):
        if table.find("caption") is None or not table.find("caption").text_content().strip():
            yield "table without caption"
        if any(not th.get("scope") for th in table.iter("th")):
            yield "th without scope"


def _foreign(root):
    """Nothing that runs or asks a third party."""
    for one in root.iter("script", "img", "iframe", "style", "object", "svg", "link", "form"):
        yield one.tag
