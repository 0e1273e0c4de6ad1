# SPDX-License-Identifier: GPL-3.0-or-later
"""Row P11: the RPNT predicted for France, from what was found out while the charters compiled."""

from __future__ import annotations

from controller import SIZES, fleet_of
from measure import Figure, bastide, script, timed


def figures() -> list[Figure]:
    """Prediction for 1,000, 10,000 and 35,000 charters, in both modes for all of them."""
    found = []
    for count in SIZES:
        root = fleet_of(count)
        script("controller_side.py", root)  # validated and compiled, as before a plan
        size = f"{count:,} charters"
        for mode in ("anct", "strict"):
            seconds = timed(lambda: bastide(root, "rpnt", "--mode", mode, "--format", "json"))  # noqa: B023
            aim = "≤ 5 s" if count == SIZES[-1] else ""
            found.append(Figure("P11", f"RPNT predicted ({mode}), {size}", seconds, aim))
    return found
