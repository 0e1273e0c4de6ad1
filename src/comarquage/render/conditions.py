# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that are shown under a condition: marked while rendered, judged when a page is asked for.

`<!--if &(T1,!T2)-->…<!--fi-->` stands around such a part.  Without an answer everything is
shown; with answers, a part is left out only when its condition is certainly not met.
"""

from __future__ import annotations

import re

from comarquage.render.sheet import Element, Handler, Sheet

_VARIABLE = re.compile(r"T[0-9]{1,9}\Z")
_TESTS = {"estVrai": "", "estFaux": "!", "estIndefini": "?"}
_JOINS = {"et": "&", "ou": "|", "non": "~"}


def conditional(handler: Handler) -> Handler:
    """`handler` with marks around what it writes, where the element has a condition."""

    def judged(sheet: Sheet, element: Element) -> None:
        condition = element.find("Condition") if sheet.conditional else None
        written = "" if condition is None else expression(condition)
        if not written:
            handler(sheet, element)
            return
        sheet.conditions += 1
        sheet.out.append(f"<!--if {written}-->")
        handler(sheet, element)
        sheet.out.append("<!--fi-->")

    return judged


def expression(condition: Element) -> str:
    """The condition in short: ``T1``, ``!T1`` (is false), ``?T1`` (is open), ``&(…)``, ``|(…)``."""
    parts = [part for part in map(_part, condition) if part]
    return parts[0] if len(parts) == 1 else f"&({','.join(parts)})" if parts else ""


def _part(element: Element) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in _TESTS:
        variable = element.get("var") or ""
        return _TESTS[tag] + variable if _VARIABLE.match(variable) else ""
    parts = [part for part in map(_part, element) if part]
    return f"{_JOINS[tag]}({','.join(parts)})" if tag in _JOINS and parts else ""


def assignments(element: Element | None) -> list[str]:
    """What a `SiSelectionne` sets: ``T1`` true, ``-T2`` false."""
    found = []
    for child in element if element is not None else ():
        variable = child.get("var") or ""
        if _VARIABLE.match(variable):
            found.append(variable if child.tag == "affecteVrai" else f"-{variable}")
    return found
