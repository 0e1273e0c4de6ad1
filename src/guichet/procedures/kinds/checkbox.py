# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `checkbox`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import Kind, Part, Raw, Wrong
from guichet.procedures.words import say


class Checkbox(Kind):
    """One box; where it is required, it has to be ticked (a declaration on one's honour)."""

    name = "checkbox"

    def parts(self, one: Field) -> tuple[Part, ...]:
        """One box, its label after it."""
        return (Part("", one.label, "checkbox", "", one.required, one.help),)

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """True or false: an unticked box is an answer."""
        ticked = any(value not in ("", "0") for value in raw.get("", ()))
        if one.required and not ticked:
            return None, {"": say("Cochez cette case pour continuer.")}
        return ticked, {}

    def back(self, one: Field, value: Any) -> dict[str, list[str]]:
        """What a browser sends for a ticked box."""
        del one
        return {"": ["1"]} if value else {}

    def lines(self, one: Field, value: Any) -> list[str]:
        """Yes or no."""
        del one
        return [say("Oui") if value else say("Non")]
