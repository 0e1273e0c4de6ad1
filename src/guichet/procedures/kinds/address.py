# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `address`."""

from __future__ import annotations

import re
from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import LINE, MISSING, Kind, Part, Raw, Wrong, line
from guichet.procedures.words import say

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{2,9}\Z")
_PARTS = ("street", "more", "postcode", "city", "country")


class Address(Kind):
    """A postal address: street, complement, postal code, town, country (empty for France)."""

    name = "address"
    asked_as_group = True

    def parts(self, one: Field) -> tuple[Part, ...]:
        """Five inputs, with the tokens of WCAG 1.3.5."""
        must = one.required
        return (
            Part("street", say("Numéro et voie"), "text", "address-line1", must),
            Part("more", say("Complément d’adresse"), "text", "address-line2"),
            Part(
                "postcode", say("Code postal"), "text", "postal-code", must, say("Exemple : 46000")
            ),
            Part("city", say("Commune"), "text", "address-level2", must),
            Part("country", say("Pays, si ce n’est pas la France"), "text", "country-name"),
        )

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """A mapping of the parts that were filled in."""
        value = {part: text for part in _PARTS if (text := line(raw, part))}
        if not value and not one.required:
            return None, {}
        wrong = {part: say(MISSING) for part in ("street", "postcode", "city") if part not in value}
        wrong |= {part: say("Ce texte est trop long.") for part in value if len(value[part]) > LINE}
        code = value.get("postcode")
        if code:
            foreign = bool(value.get("country"))
            good = _CODE.match(code) if foreign else re.fullmatch(r"[0-9]{5}", code)
            if not good:
                wrong["postcode"] = say("Ce code postal n’est pas valide. Exemple : 46000")
        return value, wrong

    def lines(self, one: Field, value: Any) -> list[str]:
        """As on an envelope."""
        del one
        town = f"{value.get('postcode', '')} {value.get('city', '')}".strip()
        every = (value.get("street"), value.get("more"), town, value.get("country"))
        return [text for text in every if text]
