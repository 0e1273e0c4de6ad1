# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `period`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import MISSING, Kind, Part, Raw, Wrong, line
from guichet.procedures.kinds.date import EARLY, LATE, bound, read_day, show_day
from guichet.procedures.words import day as told
from guichet.procedures.words import mark, say

_LABELS = {"start": mark("Du"), "end": mark("Au")}
_HELP = mark("Format attendu : jj/mm/aaaa")


class Period(Kind):
    """From one day to another, both included; `after` and `before` bound both, as of a date."""

    name = "period"
    options = frozenset({"after", "before"})
    asked_as_group = True

    def parts(self, one: Field) -> tuple[Part, ...]:
        """Two days."""
        return tuple(
            Part(part, say(label), "date", "", one.required, say(_HELP))
            for part, label in _LABELS.items()
        )

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """A mapping of `start` and `end`, ISO texts."""
        days, wrong = {}, {}
        for part in _LABELS:
            day, objection = read_day(line(raw, part))
            if objection:
                wrong[part] = objection
            elif day:
                days[part] = day
        if not days and not wrong and not one.required:
            return None, {}
        wrong |= {part: say(MISSING) for part in _LABELS if part not in days and part not in wrong}
        after, before = bound(one.options.get("after")), bound(one.options.get("before"))
        for part, day in days.items():
            if after and day < after:
                wrong[part] = say(EARLY, day=told(after))
            if before and day > before:
                wrong[part] = say(LATE, day=told(before))
        if not wrong and days["end"] < days["start"]:
            wrong["end"] = say("La fin est avant le début.")
        return {part: day.isoformat() for part, day in days.items()}, wrong

    def lines(self, one: Field, value: Any) -> list[str]:
        """Du … au …."""
        del one
        return [
            say(
                "du %(start)s au %(end)s",
                start=show_day(value.get("start")),
                end=show_day(value.get("end")),
            )
        ]
