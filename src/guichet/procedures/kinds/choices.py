# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `choices`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import Kind, Part, Raw, Wrong
from guichet.procedures.kinds.choice import UNKNOWN, labelled
from guichet.procedures.words import say


class Choices(Kind):
    """Any number of `choices`, a list of `value` and `label`."""

    name = "choices"
    options = frozenset({"choices"})
    asked_as_group = True

    def parts(self, one: Field) -> tuple[Part, ...]:
        """Boxes to tick."""
        return (Part("", one.label, "checkboxes", "", one.required, one.help, labelled(one)),)

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """The values ticked, in the order of the definition."""
        sent = set(raw.get("", ())) - {""}
        known = [value for value, _ in labelled(one)]
        if not sent <= set(known):
            return None, {"": say(UNKNOWN)}
        if not sent:
            return None, {"": say("Cochez au moins une réponse.")} if one.required else {}
        return [value for value in known if value in sent], {}

    def back(self, one: Field, value: Any) -> dict[str, list[str]]:
        """All values under one name."""
        del one
        return {"": [str(each) for each in value or ()]}

    def lines(self, one: Field, value: Any) -> list[str]:
        """The labels."""
        known = dict(labelled(one))
        return [known.get(str(each), str(each)) for each in value]
