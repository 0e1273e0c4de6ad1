# SPDX-License-Identifier: GPL-3.0-or-later
"""Did you mean: the known word that a mistyped one was probably meant to be."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of `known` within a third of its length of slips from `word`, or None.

    A slip is a letter added, left out, replaced, or swapped with its neighbour; case,
    accents and separators count for nothing.  The first of equally near words wins.
    """
    folded = _fold(word)
    best: tuple[int, str] | None = None
    for candidate in known:
        other = _fold(candidate)
        limit = max(1, max(len(other), len(folded)) // 3)
        if abs(len(other) - len(folded)) > limit:
            continue
        slips = edit_distance(folded, other)
        if slips <= limit and (best is None or slips < best[0]):
            best = slips, candidate
    return best[1] if best else None


def edit_distance(one: str, other: str) -> int:
    """Slips between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i, *([0] * len(other))]
        for j, b in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


# Words beyond this are no slip of the keyboard; the bound keeps hostile input cheap.
_MAX = 64


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word[:_MAX].casefold())
    return "".join(c for c in plain if c.isalnum())
