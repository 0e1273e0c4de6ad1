# SPDX-License-Identifier: GPL-3.0-or-later
"""An SPF record as RFC 7208 weighs it: the queries that it needs, its last word."""

from __future__ import annotations

import functools
from typing import NamedTuple

from bastide.model.spf import effective, spf_terms


class Spf(NamedTuple):
    """A record that is well formed.

    `queries` are those of its own terms, one for each of include, a, mx, ptr, exists and
    redirect; `follows` the domains whose own records count as well; `last` is what `all` says
    (``-``, ``~``, ``?``, ``+``), empty when nothing does.
    """

    queries: int
    follows: tuple[str, ...]
    last: str


@functools.lru_cache(maxsize=1024)
def parse_spf(text: str) -> Spf | str:
    """The record in `text`, or the first term at which it is none (permerror)."""
    try:
        terms = spf_terms(text)
    except ValueError as error:
        return str(error)
    last = next((term.qualifier or "+" for term in terms if term.name == "all"), "")
    counted = effective(terms)
    following = [term for term in counted if term.name in {"include", "redirect="}]
    queries = sum(term.queries or term.name == "redirect=" for term in counted)
    return Spf(queries, tuple(term.value for term in following), last)
