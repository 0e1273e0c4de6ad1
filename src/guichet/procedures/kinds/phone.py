# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `phone`."""

from __future__ import annotations

import re
from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import MISSING, Kind, Part, Raw, Wrong, line
from guichet.procedures.words import say

# E.164: at most 15 digits; national numbers are ten digits that begin with 0.
_NATIONAL, _WORLD = re.compile(r"0[1-9][0-9]{8}\Z"), re.compile(r"\+[1-9][0-9]{6,14}\Z")


class Phone(Kind):
    """A telephone number, national (05 65…) or international (+33 5 65…)."""

    name = "phone"

    def parts(self, one: Field) -> tuple[Part, ...]:
        """One input."""
        text = one.help or say("Format attendu : 05 00 00 00 00")
        return (Part("", one.label, "tel", "tel", one.required, text),)

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """Digits in pairs for a national number, ``+33…`` without spaces for others."""
        text = line(raw)
        if not text:
            return None, {"": say(MISSING)} if one.required else {}
        digits = re.sub(r"[ .()/-]", "", text)
        digits = re.sub(r"\A00", "+", digits)
        digits = re.sub(r"\A\+330?(?=[1-9][0-9]{8}\Z)", "0", digits)
        if _NATIONAL.match(digits):
            return " ".join(digits[place : place + 2] for place in range(0, 10, 2)), {}
        if _WORLD.match(digits):
            return digits, {}
        return None, {"": say("Ce numéro n’est pas valide. Exemple : 05 00 00 00 00")}
