# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to steps and fields: each takes a definition and makes another.

A field is named by its id, a step by its index.  What cannot be done is told by `Impossible`, in
words; nothing is changed then.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from guichet.builder.entries import Data, free_name
from guichet.builder.names import KINDS
from guichet.procedures.conditions import (
    BadCondition,
    Both,
    Compare,
    Condition,
    Literal,
    Name,
    Not,
    parse,
    write,
)
from guichet.procedures.kinds import KINDS as OF_KIND
from guichet.procedures.words import mark, say

STEPS, FIELDS, REMEMBERED = 20, 50, 20
COMMON = frozenset({"id", "type", "label", "help", "required", "when"})
# A definition is in French, whatever the language of the page that makes it.
_CHOICES = [{"value": "oui", "label": mark("Oui")}, {"value": "non", "label": mark("Non")}]


class Impossible(ValueError):
    """Why something was not done, in words."""


def steps(data: Mapping[str, Any]) -> list[Data]:
    """The steps; a link and a sheet have none."""
    return data.get("steps", [])  # type: ignore[no-any-return]


def fields(data: Mapping[str, Any]) -> Iterator[Data]:
    """All fields in order."""
    for step in steps(data):
        yield from step["fields"]


def find(data: Mapping[str, Any], name: str) -> tuple[int, int]:
    """Step and place of the field `name`.

    Raises:
        Impossible: There is none.
    """
    for number, step in enumerate(steps(data)):
        for place, field in enumerate(step["fields"]):
            if field["id"] == name:
                return number, place
    raise Impossible(say("Ce champ n’est plus là."))


def field(data: Mapping[str, Any], name: str) -> Data:
    """The field `name`."""
    number, place = find(data, name)
    return steps(data)[number]["fields"][place]  # type: ignore[no-any-return]


def step(data: Mapping[str, Any], number: int) -> Data:
    """The step of an index."""
    if not 0 <= number < len(steps(data)):
        raise Impossible(say("Cette étape n’est plus là."))
    return steps(data)[number]


def ids(data: Mapping[str, Any]) -> set[str]:
    """The ids that are taken."""
    return {one["id"] for one in fields(data)}


def add_step(data: Data, title: str) -> int:
    """A step at the end; its index."""
    if len(steps(data)) >= STEPS:
        raise Impossible(say("Une démarche a %(most)d étapes au plus.", most=STEPS))
    data.setdefault("steps", []).append({"title": title, "fields": []})
    return len(data["steps"]) - 1


def add_field(data: Data, number: int, kind: str, label: str) -> str:
    """A field at the end of a step; its id."""
    if kind not in KINDS:
        raise Impossible(say("Choisissez un type de la liste."))
    there = step(data, number)["fields"]
    _room(there)
    made: Data = {"id": free_name(label, ids(data)), "type": kind, "label": label}
    if kind in ("choice", "choices"):
        made["choices"] = copy.deepcopy(_CHOICES)
    there.append(made)
    return str(made["id"])


def _room(there: list[Data]) -> None:
    if len(there) >= FIELDS:
        raise Impossible(say("Une étape a %(most)d questions au plus.", most=FIELDS))


def up(data: Data, name: str) -> None:
    """A field before the one above it, or to the end of the step before."""
    number, place = find(data, name)
    there = steps(data)[number]["fields"]
    if place:
        there[place - 1], there[place] = there[place], there[place - 1]
    elif number:
        _room(steps(data)[number - 1]["fields"])
        steps(data)[number - 1]["fields"].append(there.pop(0))
    else:
        raise Impossible(say("Ce champ est déjà le premier."))


def down(data: Data, name: str) -> None:
    """A field after the one below it, or to the beginning of the step after."""
    number, place = find(data, name)
    there = steps(data)[number]["fields"]
    if place + 1 < len(there):
        there[place + 1], there[place] = there[place], there[place + 1]
    elif number + 1 < len(steps(data)):
        _room(steps(data)[number + 1]["fields"])
        steps(data)[number + 1]["fields"].insert(0, there.pop())
    else:
        raise Impossible(say("Ce champ est déjà le dernier."))


def to_step(data: Data, name: str, number: int) -> None:
    """A field to the end of another step."""
    at, place = find(data, name)
    there = step(data, number)["fields"]
    if at != number:
        _room(there)
        there.append(steps(data)[at]["fields"].pop(place))


