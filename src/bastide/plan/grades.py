# SPDX-License-Identifier: GPL-3.0-or-later
"""The grades before and after, in words for every rendering of a plan."""

from __future__ import annotations

from collections import Counter

from bastide.conformity.grade import GRADES
from bastide.diagnostics import Language, Text
from bastide.plan.plan import GradeChange, Plan

TITLE = Text("Conformity (RPNT):", "Conformité (RPNT) :")
_NONE = Text("no grade", "aucun niveau")
_PERHAPS = Text("perhaps {grade}", "peut-être {grade}")
_STAY = Text("{count} unchanged: {grade}", "{count} sans changement : {grade}")
_SIGNS = {"met": "+", "failed": "-", "unknown": "?"}


def grade_lines(plan: Plan, language: Language) -> list[str]:
    """A line for each collectivity whose verdicts change, then how many keep which grade."""
    lines = [
        f"{change.collectivity}  {arrow(change, language)}  {differences(change)}"
        for change in plan.conformity
        if change.changed
    ]
    staying = Counter(
        label(change.after, change.after_perhaps, language)
        for change in plan.conformity
        if not change.changed
    )
    lines += [
        _STAY.format(language, {"count": str(count), "grade": grade})
        for grade, count in sorted(staying.items())
    ]
    return lines


def arrow(change: GradeChange, language: Language) -> str:
    """``no grade → aa``."""
    before = label(change.before, change.before_perhaps, language)
    after = label(change.after, change.after_perhaps, language)
    return before if before == after else f"{before} → {after}"


def label(grade: str, perhaps: str, language: Language) -> str:
    """A grade, with the one that may be there but is not known."""
    hope = _PERHAPS.format(language, {"grade": perhaps}) if perhaps else ""
    if not grade:
        return hope or _NONE.format(language, {})
    return f"{grade}, {hope}" if hope else grade


def differences(change: GradeChange) -> str:
    """``+1.4 -2.7 ?2.8``: criteria that are met, failed or unknown from now on."""
    codes = [code for code in change.changed if code not in GRADES]
    return " ".join(f"{_SIGNS[change.changed[code][1]]}{code}" for code in codes)


def counts(plan: Plan) -> dict[str, int]:
    """How many collectivities have more criteria met, fewer, or as many."""
    found = {"better": 0, "worse": 0, "same": 0}
    for change in plan.conformity:
        gained = any(after == "met" for _, after in change.changed.values())
        lost = any(after == "failed" for _, after in change.changed.values())
        found["worse" if lost else "better" if gained else "same"] += 1
    return found
