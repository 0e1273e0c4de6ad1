# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates as French readers write them."""

from __future__ import annotations

import datetime as dt
import re

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def day_in(text: str) -> dt.date | None:
    """The first ISO day in `text` (``modified 2023-01-01``); None for none, or for an odd one.

    One file of the guide is dated of the year 23; a day before the guide existed is none.
    """
    match = _DATE.search(text)
    if match is None:
        return None
    try:
        day = dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return day if day.year > 1990 else None  # noqa: PLR2004 - the guide began later


def in_french(day: dt.date) -> str:
    """``1er janvier 2023``."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[day.month - 1]} {day.year}"
