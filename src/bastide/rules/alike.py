# SPDX-License-Identifier: GPL-3.0-or-later
"""The known names that resemble one that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SHOWN = 3


def most_alike(word: str, known: Iterable[str]) -> str:
    """Up to three names of `known`, the most alike first, as ``gandi, ovh``."""
    names = sorted(known)
    return ", ".join(difflib.get_close_matches(word, names, n=SHOWN, cutoff=0.0)) or "-"
