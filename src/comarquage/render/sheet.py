# SPDX-License-Identifier: GPL-3.0-or-later
"""One sheet while it is rendered: what is written so far, and what its parts must know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lxml import etree

from comarquage.corpus import Corpus

Element = etree._Element  # noqa: SLF001 - the name that lxml's own documentation types with


class Sheet:
    """The state of rendering one file; `out` are the pieces of its page.

    `level` is that of the next heading (the title of the page is 1), `heading` the text of the
    last one, which names tables without a title.  `defined` are glossary entries that the page
    explains, `wanted` identifiers that a link of the page leads to.  `slots` and `external`
    collect what local information and the link report ask for.
    """

    __slots__ = (
        "audience",
        "conditional",
        "conditions",
        "corpus",
        "defined",
        "external",
        "heading",
        "id",
        "ids",
        "level",
        "out",
        "steps",
        "tables",
        "terms",
        "unknown",
        "wanted",
    )

    def __init__(self, corpus: Corpus, audience: str, identifier: str) -> None:
        self.corpus = corpus
        self.audience = audience
        self.id = identifier
        self.out: list[str] = []
        self.level = 2
        self.heading = ""
        self.defined: set[str] = set()
        self.wanted: set[str] = set()
        self.ids: set[str] = set()
        self.conditional = False  # whether the source has any condition
        self.conditions = 0
        self.tables = 0
        self.external: set[str] = set()
        self.unknown: Counter[str] = Counter()
        self.steps: dict[str, str] = {}
        self.terms: dict[str, tuple[str, str]] = {}

    def anchor(self, element: Element) -> str:
        """`` id="…"`` for the first element that a link of the page leads to, else nothing."""
        identifier = element.get("ID")
        if identifier is None or identifier not in self.wanted or identifier in self.ids:
            return ""
        self.ids.add(identifier)
        return f' id="{attribute(identifier)}"'

    def captured(self, handler: Handler, element: Element) -> str:
        """What `handler` writes, as text of its own instead of in the page."""
        kept, self.out = self.out, []
        handler(self, element)
        written, self.out = "".join(self.out), kept
        return written


Handler = Callable[[Sheet, Element], None]


def escape(text: str) -> str:
    """`text` for between tags.  Written for speed: most texts hold nothing to escape."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text


def attribute(text: str) -> str:
    """`text` for between double quotes."""
    text = escape(text)
    return text.replace('"', "&quot;") if '"' in text else text


def is_blank(text: str | None) -> bool:
    """Whether there is nothing to show."""
    return not text or text.isspace()
