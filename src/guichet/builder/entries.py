# SPDX-License-Identifier: GPL-3.0-or-later
"""What a form of the builder asks for: each entry stands for one value of a definition.

An entry is shown by what it makes of the value (`sent`), and makes a value of what was sent
(`read`); None is a value that is not there.  `read` raises `Objection` with words.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guichet.procedures.kinds.base import LINE, block, line
from guichet.procedures.kinds.date import read_day
from guichet.procedures.words import decimal, mark, say

Data = dict[str, Any]
Path = tuple[str | int, ...]
TODAY = mark("aujourd’hui")


class Objection(ValueError):
    """What is wrong with an entry, in words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of text; the other sorts of entries change `read` and `sent`.

    `key` is the path in the definition with dots between, and the name of the input.  Texts are
    marked for the catalogue; `said` brings them into the language of the page.
    """

    key: str
    label: str
    help: str = ""
    required: bool = False
    most: int = 200
    pattern: str = ""
    expected: str = ""
    widget: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where its value is."""
        return tuple(self.key.split("."))

    def sent(self, value: Any) -> list[str]:
        """What would be sent for a value."""
        return [] if value is None else [str(value)]

    def read(self, sent: Sequence[str]) -> Any:
        """The value of what was sent."""
        text = line({"": sent})
        return self.fits(text) if text else None

    def fits(self, text: str) -> str:
        """The text, when it is neither too long nor of another form."""
        if len(text) > self.most:
            facts = {"length": len(text), "most": self.most}
            told = say("Ce texte a %(length)d caractères ; le maximum est %(most)d.", **facts)
            raise Objection(told)
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise Objection(self.expected)
        return text


class Block(Entry):
    """Several lines of text."""

    __slots__ = ()

    def read(self, sent: Sequence[str]) -> Any:
        """The text, or None."""
        text = block({"": sent})
        return self.fits(text) if text else None


class Lines(Entry):
    """A list of texts, one a line."""

    __slots__ = ()

    def sent(self, value: Any) -> list[str]:
        """One text of several lines."""
        return ["\n".join(value or ())]

    def read(self, sent: Sequence[str]) -> Any:
        """The lines that are not empty."""
        lines = [one.strip() for one in block({"": sent}).split("\n") if one.strip()]
        if len(lines) > LINE:
            raise Objection(say("Cette liste est trop longue."))
        return [self.fits(one) for one in lines] or None


class Whole(Entry):
    """A whole number."""

    __slots__ = ()

    def read(self, sent: Sequence[str]) -> Any:
        """An int."""
        text = line({"": sent})
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII):
            raise Objection(say("Un nombre entier est attendu. Exemple : 12"))
        if not 1 <= int(text) <= self.most:
            raise Objection(say("Le nombre doit être entre 1 et %(most)d.", most=self.most))
        return int(text)


class Amount(Entry):
    """A number, with decimals or without."""

    __slots__ = ()

    def sent(self, value: Any) -> list[str]:
        """With the decimal sign of the language."""
        return [] if value is None else [decimal(str(value))]

    def read(self, sent: Sequence[str]) -> Any:
        """An int or a float."""
        text = line({"": sent}).replace(" ", "")
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,12}([.,][0-9]{1,6})?", text, re.ASCII):
            raise Objection(say("Ce n’est pas un nombre. Exemple : 12"))
        value = float(text.replace(",", "."))
        return int(value) if value.is_integer() else value


class Flag(Entry):
    """A box to tick; one that is not ticked is no value."""

    __slots__ = ()

    def sent(self, value: Any) -> list[str]:
        """As a browser sends it."""
        return ["1"] if value else []

    def read(self, sent: Sequence[str]) -> Any:
        """True, or None."""
        return True if any(one not in ("", "0") for one in sent) else None


class One(Entry):
    """One of `choices`."""

    __slots__ = ()

    def read(self, sent: Sequence[str]) -> Any:
        """Its value."""
        text = line({"": sent})
        if text and text not in dict(self.choices):
            raise Objection(say("Choisissez une réponse de la liste."))
        return text or None


class Many(Entry):
    """Some of `choices`."""

    __slots__ = ()

    def sent(self, value: Any) -> list[str]:
        """All under one name."""
        return [str(one) for one in value or ()]

    def read(self, sent: Sequence[str]) -> Any:
        """The values ticked."""
        if not set(sent) <= {value for value, _ in self.choices}:
            raise Objection(say("Choisissez des réponses de la liste."))
        return [value for value, _ in self.choices if value in sent] or None


