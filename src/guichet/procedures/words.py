# SPDX-License-Identifier: GPL-3.0-or-later
"""What fields say to people: in French, unless whoever shows them brings another language.

The engine judges definitions without Django, so that nothing here imports it; the application
gives its gettext when it starts (guichet.apps).  `mark` only names a text for the catalogue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable


class Foreign(str):
    """A text that is not in the language of the page: a collectivity wrote it, in French."""

    __slots__ = ()


def mark(text: str) -> str:
    """The text itself; the catalogue takes it in (gettext_noop)."""
    return text


def _french(one: str, many: str, number: int) -> str:
    # French counts nought and one as one.
    return one if abs(number) < 2 else many  # noqa: PLR2004 - two


class _Speaker:
    """Who translates: French as it stands, until the application says otherwise."""

    translate: Callable[[str], str] = staticmethod(mark)
    count: Callable[[str, str, int], str] = staticmethod(_french)
    date: Callable[[dt.date], str] = staticmethod(lambda day: f"{day:%d/%m/%Y}")


def speak(
    translate: Callable[[str], str],
    count: Callable[[str, str, int], str],
    date: Callable[[dt.date], str],
) -> None:
    """Take texts, plural forms and dates from these functions from now on."""
    _Speaker.translate = staticmethod(translate)
    _Speaker.count = staticmethod(count)
    _Speaker.date = staticmethod(date)


def say(text: str, **facts: object) -> str:
    """A text of the catalogue in the language of the moment, its ``%(name)s`` filled in."""
    found = _Speaker.translate(text)
    return found % facts if facts else found


def count(one: str, many: str, number: int, **facts: object) -> str:
    """One of two texts, by `number`, which is ``%(number)d`` in them."""
    return _Speaker.count(one, many, number) % {"number": number, **facts}


def day(date: dt.date) -> str:
    """A day as people read it."""
    return _Speaker.date(date)


def decimal(text: str) -> str:
    """A number that Python wrote, with the decimal sign of the language."""
    whole, point, part = text.partition(".")
    return say("%(whole)s,%(part)s", whole=whole, part=part) if point else whole


def like(text: str, made: str) -> str:
    """What was made of a text, in the language that the text was in."""
    return Foreign(made) if isinstance(text, Foreign) else made
