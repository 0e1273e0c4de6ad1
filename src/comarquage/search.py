# SPDX-License-Identifier: GPL-3.0-or-later
"""Search in one audience: FTS5 over stems, synonyms, and an order that puts the obvious first."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from comarquage.stems import STOP, plain, stem, stems, words
from comarquage.synonyms import alternatives

MOST_WORDS = 12
_LOOKED_AT = 60
# Titles of services say in the end what they are: "(Service en ligne)", "(Formulaire 13484*02)".
_KIND = re.compile(
    r"\s*\((?:Service en ligne|Formulaire|Modèle|Outil|Simulateur|Télé)[^()]*\)\s*\Z"
)
_SHORT = re.compile(r"\(([\w.-]+)\)\s*\Z")
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

Cut = list[tuple[tuple[str, ...], list[tuple[str, ...]]]]


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
        return []
    ranks = _ranked(base, asked, wanted)
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


def _ranked(base: sqlite3.Connection, asked: str, wanted: tuple[str, ...]) -> dict[int, float]:
    """Points of the sheets: those with all words in the title, then anywhere, then with some."""
    ranks: dict[int, float] = {}
    exact = _said(asked)
    cut = alternatives(wanted)
    every = " AND ".join(_part(phrase, others) for phrase, others in cut)
    some = " OR ".join(_term(one) for one in wanted)
    for query in (f"{{title description}} : ({every})", every, some):
        if len(ranks) >= _LOOKED_AT:
            break
        if query == some and (len(wanted) == 1 or ranks):
            break
        rows = base.execute(
            "SELECT words.rowid, bm25(words, 10.0, 4.0, 1.0), found.kind, found.title "
            "FROM words JOIN found ON found.number = words.rowid "
            "WHERE words MATCH ? ORDER BY rank LIMIT ?",
            (query, _LOOKED_AT),
        )
        for number, rank, kind, title in rows:
            if number not in ranks:
                ranks[number] = _points(cut, exact, kind, title) - rank * 0.3
    return ranks


def _said(text: str) -> list[str]:
    """The words of `text` that say something, without accents, not stemmed."""
    return [plain(word) for word in words(text) if word not in STOP]


def _points(cut: Cut, exact: list[str], kind: str, title: str) -> float:
    """How well a title is what was asked: by its stems, then by the very words; and its kind."""
    points = _KINDS.get(kind, 0.0)
    said = _said(_KIND.sub("", title))
    if not said:
        return points
    title_stems = [stem(word) for word in said]
    wanted = [one for phrase, _ in cut for one in phrase]
    asked, covered = 0.0, 0.0  # words of the question that the title answers, and of the title
    for phrase, others in cut:
        if phrase and all(one in title_stems for one in phrase):
            asked += len(phrase)
            covered += len(phrase)
        else:
            way = next((way for way in others if all(one in title_stems for one in way)), ())
            held = sum(one in title_stems for one in phrase)
            asked += max(held, 0.7 * len(phrase) if way else 0.0)
            covered += max(held, 0.7 * len(way))
    points += 6.0 * asked / len(wanted)  # the title has what was asked
    points += 6.0 * min(covered / len(said), 1.0)  # and little else
    points += 3.0 * sum(one in said for one in exact) / len(exact)
    if title_stems[: len(wanted)] == wanted:  # it begins with it
        points += 2.0
    short = _SHORT.search(title)
    if said[: len(exact)] == exact or (short and _said(short[1]) == exact):
        points += 3.0 if said[: len(exact)] == exact else 8.0
    return points


def _term(one: str) -> str:
    return '"' + one.replace('"', "") + '"'


def _part(phrase: tuple[str, ...], others: list[tuple[str, ...]]) -> str:
    ways = [" AND ".join(_term(one) for one in way) for way in (phrase, *others)]
    return "(" + " OR ".join(f"({way})" for way in ways) + ")"