def duplicate(data: Data, name: str) -> str:
    """A field once more, after itself; the id of the copy."""
    number, place = find(data, name)
    there = steps(data)[number]["fields"]
    _room(there)
    made = copy.deepcopy(there[place])
    made["id"] = free_name(made["id"], ids(data))
    made.pop("contact", None)
    there.insert(place + 1, made)
    return str(made["id"])


def remove(data: Data, name: str) -> Data:
    """A field goes; what to keep of it, for `restore`."""
    number, place = find(data, name)
    return {"step": number, "at": place, "field": steps(data)[number]["fields"].pop(place)}


def step_up(data: Data, number: int) -> None:
    """A step before the one before it."""
    step(data, number)
    if not number:
        raise Impossible(say("Cette étape est déjà la première."))
    there = steps(data)
    there[number - 1], there[number] = there[number], there[number - 1]


def step_down(data: Data, number: int) -> None:
    """A step after the one after it."""
    step(data, number)
    if number + 1 >= len(steps(data)):
        raise Impossible(say("Cette étape est déjà la dernière."))
    step_up(data, number + 1)


def remove_step(data: Data, number: int) -> Data:
    """A step goes with its fields; what to keep of it."""
    step(data, number)
    return {"at": number, "whole": steps(data).pop(number)}


def restore(data: Data, kept: Mapping[str, Any]) -> None:
    """What was removed comes back, as near to its place as there is one."""
    if "whole" in kept:
        if len(steps(data)) >= STEPS:
            raise Impossible(say("Une démarche a %(most)d étapes au plus.", most=STEPS))
        back = copy.deepcopy(kept["whole"])
        for one in back["fields"]:
            _rename_if_taken(data, one)
        data.setdefault("steps", []).insert(min(kept["at"], len(steps(data))), back)
        return
    if not steps(data):
        add_step(data, mark("Étape"))
    there = steps(data)[min(kept["step"], len(steps(data)) - 1)]["fields"]
    _room(there)
    one = copy.deepcopy(kept["field"])
    _rename_if_taken(data, one)
    there.insert(min(kept["at"], len(there)), one)


def _rename_if_taken(data: Data, one: Data) -> None:
    if one["id"] in ids(data):
        one["id"] = free_name(one["id"], ids(data))


def change_kind(data: Data, name: str, kind: str) -> None:
    """A field becomes one of another kind; options that this has not are dropped."""
    if kind not in KINDS:
        raise Impossible(say("Choisissez un type de la liste."))
    one = field(data, name)
    allowed = COMMON | OF_KIND[kind].options
    for key in [key for key in one if key not in allowed]:
        del one[key]
    one["type"] = kind
    if kind in ("choice", "choices"):
        one.setdefault("choices", copy.deepcopy(_CHOICES))
    if kind == "information":
        one.pop("required", None)


def rename(data: Data, name: str, new: str) -> None:
    """A field gets another id, in the conditions too."""
    if new == name:
        return
    if new in ids(data):
        raise Impossible(say("Un autre champ porte déjà cet identifiant."))
    field(data, name)["id"] = new
    for one in (*steps(data), *fields(data)):
        if "when" in one:
            try:
                one["when"] = write(_renamed(parse(one["when"]), name, new))
            except BadCondition:
                continue


def _renamed(one: Condition, name: str, new: str) -> Condition:
    def operand(it: Name | Literal) -> Name | Literal:
        return Name(new, it.part) if isinstance(it, Name) and it.field == name else it

    match one:
        case Name() | Literal():
            return operand(one)
        case Compare(sign, left, right):
            return Compare(sign, operand(left), operand(right))
        case Not(of):
            return Not(_renamed(of, name, new))
        case Both(sign, parts):
            return Both(sign, tuple(_renamed(part, name, new) for part in parts))


ON_FIELD: dict[str, Callable[[Data, str], Any]] = {
    "up": up,
    "down": down,
    "copy": duplicate,
    "remove": remove,
}
ON_STEP: dict[str, Callable[[Data, int], Any]] = {
    "step-up": step_up,
    "step-down": step_down,
    "step-remove": remove_step,
}
