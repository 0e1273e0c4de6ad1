# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that an address or a form holds, whatever was written there."""

from __future__ import annotations


def whole(text: str, digits: int, instead: int = 0) -> int:
    """The number of at most so many ASCII digits that `text` is; `instead` for everything else."""
    known = text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if known else instead
