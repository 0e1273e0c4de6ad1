# SPDX-License-Identifier: GPL-3.0-or-later
"""One release of the guide, opened for reading."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from comarquage.answers import answered, state_of
from comarquage.corpus import AUDIENCES
from comarquage.directory import places
from comarquage.local import Local, Place
from comarquage.page import FORMAT, Page
from comarquage.search import Hit, search

_FIELDS = "id, kind, title, description, day, canonical, digest, themes, html"
_PATH = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){0,15}\Z")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]{0,40}\Z")


class NoRelease(Exception):
    """There is no release in this folder yet (or no longer): ``python -m comarquage refresh``."""


@dataclass(frozen=True, slots=True)
class Node:
    """A theme, sub-theme or dossier of the menu with what is below it; sub-themes have no page."""

    id: str
    kind: str
    title: str
    below: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the glossary; `fill_links` makes the links in `html` real.

    Links to other terms are anchors (``#R123``): give each term's `id` to its place on the page.
    """

    id: str
    title: str
    letter: str
    html: str


@dataclass(frozen=True, slots=True)
class Change:
    """A sheet that came (``added``), became another (``changed``) or went (``removed``)."""

    noticed: dt.date
    id: str
    what: str
    title: str
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Local text to look at again: its sheet `now` has another digest, another id, or is gone."""

    id: str
    now: str | None
    why: str
    digest: str


@dataclass(frozen=True, slots=True)
class Source:
    """The archive of an audience, for the mention of the licence: its address in full, its day."""

    url: str
    day: dt.date

    @property
    def file(self) -> str:
        """Name of the archive."""
        return self.url.rpartition("/")[2]


class Guide:
    """A release opened for reading, for one process; connections are kept per thread.

    A refresh puts a new release beside it and never touches this one: call :meth:`newest` now
    and then (a `stat`, microseconds) to go on with the one that is current.
    """

    def __init__(self, folder: Path, release: Path) -> None:
        self.folder = folder
        self.release = release
        self._kept = threading.local()
        self.audiences = tuple(
            audience for audience in AUDIENCES if (release / f"{audience}.sqlite").exists()
        )
        about = json.loads((release / "release.json").read_text("utf-8"))
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']}")
        self.made = dt.datetime.fromisoformat(about["made"])
        self.days = {name: dt.date.fromisoformat(day) for name, day in about["days"].items()}
        self.sources = {
            name: Source(str(about["origins"][name]), day) for name, day in self.days.items()
        }

    @classmethod
    def open(cls, folder: Path | str) -> Guide:
        """The current release of `folder`.  Raises NoRelease without one, or for another format."""
        root = Path(folder)
        try:
            release = (root / "current").resolve(strict=True)
            return cls(root, release)
        except (OSError, ValueError, KeyError) as error:
            raise NoRelease(str(root)) from error

    def newest(self) -> Guide:
        """This guide, or the one that has taken its place since."""
        try:
            release = (self.folder / "current").resolve(strict=True)
        except OSError:
            return self
        if release == self.release:
            return self
        try:
            newest = type(self).open(self.folder)
        except NoRelease:  # of a newer library: this process is about to be replaced
            return self
        self.close()  # in this thread; whoever asks it once more opens it once more
        return newest

    def page(
        self, audience: str, identifier: str, answers: str = "", path: str = ""
    ) -> Page | None:
        """One sheet; None where the audience or the sheet does not exist (see :meth:`redirected`).

        `answers` are those of the address (``?r=T11657,-T11658``): parts that they rule out are
        left out.  `path` is the step of a guided search (``?c=1.2``).  What cannot be read in
        either is passed over.
        """
        row = self._one(audience, f"SELECT {_FIELDS} FROM page WHERE id = ?", identifier)  # noqa: S608 - constants
        if row is None:
            return None
        page = _page(audience, row)
        html = page.html
        if "<!--slot:step:-->" in html:
            html = html.replace("<!--slot:step:-->", self.step(audience, identifier, path))
        if "<!--if " in html or "<!--choice " in html:
            address = f"guide:/{audience}/{identifier}"
            html = answered(html, state_of(answers), address)
        return page if html is page.html else replace(page, html=html)

    def search(self, audience: str, words: str, limit: int = 20) -> list[Hit]:
        """Sheets of one audience that answer `words`, best first."""
        base = self._base(audience)
        return [] if base is None else search(base, audience, words[:200], max(0, min(limit, 200)))

    def tree(self, audience: str) -> tuple[Node, ...]:
        """Themes with their sub-themes and dossiers, in the order of the national menu."""
        below: dict[int, list[tuple[int, str, str, str]]] = {}
        for number, parent, identifier, kind, title in self.rows(
            audience, "SELECT number, parent, id, kind, title FROM node ORDER BY number"
        ):
            below.setdefault(parent, []).append((number, identifier, kind, title))

        def nodes(parent: int) -> tuple[Node, ...]:
            return tuple(
                Node(identifier, kind, title, nodes(number))
                for number, identifier, kind, title in below.get(parent, ())
            )

        return nodes(0)

    def glossary(self, audience: str) -> tuple[Term, ...]:
        """All terms and abbreviations, from A to Z, accents passed over."""
        return tuple(
            Term(identifier, title, sorting[:1].upper(), html)
            for identifier, title, sorting, html in self.rows(
                audience, "SELECT id, title, sorting, html FROM term ORDER BY sorting, id"
            )
        )

    def redirected(
        self, identifier: str, audience: str | None = None
    ) -> tuple[str, str] | str | None:
        """Where a former identifier leads: ``(audience, id)``, an address outside, or None."""
        for one in (audience,) if audience else self.audiences:
            seen = {identifier}
            name = identifier
            while (
                row := self._one(one, "SELECT new, url FROM moved WHERE old = ?", name)
            ) is not None:
                new, url = row
                if not new:
                    return url
                for there in (one, *(other for other in self.audiences if other != one)):
                    if self._one(there, "SELECT id FROM page WHERE id = ?", new) is not None:
                        return there, new
                if new in seen:
                    break
                seen.add(new)
                name = new
        return None

    def changes(self, audience: str, since: dt.date) -> tuple[Change, ...]:
        """What has changed since a day, the newest first; kept for a month."""
        return tuple(
            Change(dt.date.fromisoformat(noticed), identifier, what, title, _split(themes))
            for noticed, identifier, what, title, themes in self.rows(
                audience,
                "SELECT noticed, id, what, title, themes FROM change WHERE noticed >= ? "
                "ORDER BY noticed DESC, title",
                since.isoformat(),
            )
        )

    def to_review(self, audience: str, reviewed: Mapping[str, str]) -> tuple[Review, ...]:
        """Which sheets with local text to look at again, given the digests they had last time.

        `why` is ``changed``, ``moved`` (attach the text to `now`) or ``gone``.
        """
        found = []
        for identifier, digest in reviewed.items():
            row = self._one(audience, "SELECT digest FROM page WHERE id = ?", identifier)
            if row is not None:
                if row[0] != digest:
                    found.append(Review(identifier, identifier, "changed", row[0]))
                continue
            target = self.redirected(identifier, audience)
            now = target[1] if isinstance(target, tuple) else None
            row = self._one(audience, "SELECT digest FROM page WHERE id = ?", now) if now else None
            if row is None:
                found.append(Review(identifier, None, "gone", ""))
            else:
                found.append(Review(identifier, now, "moved", row[0]))
        return tuple(found)

    def moved(self, local: Local) -> tuple[Local, dict[str, str]]:
        """`local` with what is attached to former sheets attached to where they have moved.

        And which went where: ``{"F31682": "N13511"}``.  A sheet that has local words of its own
        keeps them; what is attached to a sheet that is gone for good stays under its name.
        """
        found = dict(local.enrichments)
        moves: dict[str, str] = {}
        for name in local.attached():
            if any(self.page(audience, name) is not None for audience in self.audiences):
                continue
            target = self.redirected(name)
            if isinstance(target, tuple):
                moves[name] = target[1]
                given = found.pop(name)
                found.setdefault(target[1], given)
        return replace(local, enrichments=found), moves

    def directory(self, code: str) -> dict[str, tuple[Place, ...]]:
        """Public services of the commune `code` (INSEE) by kind, of the national directory."""
        return places(self.folder, code)

    def step(self, audience: str, identifier: str, path: str) -> str:
        """HTML of one step of a guided search; of its first where `path` names none."""
        for way in (path if _PATH.match(path) else "", ""):
            row = self._one(
                audience, "SELECT html FROM step WHERE id = ? AND path = ?", identifier, way
            )
            if row is not None:
                return str(row[0])
        return ""

    def _base(self, audience: str) -> sqlite3.Connection | None:
        if audience not in self.audiences:
            return None
        name = f"base_{audience}"
        base: sqlite3.Connection | None = getattr(self._kept, name, None)
        if base is None:
            uri = (self.release / f"{audience}.sqlite").as_uri() + "?mode=ro&immutable=1"
            base = sqlite3.connect(uri, uri=True)
            setattr(self._kept, name, base)
        return base

    def _one(self, audience: str, query: str, *values: str) -> tuple[str, ...] | None:
        base = self._base(audience)
        if base is None or not _IDENTIFIER.match(values[0]):
            return None
        row: tuple[str, ...] | None = base.execute(query, values).fetchone()
        return row

    def rows(self, audience: str, query: str, *values: str) -> list[tuple[Any, ...]]:
        """What a query gives of the base of an audience (comarquage.store says what is in it)."""
        base = self._base(audience)
        return [] if base is None else base.execute(query, values).fetchall()

    def close(self) -> None:
        """Close this thread's connections."""
        for audience in AUDIENCES:
            base: sqlite3.Connection | None = getattr(self._kept, f"base_{audience}", None)
            if base is not None:
                base.close()
                delattr(self._kept, f"base_{audience}")


def _split(themes: str) -> tuple[str, ...]:
    return tuple(themes.split()) if themes else ()


def _page(audience: str, row: tuple[str, ...]) -> Page:
    identifier, kind, title, description, day, canonical, digest, themes, html = row
    return Page(
        audience=audience,
        id=identifier,
        kind=kind,
        title=title,
        description=description,
        day=dt.date.fromisoformat(day) if day else None,
        canonical=canonical,
        digest=digest,
        themes=_split(themes),
        html=html,
    )
