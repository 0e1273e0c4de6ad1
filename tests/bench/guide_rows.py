# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows P12 and P14: the national guide rendered, one page filled for a commune, a search."""

from __future__ import annotations

import json
import shutil

from measure import RUNS, WORK, Figure, script

_WHAT = {
    "render": ("P12", "guide of 7,675 files parsed and rendered (CPU)", "≤ 10 s on one core"),
    "refresh": ("P12", "the same fetched from a file, checked, rendered, indexed, switched", ""),
    "page": ("P12", "one page of the guide read and filled for a commune, p95", "≤ 2 ms"),
    "search": ("P14", "search in the guide, p95 of 340", "≤ 10 ms"),
}


def figures() -> list[Figure]:
    """Each measure in a fresh process and folder, as often as the others."""
    folder = WORK / "guide"
    found: dict[str, list[float]] = {name: [] for name in _WHAT}
    for _ in range(RUNS):
        shutil.rmtree(folder, ignore_errors=True)
        for name, seconds in json.loads(script("guide_side.py", WORK, str(folder))).items():
            found[name].append(seconds)
    shutil.rmtree(folder, ignore_errors=True)
    return [Figure(row, what, found[name], aim) for name, (row, what, aim) in _WHAT.items()]
