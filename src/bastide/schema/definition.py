# SPDX-License-Identifier: GPL-3.0-or-later
"""A Cerberus schema file as Bastide uses it: fields, named definitions, title.

The file is YAML with three sections: ``title``/``title_fr``, ``definitions`` (named rule
sets, which rules may refer to, themselves included) and ``fields`` (the schema proper).
Rules never change after loading: Cerberus gets copies, since it rewrites what it is given.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bastide.diagnostics import Path
from bastide.documents import KeyOrder

Rules = Mapping[str, Any]

# Levels of a definition that holds itself, such as the pages of a site.
MAX_RECURSION: Final = 6
_HOLDERS: Final = frozenset({"schema", "keysrules", "valuesrules", "check_with"})


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema.  `name` is the file's stem; `fields` and `definitions` hold Cerberus rules."""

    name: str
    title: str
    title_fr: str
    fields: Mapping[str, Any]
    definitions: Mapping[str, Rules] = field(default_factory=dict)

    def resolve(self, rules: str | Rules) -> Rules:
        """Rules themselves, or those of the definition that they name."""
        return self.definitions[rules] if isinstance(rules, str) else rules

    def root(self) -> Rules:
        """The whole schema as the rules of one dict."""
        return {"type": "dict", "required": True, "schema": self.fields}

    def rules_at(self, path: Path) -> Rules | None:
        """Rules of the node at `path`, None where nothing is known."""
        rules: Rules | None = self.root()
        for step in path:
            rules = self._below(rules, step) if rules is not None else None
        return rules

    def key_rules_at(self, path: Path) -> Rules | None:
        """Rules of the free key that ends `path`."""
        parent = self.rules_at(path[:-1])
        return self.resolve(parent["keysrules"]) if parent and "keysrules" in parent else None

    def _below(self, rules: Rules, step: str | int) -> Rules | None:
        if isinstance(step, int):
            # A mixed item (text or mapping) has the rules of both in one set.
            inner = rules.get("schema")
        elif "list" in types_of(rules):
            return None
        else:
            inner = known_fields(rules).get(step, rules.get("valuesrules"))
        return self.resolve(inner) if inner is not None else None

    def places_of(self, key: str) -> list[str]:
        """Dotted names of the sections that know the field `key`; free keys show as ``*``."""
        found: list[str] = []
        for path, rules in self.walk():
            if path and path[-1] == key and rules is not None:
                found.append(".".join(path[:-1]))
        return found

    def walk(self) -> Iterator[tuple[tuple[str, ...], Rules]]:
        """Every field with its path, parents first; recursion is followed once."""
        yield from self._walk((), self.root(), frozenset())

    def _walk(
        self, path: tuple[str, ...], rules: Rules, seen: frozenset[str]
    ) -> Iterator[tuple[tuple[str, ...], Rules]]:
        if path:
            yield path, rules
        inside: list[tuple[str, str | Rules]] = list(known_fields(rules).items())
        if "list" in types_of(rules) and rules.get("schema") is not None:
            inside = [("[]", rules["schema"])]
        if "valuesrules" in rules:
            inside.append(("*", rules["valuesrules"]))
        for step, inner in inside:
            name = inner if isinstance(inner, str) else None
            if name in seen:
                continue
            below = seen | {name} if name else seen
            yield from self._walk((*path, step), self.resolve(inner), below)

    def key_order(self) -> KeyOrder:
        """Order of keys for the canonical form: that of the schema."""
        made: dict[str, KeyOrder] = {}

        def order(rules: str | Rules) -> KeyOrder:
            if isinstance(rules, str):
                if rules not in made:
                    made[rules] = KeyOrder()
                    fill(made[rules], self.definitions[rules])
                return made[rules]
            new = KeyOrder()
            fill(new, rules)
            return new

        def fill(new: KeyOrder, rules: Rules) -> None:
            new.keys = {key: order(inner) for key, inner in known_fields(rules).items()}
            if "list" in types_of(rules) and rules.get("schema") is not None:
                new.each = order(rules["schema"])
            elif "valuesrules" in rules:
                new.each = order(rules["valuesrules"])

        return order(self.root())

    def cerberus(self) -> dict[str, Any]:
        """The fields as plain Cerberus, definitions written out, free to be rewritten.

        Cerberus' own registries are global in places, and half of its schema expansion
        does not see them; so names are replaced here.  A definition that holds itself is
        followed :data:`MAX_RECURSION` times, and then allows only what holds nothing.
        """
        return {key: self._written_out(rules, {}) for key, rules in self.fields.items()}

    def _written_out(self, rules: str | Rules, depth: dict[str, int]) -> dict[str, Any]:
        if isinstance(rules, str):
            level = depth.get(rules, 0)
            found = self.definitions[rules]
            if level < MAX_RECURSION:
                return self._written_out(found, {**depth, rules: level + 1})
            flat = [name for name in types_of(found) if name not in {"dict", "list"}]
            plain = {k: v for k, v in found.items() if k not in _HOLDERS}
            return copy.deepcopy({**plain, "type": flat})
        out: dict[str, Any] = {}
        for rule, value in rules.items():
            if rule in {"keysrules", "valuesrules"} or (rule == "schema" and _is_rules(rules)):
                out[rule] = self._written_out(value, depth)
            elif rule == "schema":
                out[rule] = {k: self._written_out(v, depth) for k, v in value.items()}
            else:
                out[rule] = copy.deepcopy(value)
        return out


def _is_rules(rules: Rules) -> bool:
    """True when the ``schema`` of `rules` is one set of rules for items, not fields."""
    return "list" in types_of(rules)


def types_of(rules: Rules) -> tuple[str, ...]:
    """Names of the types that `rules` allow; empty means any."""
    types = rules.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def known_fields(rules: Rules) -> Mapping[str, Any]:
    """Fields of the mapping that `rules` describe, empty for lists and free keys."""
    inner = rules.get("schema")
    return inner if isinstance(inner, Mapping) and "dict" in types_of(rules) else {}
