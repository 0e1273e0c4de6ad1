# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `text`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import LINE, MISSING, Kind, Part, Raw, Wrong, line, too_long
from guichet.procedures.words import say


class Text(Kind):
    """One line of text; `max_length` bounds it (300 characters), `autocomplete` names it."""

    name = "text"
    options = frozenset({"max_length", "autocomplete"})

    def parts(self, one: Field) -> tuple[Part, ...]:
        """One input."""
        return (
            Part(
                "",
                one.label,
                "text",
                one.options.get("autocomplete", ""),
                one.required,
                one.help,
                attributes={"maxlength": str(one.options.get("max_length", LINE))},
            ),
        )

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """The line."""
        text = line(raw)
        if not text:
            return None, {"": say(MISSING)} if one.required else {}
        return text, too_long(text, one.options.get("max_length", LINE))
