# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether data can be kept at all: what JSON lets through and PostgreSQL's jsonb does not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from guichet.procedures.problem import Place, Problem

DEEPEST = 40
# NUL, other control characters but tab and end of line, halves of characters (RFC 8259 §8.2).
_ODD = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff]")
_CHARACTER = "a control character or half a character", "un caractère de contrôle ou incomplet"
_NUMBER = "this is no number", "ce n’est pas un nombre"
_DEEP = "nested too deeply", "imbrication trop profonde"


def unstorable(data: Any) -> Problem | None:
    """The first thing that cannot be kept; None when all can.  Never recursive."""
    left: list[tuple[Place, Any]] = [((), data)]
    while left:
        path, one = left.pop()
        if len(path) > DEEPEST:
            return Problem("not-storable", path[:3], *_DEEP)
        if isinstance(one, str) and _ODD.search(one):
            return Problem("not-storable", path, *_CHARACTER)
        if isinstance(one, float) and not math.isfinite(one):
            return Problem("not-storable", path, *_NUMBER)
        if isinstance(one, Mapping):
            for key, value in one.items():
                if not isinstance(key, str) or _ODD.search(key):
                    return Problem("not-storable", path, *_CHARACTER)
                left.append(((*path, key), value))
        elif isinstance(one, list | tuple):
            left += [((*path, index), value) for index, value in enumerate(one)]
    return None
