# SPDX-License-Identifier: GPL-3.0-or-later
"""Communes that somebody may have meant: by name, by postal code, by a slip of the pen."""

from __future__ import annotations

import difflib
import functools

from bastide.reference.lookup import communes
from bastide.reference.places import Commune
from bastide.reference.slugs import slugify

_POSTAL_CODE_LENGTH = 5
_LENGTH_SLACK = 3
_CLOSE_ENOUGH = 0.75


def find(text: str, *, department: str | None = None, limit: int = 5) -> tuple[Commune, ...]:
    """Communes that `text` may mean, the closest first, then the most populated.

    Takes a postal code, a name with or without accents, the beginning of a name, or a
    name with a mistake behind its first letter.  Empty when nothing is near.
    """
    text = text.strip()
    slugs = [(slug, c) for slug, c in _slugged() if department in (None, c.department)]
    if text.isdigit() and len(text) == _POSTAL_CODE_LENGTH:
        return _best([(1.0, c) for _, c in slugs if text in c.postal_codes], limit)
    wanted = slugify(text)
    if not wanted:
        return ()
    found = [(2.0, c) for slug, c in slugs if slug == wanted]
    found += [(1.0, c) for slug, c in slugs if slug.startswith(f"{wanted}-")]
    return _best(found or _near(wanted, slugs), limit)


@functools.cache
def slugs_of_france() -> dict[str, int]:
    """How many communes of France bear each slug."""
    count: dict[str, int] = {}
    for slug, _ in _slugged():
        count[slug] = count.get(slug, 0) + 1
    return count


@functools.cache
def _slugged() -> tuple[tuple[str, Commune], ...]:
    return tuple((commune.slug, commune) for commune in communes())


def _near(wanted: str, slugs: list[tuple[str, Commune]]) -> list[tuple[float, Commune]]:
    matcher = difflib.SequenceMatcher(b=wanted, autojunk=False)
    near = []
    for slug, commune in slugs:
        if slug[:1] != wanted[0] or abs(len(slug) - len(wanted)) > _LENGTH_SLACK:
            continue
        matcher.set_seq1(slug)
        if matcher.quick_ratio() >= _CLOSE_ENOUGH and matcher.ratio() >= _CLOSE_ENOUGH:
            near.append((matcher.ratio(), commune))
    return near


def _best(found: list[tuple[float, Commune]], limit: int) -> tuple[Commune, ...]:
    ranked = sorted(found, key=lambda pair: (-pair[0], -(pair[1].population or 0), pair[1].insee))
    return tuple(commune for _, commune in ranked[:limit])
