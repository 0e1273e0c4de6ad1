# SPDX-License-Identifier: GPL-3.0-or-later
"""How a finding names the other files that it concerns."""

from __future__ import annotations

from bastide.model import Facts, Index

SHOWN = 3


def other_files(facts: Facts, index: Index, holders: list[str]) -> str:
    """Files of `holders` without that of `facts`, ``a.yml, b.yml (+ 4)``; empty without any."""
    if holders == [facts.slug]:
        return ""
    others = [slug for slug in holders if slug != facts.slug]
    files = [found.file if (found := index.facts(slug)) else slug for slug in others[:SHOWN]]
    more = f" (+ {len(others) - SHOWN})" if len(others) > SHOWN else ""
    return ", ".join(files) + more
