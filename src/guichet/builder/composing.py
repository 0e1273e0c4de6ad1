# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions put together from lists, and read out in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guichet.builder.edit import find, steps
from guichet.builder.entries import TODAY, Amount, Data, Day, Objection
from guichet.procedures.conditions import (
    BadCondition,
    Both,
    Compare,
    Condition,
    Literal,
    Name,
    Not,
    Plain,
    parse,
    write,
)
from guichet.procedures.kinds.base import line
from guichet.procedures.kinds.date import show_day
from guichet.procedures.words import decimal, mark, say

_PARTS = {
    "identity": {
        "given": mark("prénom"),
        "family": mark("nom"),
        "born_on": mark("date de naissance"),
    },
    "address": {
        "postcode": mark("code postal"),
        "city": mark("commune"),
        "country": mark("pays"),
    },
    "period": {"start": mark("début"), "end": mark("fin")},
    "position": {"place": mark("description")},
}
_DATES = {"start", "end", "born_on"}
SIGNS = {
    "filled": mark("est renseigné"),
    "empty": mark("n’est pas renseigné"),
    "==": mark("est"),
    "!=": mark("est autre que"),
    "contains": mark("comprend"),
    "lacks": mark("ne comprend pas"),
    "<": mark("est inférieur à"),
    "<=": mark("est au plus"),
    ">": mark("est supérieur à"),
    ">=": mark("est au moins"),
}
_OF_SORT = {
    "flag": {"filled": mark("est cochée"), "empty": mark("n’est pas cochée")},
    "date": {
        "<": mark("est avant le"),
        "<=": mark("est au plus tard le"),
        ">": mark("est après le"),
        ">=": mark("est au plus tôt le"),
    },
}
_EQUAL, _ORDER = ("==", "!="), ("<", "<=", ">", ">=")
_TEST = ("filled", "empty")
JOINTS = {
    "replace": mark("remplace la condition"),
    "and": mark("s’y ajoute (et)"),
    "or": mark("ou bien (ou)"),
}


@dataclass(frozen=True, slots=True)
class Operand:
    """Something that a condition can look at.

    `sort` is text, number, date, choice, choices, flag (a box) or any (answered or not).
    """

    name: str
    label: str
    sort: str
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def signs(self) -> list[tuple[str, str]]:
        """What can be said of it."""
        able: tuple[str, ...] = {
            "text": (*_EQUAL, *_TEST),
            "number": (*_EQUAL, *_ORDER, *_TEST),
            "date": (*_ORDER, *_EQUAL, *_TEST),
            "choice": (*_EQUAL, *_TEST),
            "choices": ("contains", "lacks", *_TEST),
            "flag": _TEST,
            "any": _TEST,
        }[self.sort]
        named = {**SIGNS, **_OF_SORT.get(self.sort, {})}
        return [(one, say(named[one])) for one in able]


def operands(data: Mapping[str, Any], number: int, name: str | None = None) -> list[Operand]:
    """What is asked before a step, or before the field `name` of it."""
    place = find(data, name)[1] if name else 0
    before = [one for step in steps(data)[:number] for one in step["fields"]]
    before += steps(data)[number]["fields"][:place]
    return [made for one in before for made in _of(one)]


def _of(one: Data) -> Iterator[Operand]:
    kind = one["type"]
    if kind == "information":
        return
    sorts = {"number": "number", "date": "date", "checkbox": "flag"}
    sort = sorts.get(kind, "text")
    if kind in ("choice", "choices"):
        sort = kind
    elif kind in _PARTS or kind == "file":
        sort = "any"
    listed = tuple((each["value"], each["label"]) for each in one.get("choices", ()))
    yield Operand(one["id"], one["label"], sort, listed)
    for part, label in _PARTS.get(kind, {}).items():
        if part == "born_on" and part not in one.get("ask", ()):
            continue
        kind_of = "date" if part in _DATES else "text"
        yield Operand(f"{one['id']}.{part}", f"{one['label']} – {say(label)}", kind_of)


