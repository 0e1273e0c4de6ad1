# SPDX-License-Identifier: GPL-3.0-or-later
"""A Cerberus schema compiled to one Python function that accepts valid data, fast.

The function says yes or "ask Cerberus": acceptance is proof of validity (a mutation test
holds it to that), refusal proves nothing, and messages are Cerberus' business alone.  It
takes 25 µs where Cerberus takes 600, since nearly every file is valid nearly every time.

The source is generated from the rules of our own schema files, never from documents.
Rules that are not known here are left to Cerberus for the field they stand in.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bastide.schema.checks import CHECKS
from bastide.schema.definition import Schema, known_fields, types_of

Accept = Callable[[Any], bool]

_TYPES: Final = {
    "string": "str",
    "integer": "int",
    "boolean": "bool",
    "list": "list",
    "dict": "dict",
}
# Rules that the writer translates; `meta` is for people, `required` is the parent's.
_KNOWN: Final = frozenset(
    [
        "type",
        "nullable",
        "allowed",
        "regex",
        "min",
        "max",
        "minlength",
        "maxlength",
        "check_with",
        "schema",
        "keysrules",
        "valuesrules",
        "dependencies",
        "meta",
        "required",
    ]
)


def compile_accept(schema: Schema) -> Accept:
    """The accept function of `schema`: True only for data that Cerberus accepts."""
    return compile_rules({"type": "dict", "schema": schema.cerberus()})


def compile_rules(rules: Mapping[str, Any]) -> Accept:
    """The accept function of one set of plain Cerberus rules."""
    writer = _Writer()
    writer.value(rules, "v", 1)
    source = "\n".join(["def accept(v):", *writer.lines, "    return True", ""])
    namespace: dict[str, Any] = dict(writer.constants)
    exec(compile(source, "<accept>", "exec"), namespace)  # noqa: S102 - see the module docstring
    accept: Accept = namespace["accept"]
    return accept


def _cerberus_accept(rules: Mapping[str, Any]) -> Accept:
    """Cerberus itself as an accept function; ``cerberus.SchemaError`` when `rules` are wrong."""
    # Loading Cerberus takes longer than most runs that do not need it.
    from bastide.schema.validator import StructureValidator

    alone = copy.deepcopy(dict(rules))
    if isinstance(alone.get("required", False), bool):
        alone["required"] = True
    validator = StructureValidator({"x": alone})

    def accept(value: Any) -> bool:
        return bool(validator.validate({"x": value}, normalize=False))

    return accept


class _Unsupported(Exception):
    """The rules say something that is left to Cerberus."""


class _Writer:
    """Writes the body of the function; every line either passes on or returns False."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self._names = 0

    def constant(self, value: object) -> str:
        name = f"C{len(self.constants)}"
        self.constants[name] = value
        return name

    def variable(self) -> str:
        self._names += 1
        return f"v{self._names}"

    def line(self, indent: int, text: str) -> None:
        self.lines.append("    " * indent + text)

    def refuse(self, indent: int, condition: str) -> None:
        self.line(indent, f"if {condition}: return False")

    def value(self, rules: Mapping[str, Any], var: str, indent: int) -> None:
        """Lines that check the value in `var`, by Cerberus itself where need be."""
        before = len(self.lines)
        try:
            self._value(rules, var, indent)
        except _Unsupported:
            del self.lines[before:]
            if "dependencies" in rules or "excludes" in rules:
                raise  # these look at the neighbours: the whole mapping is Cerberus' then
            oracle = self.constant(_cerberus_accept(rules))
            self.refuse(indent, f"not {oracle}({var})")

    def _value(self, rules: Mapping[str, Any], var: str, indent: int) -> None:
        if not _KNOWN.issuperset(rules) or not _well_made(rules):
            raise _Unsupported
        types = types_of(rules)
        if not types or not all(name in _TYPES or name == "number" for name in types):
            raise _Unsupported
        if rules.get("nullable"):
            self.line(indent, f"if {var} is not None:")
            indent += 1
        if len(types) == 1:
            self._one_type(types[0], rules, var, indent)
            return
        kind = self.variable()
        self.line(indent, f"{kind} = type({var})")
        word = "if"
        for name in types:
            self.line(indent, f"{word} {self._is(name, kind)}:")
            self._content(name, rules, var, indent + 1)
            word = "elif"
        self.line(indent, "else: return False")

    def _one_type(self, name: str, rules: Mapping[str, Any], var: str, indent: int) -> None:
        self.refuse(indent, f"not ({self._is(name, f'type({var})')})")
        self._content(name, rules, var, indent)

    def _is(self, name: str, kind: str) -> str:
        # Exact types: what our reader gives.  Anything else is refused, so asked of Cerberus.
        return (
            f"{kind} is int or {kind} is float"
            if name == "number"
            else (f"{kind} is {_TYPES[name]}")
        )

    def _content(self, name: str, rules: Mapping[str, Any], var: str, indent: int) -> None:
        self.line(indent, "pass")
        if "allowed" in rules:
            if name not in {"string", "integer"}:
                raise _Unsupported
            self.refuse(indent, f"{var} not in {self.constant(frozenset(rules['allowed']))}")
        if "regex" in rules and name == "string":
            pattern = rules["regex"]
            # As Cerberus does it (validator.py, _validate_regex).
            match = re.compile(pattern if pattern.endswith("$") else pattern + "$").match
            self.refuse(indent, f"not {self.constant(match)}({var})")
        self._sizes(name, rules, var, indent)
        if "check_with" in rules:
            self.refuse(indent, f"not {self.constant(CHECKS[rules['check_with']])}({var})")
        if name == "dict":
            self._mapping(rules, var, indent)
        elif name == "list" and "schema" in rules:
            item = self.variable()
            self.line(indent, f"for {item} in {var}:")
            self.value(rules["schema"], item, indent + 1)

    def _sizes(self, name: str, rules: Mapping[str, Any], var: str, indent: int) -> None:
        numeric = name in {"integer", "number"}
        for rule, sign in (("min", "<"), ("max", ">")):
            if rule in rules:
                if not numeric:
                    raise _Unsupported
                self.refuse(indent, f"{var} {sign} {self.constant(rules[rule])}")
        for rule, sign in (("minlength", "<"), ("maxlength", ">")):
            if rule in rules and not numeric and name != "boolean":
                self.refuse(indent, f"len({var}) {sign} {self.constant(rules[rule])}")

    def _mapping(self, rules: Mapping[str, Any], var: str, indent: int) -> None:
        if "schema" in rules:
            self._fields(known_fields(rules), var, indent)
        if "keysrules" not in rules and "valuesrules" not in rules:
            return
        key, item = self.variable(), self.variable()
        self.line(indent, f"for {key}, {item} in {var}.items():")
        self.line(indent + 1, "pass")
        if "keysrules" in rules:
            self.value(rules["keysrules"], key, indent + 1)
        if "valuesrules" in rules:
            self.value(rules["valuesrules"], item, indent + 1)

    def _fields(self, fields: Mapping[str, Any], var: str, indent: int) -> None:
        self.refuse(indent, f"not {var}.keys() <= {self.constant(frozenset(fields))}")
        for field, rules in fields.items():
            if not isinstance(rules, dict):
                raise _Unsupported
            inner = self.variable()
            if rules.get("required"):
                self.refuse(indent, f"{field!r} not in {var}")
            self.line(indent, f"if {field!r} in {var}:")
            self.line(indent + 1, f"{inner} = {var}[{field!r}]")
            self._neighbours(rules, var, indent + 1)
            self.value(rules, inner, indent + 1)

    def _neighbours(self, rules: Mapping[str, Any], var: str, indent: int) -> None:
        needed = rules.get("dependencies")
        if needed is None:
            return
        if not isinstance(needed, dict) or rules.get("nullable"):
            raise _Unsupported
        for field, values in needed.items():
            if not isinstance(values, str) or not field.isidentifier():
                raise _Unsupported
            self.refuse(indent, f"{var}.get({field!r}) != {values!r}")


# What the constraint of each rule must be for the writer to know its meaning.
_MADE: Final[dict[str, type | tuple[type, ...]]] = {
    "nullable": bool,
    "required": bool,
    "allowed": list,
    "regex": str,
    "min": (int, float),
    "max": (int, float),
    "minlength": int,
    "maxlength": int,
    "check_with": str,
    "schema": dict,
    "keysrules": dict,
    "valuesrules": dict,
    "meta": dict,
}


def _well_made(rules: Mapping[str, Any]) -> bool:
    """False for constraints of unexpected types: Cerberus then says what is wrong with them."""
    return (
        all(isinstance(rules[rule], kind) for rule, kind in _MADE.items() if rule in rules)
        and all(isinstance(value, (str, int)) for value in rules.get("allowed", ()))
        and rules.get("check_with", "ip_address") in CHECKS
    )
