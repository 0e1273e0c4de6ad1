# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `area`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import BLOCK, MISSING, Kind, Part, Raw, Wrong, block, too_long
from guichet.procedures.words import say


class Area(Kind):
    """Text of several lines; `max_length` bounds it (10,000 characters)."""

    name = "area"
    options = frozenset({"max_length"})

    def parts(self, one: Field) -> tuple[Part, ...]:
        """One text area."""
        most = str(one.options.get("max_length", BLOCK))
        facts = {"maxlength": most, "rows": "6"}
        return (Part("", one.label, "textarea", "", one.required, one.help, attributes=facts),)

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """The text, its line ends as one newline each."""
        text = block(raw)
        if not text:
            return None, {"": say(MISSING)} if one.required else {}
        return text, too_long(text, one.options.get("max_length", BLOCK))
