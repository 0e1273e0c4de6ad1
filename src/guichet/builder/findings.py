# SPDX-License-Identifier: GPL-3.0-or-later
"""What `check` says of a draft, said to who works on it: each with the place where it is mended."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from guichet.builder.edit import steps
from guichet.builder.entries import Data
from guichet.builder.names import KEYS, MAILS
from guichet.language import FRENCH, current
from guichet.procedures import Problem, check
from guichet.procedures.words import say

# What a form needs before anybody can look at it; in its place while it is not there.
_STAND_INS: dict[str, Any] = {"purpose": "–", "retention_months": 1}
_ELSEWHERE = {"url": "https://exemple.fr/", "sheet": "F1"}
_BLANK = {"id": "x", "type": "information", "label": "–"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in words: of the facts, the mails, a step (index) or a field (id).

    `key` is the entry of its form that it is about, or "".
    """

    text: str
    hint: str
    part: str
    step: int | None = None
    field: str = ""
    key: str = ""
    code: str = ""


def findings(data: Mapping[str, Any]) -> list[Finding]:
    """All that keeps a draft from being published.

    `check` looks at the sense of a definition only when its structure is right; so what lacks is
    told and stood in for, and the rest is looked at all the same.
    """
    made, lacking = _complete(data)
    found = [_found(one, data) for one in check(made)]
    return lacking + [one for one in found if one not in lacking]


def _complete(data: Mapping[str, Any]) -> tuple[Data, list[Finding]]:
    made = copy.deepcopy(dict(data))
    lacking = []
    needed = _STAND_INS if data.get("type") == "form" else {}
    for key in ("url", "sheet"):
        if {"link": "url", "sheet": "sheet"}.get(str(data.get("type"))) == key:
            needed = {key: _ELSEWHERE[key]}
    for key, stand_in in needed.items():
        if key not in made:
            text = say("Il manque : %(what)s.", what=say(KEYS[key]))
            lacking.append(Finding(text, "", "facts", key=key, code="missing"))
            made[key] = stand_in
    if data.get("type") == "form" and not steps(made):
        lacking.append(Finding(say("Ajoutez une étape."), "", "steps", code="no-step"))
        made["steps"] = [{"title": "–", "fields": [_BLANK]}]
    taken = {one["id"] for step in steps(made) for one in step["fields"]}
    for number, step in enumerate(steps(made)):
        if not step["fields"]:
            text = say(
                "L’étape %(number)d, « %(title)s », ne demande rien : ajoutez-y une question.",
                number=number + 1,
                title=step["title"],
            )
            lacking.append(Finding(text, "", "step", step=number, code="no-field"))
            blank = next(f"x{n}" for n in range(2000) if f"x{n}" not in taken)
            taken.add(blank)
            step["fields"] = [{**_BLANK, "id": blank}]
    return made, lacking


def _found(one: Problem, data: Mapping[str, Any]) -> Finding:
    path = one.path
    french = current() == FRENCH
    text, hint = (one.fr, one.hint_fr) if french else (one.en, one.hint_en)
    text = text[:1].upper() + text[1:] + "."
    if one.code == "condition-forward":
        name = one.fr.partition(" ")[0]
        text = say("La condition porte sur « %(name)s », qui n’est pas demandé avant.", name=name)
    if one.code == "contact-missing":
        text = say(
            "Une question de type « Adresse électronique », et une seule, doit recevoir le lien "
            "de suivi : obligatoire, sans condition, dans une étape sans condition."
        )
        return Finding(text, "", "steps", code=one.code)
    if path[:1] == ("steps",) and len(path) > 1:
        number = int(path[1])
        if path[2:3] == ("fields",) and path[3:]:
            field = steps(data)[number]["fields"][int(path[3])]
            key = str(path[4]) if path[4:] else ""
            return Finding(text, hint, "field", number, field["id"], key, one.code)
        key = str(path[2]) if path[2:] else ""
        return Finding(text, hint, "step", number, "", key, one.code)
    if path[:1] == ("mails",):
        occasion = say(MAILS.get(str(path[1]), str(path[1]))) if len(path) > 1 else ""
        key = ".".join(map(str, path))
        text = say("Courriel « %(name)s » : %(what)s", name=occasion, what=text)
        return Finding(text, hint, "mails", key=key, code=one.code)
    label = say(KEYS.get(str(path[0]), "")) if path else ""
    text = say("%(label)s : %(what)s", label=label, what=text) if label else text
    key = ".".join(str(part) for part in path if not isinstance(part, int))
    return Finding(text, hint, "facts", key=key, code=one.code)


def showable(data: Mapping[str, Any]) -> Data | None:
    """The draft completed so far that a preview can be made of it; None when it cannot."""
    made, _ = _complete(data)
    bad = [one for one in check(made) if one.code not in ("contact-missing", "placeholder-unknown")]
    return None if bad else made


def by_key(found: Iterable[Finding]) -> dict[str, str]:
    """The findings of one form, by entry."""
    return {
        one.key: say("Renseignez ce champ.")
        if one.code == "missing"
        else f"{one.text} {one.hint}".strip()
        for one in found
    }
