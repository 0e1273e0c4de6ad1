# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `position`."""

from __future__ import annotations

import re
from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import LINE, MISSING, Kind, Part, Raw, Wrong, line
from guichet.procedures.words import say

_DEGREES = re.compile(r"-?[0-9]{1,3}(?:[.,][0-9]{1,8})?\Z")
_RANGE = {"latitude": 90, "longitude": 180}


class Position(Kind):
    """Where something is: in words, and by coordinates (WGS 84, degrees) for who knows them.

    There is no map: one of others would tell them who asks for what (and RGAA wants words too).
    """

    name = "position"
    asked_as_group = True

    def parts(self, one: Field) -> tuple[Part, ...]:
        """Words and two numbers."""
        digits = {"inputmode": "decimal"}
        where = say("Exemple : devant le 12, rue de la Halle")
        north, east = say("Exemple : 44.4475"), say("Exemple : 1.4419")
        return (
            Part("place", say("Adresse ou description du lieu"), "text", "", one.required, where),
            Part("latitude", say("Latitude (facultatif)"), help=north, attributes=digits),
            Part("longitude", say("Longitude (facultatif)"), help=east, attributes=digits),
        )

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """A mapping: `place` a text, `latitude` and `longitude` numbers."""
        value: dict[str, Any] = {}
        wrong: Wrong = {}
        if place := line(raw, "place"):
            value["place"] = place
            if len(place) > LINE:
                wrong["place"] = say("Ce texte est trop long.")
        for part, most in _RANGE.items():
            text = line(raw, part)
            if not text:
                continue
            if not _DEGREES.match(text) or abs(float(text.replace(",", "."))) > most:
                wrong[part] = say("Ce n’est pas une coordonnée en degrés.")
            else:
                value[part] = float(text.replace(",", "."))
        if not value and not wrong and not one.required:
            return None, {}
        if "place" not in value:
            wrong["place"] = say(MISSING)
        for part, other in (("latitude", "longitude"), ("longitude", "latitude")):
            if part in value and other not in value and other not in wrong:
                wrong[other] = say("Donnez les deux coordonnées, ou aucune.")
        return value, wrong

    def lines(self, one: Field, value: Any) -> list[str]:
        """The words, then the coordinates."""
        del one
        lines = [value["place"]]
        if "latitude" in value:
            lines.append(f"{value['latitude']}, {value['longitude']}")
        return lines
