# SPDX-License-Identifier: GPL-3.0-or-later
"""Indexes of an archive read as data: the menu, sub-themes, redirections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

# Roots that are data for machines; all others are pages, unknown ones too: they may hold words.
DATA = frozenset({
    "Menu", "Redirections", "DatesModImp", "DatesMaj", "Arborescence", "ListeValeurs",
    "RessourcesEnLigne", "IndexActualite", "IndexTech", "rss", "OuSAdresserListe", "Glossaire",
    "Messagerie",
})  # fmt: skip

NodeRow = tuple[int, int, str, str, str]
MovedRow = tuple[str, str | None, str | None]


@dataclass
class Indexes:
    """Rows for the store: the menu in its order, redirections, and themes of sub-themes."""

    nodes: list[NodeRow] = field(default_factory=list)
    moved: list[MovedRow] = field(default_factory=list)
    subthemes: dict[str, str] = field(default_factory=dict)


def read(menu: etree._Element | None, redirections: etree._Element | None) -> Indexes:
    """The roots of ``menu.xml`` and ``redirections.xml``, either of which may be missing."""
    found = Indexes()
    if menu is not None:
        for row in _nodes(menu, 0, iter(range(1, 1_000_000))):
            found.nodes.append(row)
        themes = {
            number: identifier for number, parent, identifier, _, _ in found.nodes if not parent
        }
        for _, parent, identifier, kind, _ in found.nodes:
            if kind == "Sous-theme" and parent in themes:
                found.subthemes[identifier] = themes[parent]
    for redirection in redirections if redirections is not None else ():
        old = redirection.get("from") or ""
        new, url = redirection.get("to"), redirection.get("toUrl")
        if old and (new or (url or "").startswith(("https://", "http://"))):
            found.moved.append((old, new, None if new else url))
    return found


def _nodes(element: etree._Element, parent: int, numbers: Iterator[int]) -> Iterator[NodeRow]:
    for item in element.findall("ItemMenu"):
        number = next(numbers)
        title = " ".join((item.findtext("Titre") or "").split())
        yield number, parent, item.get("ID") or "", item.get("type") or "", title
        yield from _nodes(item, number, numbers)
