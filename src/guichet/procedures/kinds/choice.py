# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `choice`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import Kind, Part, Raw, Wrong, line
from guichet.procedures.words import mark, say

UNKNOWN = mark("Choisissez une réponse de la liste.")
_RADIOS = 7  # beyond, a list to open


class Choice(Kind):
    """One answer of `choices`, a list of `value` and `label`."""

    name = "choice"
    options = frozenset({"choices"})
    asked_as_group = True

    def parts(self, one: Field) -> tuple[Part, ...]:
        """Radio buttons, or a list when there are many."""
        widget = "radio" if len(one.options["choices"]) <= _RADIOS else "select"
        return (Part("", one.label, widget, "", one.required, one.help, labelled(one)),)

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """The value chosen."""
        text = line(raw)
        if not text:
            return None, {"": say("Choisissez une réponse.")} if one.required else {}
        known = {value for value, _ in labelled(one)}
        return (text, {}) if text in known else (None, {"": say(UNKNOWN)})

    def lines(self, one: Field, value: Any) -> list[str]:
        """Its label."""
        return [dict(labelled(one)).get(str(value), str(value))]


def labelled(one: Field) -> tuple[tuple[str, str], ...]:
    """Values with their labels."""
    return tuple((choice["value"], choice["label"]) for choice in one.options["choices"])
