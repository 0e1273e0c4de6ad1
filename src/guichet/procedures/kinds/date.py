# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `date`."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import MISSING, Kind, Part, Raw, Wrong, line
from guichet.procedures.words import day as told
from guichet.procedures.words import mark, say

_EARLIEST, _LATEST = dt.date(1850, 1, 1), dt.date(2200, 1, 1)
_FRENCH = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})\Z")
BAD = mark("Cette date n’est pas valide. Exemple : 31/12/2026")
EARLY = mark("La date doit être le %(day)s ou plus tard.")
LATE = mark("La date doit être le %(day)s ou plus tôt.")


class Date(Kind):
    """A day; `after` and `before` bound it: ``today``, or an ISO date (both included)."""

    name = "date"
    options = frozenset({"after", "before", "autocomplete"})

    def parts(self, one: Field) -> tuple[Part, ...]:
        """One input."""
        text = one.help or say("Format attendu : jj/mm/aaaa")
        name = one.options.get("autocomplete", "")
        return (Part("", one.label, "date", name, one.required, text),)

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """The day as an ISO text."""
        day, objection = read_day(line(raw))
        if objection:
            return None, {"": objection}
        if day is None:
            return None, {"": say(MISSING)} if one.required else {}
        after, before = bound(one.options.get("after")), bound(one.options.get("before"))
        if after and day < after:
            return None, {"": say(EARLY, day=told(after))}
        if before and day > before:
            return None, {"": say(LATE, day=told(before))}
        return day.isoformat(), {}

    def lines(self, one: Field, value: Any) -> list[str]:
        """The day as people read it."""
        del one
        return [show_day(value)]


def read_day(text: str) -> tuple[dt.date | None, str]:
    """A day as a browser sends it, or as people type it where there is no date picker."""
    if not text:
        return None, ""
    try:
        if found := _FRENCH.match(text):
            day = dt.date(int(found[3]), int(found[2]), int(found[1]))
        elif re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            day = dt.date.fromisoformat(text)
        else:
            return None, say(BAD)
    except ValueError:
        return None, say(BAD)
    return (day, "") if _EARLIEST <= day <= _LATEST else (None, say(BAD))


def bound(text: str | None) -> dt.date | None:
    """What a bound of a definition means today."""
    if text is None:
        return None
    return dt.datetime.now(dt.UTC).date() if text == "today" else dt.date.fromisoformat(text)


def show_day(value: Any) -> str:
    """A stored day as people read it; what is no day stays as it is."""
    try:
        return told(dt.date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
