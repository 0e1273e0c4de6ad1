# SPDX-License-Identifier: GPL-3.0-or-later
"""Search in one audience: FTS5 over stems, synonyms, and an order that puts the obvious first."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from comarquage.stems import stem, stems, words
from comarquage.synonyms import alternatives

MOST_WORDS = 12
_LOOKED_AT = 60
# What is done by the sheet itself comes before what is said about it.
_KINDS = {
    "Téléservice": 3.0,
    "Téléservice personnalisé sur SP": 3.0,
    "Dossier": 2.5,
    "Fiche d'information conditionnée": 2.0,
    "Fiche Comment faire si conditionné": 2.0,
    "Fiche Question-réponse conditionnée": 1.0,
    "Recherche guidée": 1.0,
    "Fiche avec liens externes": 1.0,
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A sheet that was found; `kind` as in :class:`comarquage.Page`."""

    audience: str
    id: str
    kind: str
    title: str
    description: str


def search(base: sqlite3.Connection, audience: str, asked: str, limit: int) -> list[Hit]:
    """The sheets that answer `asked`, best first, at most `limit`; nothing for no words."""
    wanted = tuple(dict.fromkeys(stems(asked)))[:MOST_WORDS]
    if not wanted:
        wanted = tuple(stem(word) for word in words(asked))[:MOST_WORDS]
    if not wanted:
        return []
    ranks = _ranked(base, wanted)
    best = sorted(ranks, key=lambda number: ranks[number], reverse=True)[:limit]
    rows = {
        number: row
        for number in best
        for row in base.execute(
            "SELECT found.id, page.kind, page.title, page.description FROM found "
            "JOIN page USING (id) WHERE found.number = ?",
            (number,),
        )
    }
    return [Hit(audience, *rows[number]) for number in best if number in rows]


def _ranked(base: sqlite3.Connection, wanted: tuple[str, ...]) -> dict[int, float]:
    """Points of the sheets: those with all words in the title, then anywhere, then with some."""
    ranks: dict[int, float] = {}
    every = " AND ".join(_part(phrase, others) for phrase, others in alternatives(wanted))
    some = " OR ".join(_term(one) for one in wanted)
    for query in (f"{{title description}} : ({every})", every, some):
        if len(ranks) >= _LOOKED_AT:
            break
        if query == some and (len(wanted) == 1 or ranks):
            break
        rows = base.execute(
            "SELECT words.rowid, bm25(words, 10.0, 4.0, 1.0), found.kind, found.stems "
            "FROM words JOIN found ON found.number = words.rowid "
            "WHERE words MATCH ? ORDER BY rank LIMIT ?",
            (query, _LOOKED_AT),
        )
        for number, rank, kind, title in rows:
            if number not in ranks:
                ranks[number] = _points(wanted, -rank, kind, title.split())
    return ranks


def _points(wanted: tuple[str, ...], rank: float, kind: str, title: list[str]) -> float:
    """Text rank, kind, and how well the title is what was asked."""
    held = sum(one in title for one in wanted)
    points = rank * 0.3 + _KINDS.get(kind, 0.0)
    points += 6.0 * held / len(wanted)  # the title has what was asked
    if title:
        points += 6.0 * held / len(title)  # and little else
    if title[: len(wanted)] == list(wanted):
        points += 5.0  # it begins with it
    return points


def _term(one: str) -> str:
    return '"' + one.replace('"', "") + '"'


def _part(phrase: tuple[str, ...], others: list[tuple[str, ...]]) -> str:
    ways = [" AND ".join(_term(one) for one in way) for way in (phrase, *others)]
    return "(" + " OR ".join(f"({way})" for way in ways) + ")"