class Day(Entry):
    """A bound of dates: a day, or the day on which the form is filled in."""

    __slots__ = ()

    def sent(self, value: Any) -> list[str]:
        """As people write it, in both languages: what is shown has to be taken back."""
        if value is None or value == "today":
            return [say(TODAY)] if value else []
        day, _ = read_day(str(value))
        return [f"{day:%d/%m/%Y}" if day else str(value)]

    def read(self, sent: Sequence[str]) -> Any:
        """`today`, or an ISO date."""
        text = line({"": sent}).replace("'", "’").lower()
        if text in ("", TODAY, "today"):
            return "today" if text else None
        day, _ = read_day(text)
        if day is None:
            raise Objection(say("Écrivez « aujourd’hui » ou une date. Exemple : 31/12/2026"))
        return day.isoformat()


_CHOICE = re.compile(r"([a-z0-9][a-z0-9_-]{0,59}) *\| *(.+)\Z")


class Choices(Entry):
    """The answers of a choice, one a line: ``value | label``, or a label alone."""

    __slots__ = ()

    def sent(self, value: Any) -> list[str]:
        """A line for each."""
        return ["\n".join(f"{one['value']} | {one['label']}" for one in value or ())]

    def read(self, sent: Sequence[str]) -> Any:
        """Values and labels; a label alone is given a value."""
        made: list[Data] = []
        lines = [one.strip() for one in block({"": sent}).split("\n") if one.strip()]
        if len(lines) > 100:  # noqa: PLR2004 - as the schema says
            raise Objection(say("Cent réponses au plus."))
        for text in lines:
            found = _CHOICE.match(text)
            label = self.fits(" ".join((found[2] if found else text).split()))
            taken = {one["value"] for one in made}
            value = found[1] if found else free_name(label, taken, "-")
            if value in taken:
                raise Objection(say("« %(value)s » figure deux fois.", value=value))
            made.append({"value": value, "label": label})
        return made or None


def free_name(text: str, taken: set[str], between: str = "_", longest: int = 40) -> str:
    """An identifier made of a text, which is not in `taken`."""
    from django.utils.text import slugify

    base = slugify(text).replace("-", between)[: longest - 4].strip(between)
    if not base or not base[0].isalpha():
        base = f"x{between}{base}".strip(between)
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}{between}{number}"
    return name


def get(data: Mapping[str, Any], path: Sequence[str]) -> Any:
    """The value at a path, or None."""
    found: Any = data
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def put(data: Data, path: Sequence[str], value: Any) -> None:
    """Set the value at a path; None removes it, and what is empty then."""
    if len(path) > 1:
        inner = data.setdefault(path[0], {})
        put(inner, path[1:], value)
        if not inner:
            del data[path[0]]
    elif value is None:
        data.pop(path[0], None)
    else:
        data[path[0]] = value


@dataclass(slots=True)
class Reading:
    """What a form came to: the data with the values that are good, the objections, by key."""

    data: Data
    sent: dict[str, list[str]]
    problems: dict[str, str]


def read(
    entries: Sequence[Entry], data: Mapping[str, Any], post: Mapping[str, Sequence[str]]
) -> Reading:
    """The data with what was sent in place of what was there."""
    made = copy.deepcopy(dict(data))
    sent = {one.key: list(post.get(one.key, ())) for one in entries}
    problems = {}
    for one in entries:
        try:
            value = one.read(sent[one.key])
        except Objection as error:
            problems[one.key] = str(error)
            continue
        if value is None and one.required:
            problems[one.key] = say("Renseignez ce champ.")
        put(made, one.key.split("."), value)
    return Reading(made, sent, problems)


def sent_for(entries: Sequence[Entry], data: Mapping[str, Any]) -> dict[str, list[str]]:
    """What would be sent for the data."""
    return {one.key: one.sent(get(data, one.key.split("."))) for one in entries}


def demanded(entry: Entry) -> Entry:
    """The same, required."""
    return dataclasses.replace(entry, required=True)


def said(entry: Entry) -> Entry:
    """The same, in the language of the page."""
    choices = tuple((value, say(label)) for value, label in entry.choices)
    label, told, expected = (say(text) for text in (entry.label, entry.help, entry.expected))
    return dataclasses.replace(entry, choices=choices, label=label, help=told, expected=expected)