def compose(operand: Operand, sign: str, value: str) -> Condition:
    """One comparison.

    Raises:
        Objection: The value does not go with it.
    """
    field, _, part = operand.name.partition(".")
    name = Name(field, part)
    if sign not in dict(operand.signs):
        raise Objection(say("Choisissez une comparaison de la liste."))
    if sign == "filled":
        return name
    if sign == "empty":
        return Not(name)
    plain = _value(operand, line({"": [value]}))
    if sign == "lacks":
        return Not(Compare("contains", name, Literal(plain)))
    return Compare(sign, name, Literal(plain))


def _value(operand: Operand, text: str) -> Plain:
    if not text:
        raise Objection(say("Renseignez la valeur."))
    if operand.sort in ("choice", "choices"):
        if text not in dict(operand.choices):
            raise Objection(say("Choisissez une réponse de la liste."))
        return text
    if operand.sort == "number":
        found: Plain = Amount("value", "").read([text])
        return found
    if operand.sort == "date":
        day = Day("value", "").read([text])
        if day == "today":
            raise Objection(say("Une condition compare à une date fixe. Exemple : 31/12/2026"))
        return str(day)
    return text


def join(before: str, joint: str, more: Condition) -> str:
    """The condition with another part: by `and`, by `or`, or in its place."""
    if not before or joint == "replace":
        return write(more)
    try:
        there = parse(before)
    except BadCondition:
        return write(more)
    if isinstance(there, Both) and there.sign == joint:
        return write(Both(joint, (*there.parts, more)))
    return write(Both("and" if joint == "and" else "or", (there, more)))


def in_words(text: str, data: Mapping[str, Any]) -> str:
    """A condition in words; one that cannot be read stays as it is written."""
    try:
        return _say(parse(text), {one.name: one for one in _all(data)})
    except BadCondition:
        return text


def _all(data: Mapping[str, Any]) -> Iterator[Operand]:
    for step in steps(data):
        for one in step["fields"]:
            yield from _of(one)


def _say(one: Condition, known: Mapping[str, Operand]) -> str:  # noqa: PLR0911 - a table
    match one:
        case Name():
            return f"{_named(one, known)} {_sign(one, 'filled', known)}"
        case Not(Name() as name):
            return f"{_named(name, known)} {_sign(name, 'empty', known)}"
        case Not(Compare("contains", Name() as name, right)):
            return f"{_named(name, known)} {say(SIGNS['lacks'])} {_shown(right, name, known)}"
        case Not(of):
            return say("non (%(of)s)", of=_say(of, known))
        case Both(sign, parts):
            joint = say(" et ") if sign == "and" else say(" ou ")
            said = (_say(part, known) for part in parts)
            pairs = zip(parts, said, strict=True)
            return joint.join(f"({t})" if isinstance(p, Both) else t for p, t in pairs)
        case Compare(sign, Name() as left, right):
            return f"{_named(left, known)} {_sign(left, sign, known)} {_shown(right, left, known)}"
        case _:
            return write(one)


def _key(name: Name) -> str:
    return f"{name.field}.{name.part}" if name.part else name.field


def _named(name: Name, known: Mapping[str, Operand]) -> str:
    operand = known.get(_key(name))
    return say("« %(label)s »", label=operand.label) if operand else _key(name)


def _sign(name: Name, sign: str, known: Mapping[str, Operand]) -> str:
    operand = known.get(_key(name))
    listed = dict(operand.signs) if operand else {}
    return listed.get(sign) or say({**SIGNS, "in": mark("est parmi")}[sign])


def _shown(right: Name | Literal, left: Name, known: Mapping[str, Operand]) -> str:
    if isinstance(right, Name):
        return _named(right, known)
    operand = known.get(_key(left))
    labels = dict(operand.choices) if operand else {}
    values = right.value if isinstance(right.value, tuple) else (right.value,)
    shown = [_plain(one, labels, operand) for one in values]
    return ", ".join(say("« %(label)s »", label=one) for one in shown)


def _plain(one: Plain, labels: Mapping[str, str], operand: Operand | None) -> str:
    if isinstance(one, bool):
        return say("oui") if one else say("non")
    if operand is not None and operand.sort == "date":
        return say(TODAY) if one == "today" else show_day(one)
    text = decimal(str(one)) if isinstance(one, float) else str(one)
    return labels.get(text, text)
