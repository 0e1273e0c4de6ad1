# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `identity`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import LINE, MISSING, Kind, Part, Raw, Wrong, line
from guichet.procedures.kinds.date import read_day, show_day
from guichet.procedures.words import mark, say

_LABELS = {
    "given": mark("Prénom(s)"),
    "family": mark("Nom de naissance"),
    "used": mark("Nom d’usage"),
    "born_on": mark("Date de naissance"),
    "born_at": mark("Commune et pays de naissance"),
}
_TOKENS = {"given": "given-name", "family": "family-name", "born_on": "bday"}


class Identity(Kind):
    """Given names and birth name of a person, and those of `ask`: used, born_on, born_at.

    With `self: true` it is the person who fills the form in, and browsers may complete it
    (WCAG 1.3.5 asks for tokens there and nowhere else).
    """

    name = "identity"
    options = frozenset({"ask", "self"})
    asked_as_group = True

    def parts(self, one: Field) -> tuple[Part, ...]:
        """Two to five inputs; a used name is never required."""
        return tuple(
            Part(
                part,
                say(_LABELS[part]),
                "date" if part == "born_on" else "text",
                _TOKENS.get(part, "") if one.options.get("self") else "",
                one.required and part != "used",
                say("Format attendu : jj/mm/aaaa") if part == "born_on" else "",
            )
            for part in _asked(one)
        )

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """A mapping of the parts that were filled in."""
        value = {part: text for part in _asked(one) if (text := line(raw, part))}
        if not value and not one.required:
            return None, {}
        must = [part for part in _asked(one) if part != "used"]
        wrong = {part: say(MISSING) for part in must if part not in value}
        wrong |= {part: say("Ce texte est trop long.") for part in value if len(value[part]) > LINE}
        if "born_on" in value:
            day, objection = read_day(value["born_on"])
            if objection:
                wrong["born_on"] = objection
            elif day:
                value["born_on"] = day.isoformat()
        return value, wrong

    def lines(self, one: Field, value: Any) -> list[str]:
        """The name, then birth."""
        del one
        name = f"{value.get('given', '')} {value.get('family', '')}".strip()
        if value.get("used"):
            name += " " + say("(nom d’usage : %(name)s)", name=value["used"])
        on, at = show_day(value.get("born_on", "")), value.get("born_at")
        if on and at:
            born = [say("né(e) le %(day)s à %(place)s", day=on, place=at)]
        elif on:
            born = [say("né(e) le %(day)s", day=on)]
        else:
            born = [say("né(e) à %(place)s", place=at)] if at else []
        return [name, *born]


def _asked(one: Field) -> list[str]:
    asked = one.options.get("ask", ())
    return [part for part in _LABELS if part in ("given", "family") or part in asked]
