# SPDX-License-Identifier: GPL-3.0-or-later
"""One audience of a release written: pages, index, menu, glossary, redirections, links."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from comarquage.render.page import Rendered
from comarquage.stems import STOP, stem, words

_MOST_PAGES_OF_LINK = 5


class Store:
    """The file of one audience while it is written; a context manager that ends with it on disk.

    Durability is not SQLite's business here: nobody reads the file before its release is
    complete and synced.
    """

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path)
        self._base.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; "
            "PRAGMA page_size=16384;"
        )
        self._base.executescript((files("comarquage") / "schema.sql").read_text("utf-8"))
        self._number = 0
        self._links: dict[str, list[str]] = {}

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the file, in whatever way one came here."""
        self._base.close()

    def page(self, page: Rendered, digest: str, text: str) -> None:
        """Write one page; `text` is what it is found by, beside its title and description."""
        self._base.execute(
            "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                page.id,
                page.kind,
                page.title,
                page.description,
                page.day.isoformat() if page.day else None,
                page.canonical,
                digest,
                " ".join(page.themes),
                page.html,
            ),
        )
        self._base.executemany(
            "INSERT INTO step VALUES (?, ?, ?)",
            [(page.id, path, html) for path, html in page.steps.items()],
        )
        for url in page.external:
            pages = self._links.setdefault(url, [])
            if len(pages) < _MOST_PAGES_OF_LINK:
                pages.append(page.id)
        if text:
            self._index(page, text)

    def _index(self, page: Rendered, text: str) -> None:
        self._number += 1
        title = _stemmed(page.title)
        self._base.execute(
            "INSERT INTO found VALUES (?, ?, ?, ?)", (self._number, page.id, page.kind, page.title)
        )
        self._base.execute(
            "INSERT INTO words (rowid, title, description, body) VALUES (?, ?, ?, ?)",
            (self._number, title, _stemmed(page.description), _stemmed(text)),
        )

    def moved(self, rows: Iterable[tuple[str, str | None, str | None]]) -> None:
        """Redirections: old identifier, new one or address outside."""
        self._base.executemany("INSERT OR REPLACE INTO moved VALUES (?, ?, ?)", rows)

    def nodes(self, rows: Iterable[tuple[int, int, str, str, str]]) -> None:
        """The menu: number, number of the parent (0 for none), id, kind, title."""
        self._base.executemany("INSERT INTO node VALUES (?, ?, ?, ?, ?)", rows)

    def terms(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """The glossary: id, title, HTML."""
        self._base.executemany(
            "INSERT OR REPLACE INTO term VALUES (?, ?, ?, ?)",
            [(identifier, title, sorting(title), html) for identifier, title, html in rows],
        )

    def changes(self, rows: Iterable[tuple[str, str, str, str, str]]) -> None:
        """What changed: day, id, what, title, themes."""
        self._base.executemany("INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?, ?)", rows)

    def finish(self) -> None:
        """Write what was gathered, and bring the index into its smallest form."""
        self._base.executemany(
            "INSERT INTO link VALUES (?, ?)",
            [(url, " ".join(pages)) for url, pages in self._links.items()],
        )
        self._base.execute("INSERT INTO words(words) VALUES ('optimize')")
        self._base.commit()


def sorting(title: str) -> str:
    """What a title is sorted by: lower case, without accents or marks before its first letter."""
    plain = unicodedata.normalize("NFKD", title.replace("œ", "oe").replace("Œ", "oe"))
    text = plain.encode("ascii", "ignore").decode("ascii").lower()
    return text.lstrip("'\" -«([") or text


def _stemmed(text: str) -> str:
    return " ".join([stem(word) for word in words(text) if word not in STOP])
