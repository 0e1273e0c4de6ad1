# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kind of field can do, and what several kinds share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from guichet.procedures.definition import Field
from guichet.procedures.words import mark, say

# Part of a field ("" for the whole) → values sent.
Raw = Mapping[str, Sequence[str]]
# Part of a field → what is wrong with it, for people to read.
Wrong = dict[str, str]

MISSING = mark("Renseignez ce champ.")
LINE, BLOCK = 300, 10_000  # characters
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Part:
    """One input of a field.

    `widget` is what it looks like: the type of an `input`, or textarea, radio, checkboxes.
    `autocomplete` is a token of WCAG 1.3.5; `choices` are values with their labels; `note` is what
    the desk adds to a help that somebody else wrote.
    """

    name: str
    label: str
    widget: str = "text"
    autocomplete: str = ""
    required: bool = False
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


class Kind:
    """A kind of field; the docstring of each is its help for who writes a definition.

    `options` are the keys that a definition may give beside those of every field, `asked_as_group`
    says that its inputs stand in a `fieldset` named by the label.
    """

    name: ClassVar[str]
    options: ClassVar[frozenset[str]] = frozenset()
    asked_as_group: ClassVar[bool] = False

    def parts(self, one: Field) -> tuple[Part, ...]:
        """Its inputs."""
        raise NotImplementedError

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """The value of what was sent, as JSON holds it; None when nothing was answered."""
        raise NotImplementedError

    def back(self, one: Field, value: Any) -> dict[str, list[str]]:
        """What would have been sent for a value: the inverse of `read`."""
        del one
        if isinstance(value, Mapping):
            return {part: [str(text)] for part, text in value.items()}
        return {"": [str(value)]} if value is not None else {}

    def lines(self, one: Field, value: Any) -> list[str]:
        """The value as people read it."""
        del one
        return str(value).splitlines()


def line(raw: Raw, part: str = "") -> str:
    """One line of text, in Unicode's composed form, without control characters."""
    text = block(raw, part)
    return " ".join(text.split())


def block(raw: Raw, part: str = "") -> str:
    """A text of several lines; characters that steer a terminal or a line's direction go."""
    values = raw.get(part) or ("",)
    text = values[-1].replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", text)).strip()


def too_long(text: str, most: int) -> Wrong:
    """The objection to a text that is too long."""
    if len(text) <= most:
        return {}
    said = say(
        "Ce texte a %(length)d caractères ; le maximum est %(most)d.", length=len(text), most=most
    )
    return {"": said}
