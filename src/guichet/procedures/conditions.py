# SPDX-License-Identifier: GPL-3.0-or-later
r"""When a field or a step is asked for: a small language without side effects.

::

    extract == "full" and not (copies > 2)
    works in ["new", "extension"] or period.start >= "2026-01-01"
    subjects contains "roads"

A name is the id of a field asked before, with a part of it after a dot.  A name alone is true
when it is answered and is neither an unticked box nor an empty list.  Values of different types
are never equal and never ordered, and what was not answered equals nothing: evaluation cannot
fail.  Dates are ISO texts (RFC 3339 §5.6), whose order is that of the days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

LONGEST, DEEPEST = 500, 16
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)
      | (?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,6})?)
      | (?P<text>"(?:[^"\\\x00-\x1f]|\\["\\])*")
      | (?P<sign>==|!=|<=|>=|<|>|\(|\)|\[|\]|,)
    )""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "in", "contains", "true", "false"})
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "contains"})


class BadCondition(ValueError):
    """The text is no condition: `why`, in French too, and the 1-based `column`."""

    def __init__(self, why: str, fr: str, column: int) -> None:
        super().__init__(why)
        self.why = why
        self.fr = fr
        self.column = column


Plain = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Name:
    """The answer to a field, or a part of it."""

    field: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, true or false; a list of them after `in`."""

    value: Plain | tuple[Plain, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands and what is between them."""

    sign: str
    left: Name | Literal
    right: Name | Literal


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    of: Condition


@dataclass(frozen=True, slots=True)
class Both:
    """True when all are (`sign` "and") or when one is ("or")."""

    sign: str
    parts: tuple[Condition, ...]


Condition = Name | Literal | Compare | Not | Both


def parse(text: str) -> Condition:
    """The condition that `text` says.

    Raises:
        BadCondition: With the column at which it stops being one.
    """
    if len(text) > LONGEST:
        raise BadCondition(
            f"longer than {LONGEST} characters", f"plus de {LONGEST} caractères", LONGEST
        )
    return _Parser(text).whole()


def holds(condition: Condition | None, answers: Mapping[str, Any]) -> bool:
    """Whether the condition is true of the answers; none is always true."""
    match condition:
        case None:
            return True
        case Not(of):
            return not holds(of, answers)
        case Both("and", parts):
            return all(holds(part, answers) for part in parts)
        case Both(_, parts):
            return any(holds(part, answers) for part in parts)
        case Compare(sign, left, right):
            return _compare(sign, _value(left, answers), _value(right, answers))
        case _:
            return _value(condition, answers) not in (None, False, "", [], {}, ())


def names(condition: Condition | None) -> Iterator[str]:
    """The fields that it asks about."""
    match condition:
        case Name(field, _):
            yield field
        case Not(of):
            yield from names(of)
        case Both(_, parts):
            for part in parts:
                yield from names(part)
        case Compare(_, left, right):
            yield from names(left)
            yield from names(right)


def comparisons(condition: Condition | None) -> Iterator[tuple[Name, Plain]]:
    """The whole answers that it compares with values: each with each value."""
    match condition:
        case Not(of):
            yield from comparisons(of)
        case Both(_, parts):
            for part in parts:
                yield from comparisons(part)
        case Compare(_, Name(_, "") as name, Literal(value)):
            for one in value if isinstance(value, tuple) else (value,):
                yield name, one


def write(condition: Condition) -> str:
    """The condition as text, which `parse` makes the same condition of."""
    match condition:
        case Name(field, part):
            return f"{field}.{part}" if part else field
        case Literal(value) if isinstance(value, tuple):
            return f"[{', '.join(map(_literal, value))}]"
        case Literal(value):
            return _literal(value)  # type: ignore[arg-type]
        case Compare(sign, left, right):
            return f"{write(left)} {sign} {write(right)}"
        case Not(of):
            return f"not {_inside(of)}"
        case Both(sign, parts):
            return f" {sign} ".join(_inside(part) for part in parts)


def _inside(condition: Condition) -> str:
    text = write(condition)
    return f"({text})" if isinstance(condition, Both) else text


def _literal(value: Plain) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return re.sub(r"(\.[0-9]+?)0*\Z", r"\1", f"{value:.6f}")
    return str(value)


def _value(operand: Name | Literal, answers: Mapping[str, Any]) -> Any:
    if isinstance(operand, Literal):
        return operand.value
    found = answers.get(operand.field)
    if operand.part:
        return found.get(operand.part) if isinstance(found, Mapping) else None
    return found


def _compare(sign: str, left: Any, right: Any) -> bool:
    if sign == "contains":
        return isinstance(left, (list, tuple)) and any(_same(one, right) for one in left)
    if sign == "in":
        return isinstance(right, (list, tuple)) and any(_same(left, one) for one in right)
    if sign in ("==", "!="):
        return _same(left, right) == (sign == "==")
    if not (_is_number(left) and _is_number(right)) and not (
        isinstance(left, str) and isinstance(right, str)
    ):
        return False
    return bool(
        {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    if _is_number(left) and _is_number(right):
        return bool(left == right)
    return type(left) is type(right) and bool(left == right)


class _Parser:
    """Recursive descent over the tokens; its depth is bounded."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._split())
        self.at = 0
        self.depth = 0

    def _split(self) -> Iterator[tuple[str, str, int]]:
        place = 0
        end = len(self.text.rstrip())
        while place < end:
            found = _TOKEN.match(self.text, place)
            if found is None or found.end() == place:
                place += len(self.text[place:]) - len(self.text[place:].lstrip())
                raise BadCondition(
                    "something that is no word of this language",
                    "ce n’est pas un mot de ce langage",
                    place + 1,
                )
            kind = found.lastgroup or ""
            word = found.group(kind)
            kind = "word" if word in _WORDS else kind
            yield kind, word, found.start(kind if kind != "word" else "name") + 1
            place = found.end()

    def whole(self) -> Condition:
        condition = self._any_of()
        if self.at < len(self.tokens):
            self._fail(
                "something after the end of the condition",
                "quelque chose suit la fin de la condition",
            )
        return condition

    def _fail(self, why: str, fr: str) -> NoReturn:
        here = self.tokens[self.at][2] if self.at < len(self.tokens) else len(self.text) + 1
        raise BadCondition(why, fr, here)

    def _peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def _take(self, *words: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][0] in ("word", "sign"):
            if self._peek() not in words:
                return False
            self.at += 1
            return True
        return False

    def _any_of(self) -> Condition:
        return self._chain("or", self._all_of)

    def _all_of(self) -> Condition:
        return self._chain("and", self._one)

    def _chain(self, sign: str, part: Any) -> Condition:
        parts: list[Condition] = [part()]
        while self._take(sign):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Both(sign, tuple(parts))

    def _one(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            self._fail(f"nested deeper than {DEEPEST}", f"plus de {DEEPEST} niveaux")
        condition: Condition
        if self._take("not"):
            condition = Not(self._one())
        elif self._take("("):
            condition = self._any_of()
            if not self._take(")"):
                self._fail("a ) is missing", "il manque une )")
        else:
            condition = self._comparison()
        self.depth -= 1
        return condition

    def _comparison(self) -> Condition:
        left = self._operand()
        sign = self._peek()
        if not self._take(*_COMPARISONS):
            return left
        if sign == "in":
            return Compare(sign, left, self._list())
        return Compare(sign, left, self._operand())

    def _operand(self) -> Name | Literal:
        if self.at >= len(self.tokens):
            self._fail(
                "it ends where a name or a value should be",
                "elle finit là où un nom ou une valeur est attendu",
            )
        kind, word, _ = self.tokens[self.at]
        if kind == "name":
            self.at += 1
            field, _, part = word.partition(".")
            return Name(field, part)
        return Literal(self._plain())

    def _plain(self) -> Plain:
        if self.at >= len(self.tokens):
            self._fail(
                "it ends where a value should be", "elle finit là où une valeur est attendue"
            )
        kind, word, _ = self.tokens[self.at]
        if kind == "text":
            value: Plain = re.sub(r"\\(.)", r"\1", word[1:-1])
        elif kind == "number":
            value = float(word) if "." in word else int(word)
        elif word in ("true", "false"):
            value = word == "true"
        else:
            self._fail(
                f"{word!r} where a value should be", f"« {word} » là où une valeur est attendue"
            )
        self.at += 1
        return value

    def _list(self) -> Literal:
        if not self._take("["):
            self._fail("a list in [ ] should follow `in`", "une liste entre [ ] doit suivre « in »")
        values = [self._plain()]
        while self._take(","):
            values.append(self._plain())
        if not self._take("]"):
            self._fail("a ] is missing", "il manque un ]")
        return Literal(tuple(values))
