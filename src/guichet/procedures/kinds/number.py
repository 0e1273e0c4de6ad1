# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `number`."""

from __future__ import annotations

import re
from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import MISSING, Kind, Part, Raw, Wrong, line
from guichet.procedures.words import decimal, like, say

_NUMBER = re.compile(r"-?[0-9]{1,12}(?:[.,][0-9]{1,6})?\Z")


class Number(Kind):
    """A number between `min` and `max`; whole unless `decimals: true`; `unit` is shown after it."""

    name = "number"
    options = frozenset({"min", "max", "decimals", "unit"})

    def parts(self, one: Field) -> tuple[Part, ...]:
        """One text input with a keyboard of digits: `type=number` loses what it cannot read."""
        unit = one.options.get("unit")
        label = like(one.label, f"{one.label} ({unit})") if unit else one.label
        keyboard = "decimal" if one.options.get("decimals") else "numeric"
        facts = {"inputmode": keyboard}
        return (Part("", label, "text", "", one.required, one.help, attributes=facts),)

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """A whole number as int, another as float."""
        text = re.sub(r"(?<=[0-9]) (?=[0-9])", "", line(raw))
        if not text:
            return None, {"": say(MISSING)} if one.required else {}
        if not _NUMBER.match(text):
            return None, {"": say("Ce n’est pas un nombre. Exemple : 12")}
        value = float(text.replace(",", "."))
        if not one.options.get("decimals") and not value.is_integer():
            return None, {"": say("Un nombre entier est attendu.")}
        least, most = one.options.get("min"), one.options.get("max")
        if least is not None and value < least:
            return None, {"": say("Le minimum est %(least)s.", least=least)}
        if most is not None and value > most:
            return None, {"": say("Le maximum est %(most)s.", most=most)}
        return int(value) if value.is_integer() else value, {}

    def lines(self, one: Field, value: Any) -> list[str]:
        """With its unit."""
        text = decimal(str(value))
        unit = one.options.get("unit")
        return [f"{text} {unit}" if unit else text]
