# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes as operators write them: a number, a space, a unit."""

from __future__ import annotations

import re

UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "MO": 10**6, "GO": 10**9, "TO": 10**12}
# French typography puts a no-break space before a unit, and word processors write it unasked.
_SIZE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)[ \u00a0\u202f]?([MGT][BO])\Z", re.IGNORECASE)


def parse_size(text: str) -> int | None:
    """Bytes in ``5 GB``, ``500 MB`` or the French ``5 Go``; None when it is no size."""
    match = _SIZE.match(text)
    if not match:
        return None
    return round(float(match.group(1)) * UNITS[match.group(2).upper()])


def show_size(size: int) -> str:
    """The shortest text for `size` bytes that :func:`parse_size` reads back."""
    for unit in ("TB", "GB", "MB"):
        if size >= UNITS[unit] and size % (UNITS[unit] // 1000 or 1) == 0:
            number = f"{size / UNITS[unit]:.3f}".rstrip("0").rstrip(".")
            return f"{number} {unit}"
    return f"{size / 10**6:.3f} MB"
