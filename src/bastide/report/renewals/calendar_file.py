# SPDX-License-Identifier: GPL-3.0-or-later
"""The days that matter as a calendar (RFC 5545): whole days, one event each.

An event keeps its UID from one file to the next, so that a calendar that takes the file again
moves its events and does not double them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from bastide.diagnostics import Language
from bastide.registration import Occasion, milestones
from bastide.report.renewals.listed import Line
from bastide.report.renewals.words import OCCASIONS, POLICIES

_LONGEST = 75
_PRODUCT = "-//Bastide//renewals//FR"
# Those that a person has something to do on ring on the morning of the day.
_RINGING = frozenset({Occasion.DEADLINE, Occasion.ALARM, Occasion.LAST_WEEK, Occasion.LAST_DAY})


def as_calendar(lines: Iterable[Line], now: dt.datetime, language: Language) -> str:
    """The text of an .ics file with every day from `now` on; lines end with CR LF."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN"]
    content = [*head, *_events(lines, now, language), "END:VCALENDAR"]
    return "".join(f"{folded}\r\n" for line in content for folded in _fold(line))


def _events(lines: Iterable[Line], now: dt.datetime, language: Language) -> Iterator[str]:
    stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    for line in lines:
        situation = line.situation
        term = situation.expiry.day
        if term is None:
            continue
        facts = {
            "domain": situation.domain,
            "place": situation.slug,
            "registrar": situation.registrar or "?",
            "policy": POLICIES[situation.policy].format(language, {}),
        }
        for day, occasion in milestones(term, situation.decision):
            if day < situation.today:
                continue
            summary = _escaped(OCCASIONS[occasion].format(language, facts))
            yield "BEGIN:VEVENT"
            # The term is part of it: next year's event is another one.
            yield f"UID:{situation.domain}-{term:%Y%m%d}-{occasion}@bastide"
            yield f"DTSTAMP:{stamp}"
            yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
            yield f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}"
            yield f"SUMMARY:{summary}"
            yield f"DESCRIPTION:{_escaped(situation.file)}"
            yield "TRANSP:TRANSPARENT"
            if occasion in _RINGING:
                yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:PT8H")
                yield from (f"DESCRIPTION:{summary}", "END:VALARM")
            yield "END:VEVENT"


def _escaped(text: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11)."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def _fold(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, the later ones after a space (RFC 5545 §3.1)."""
    piece, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _LONGEST:
            yield piece
            piece, size = " ", 1
        piece += character
        size += octets
    yield piece
