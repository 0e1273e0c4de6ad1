# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Schema (draft 7) of a Cerberus schema, for editors.

Editors complete, describe and underline with it; the verdict stays Cerberus'.  Draft 7 is
what the YAML language server reads.  Where the two languages differ, JSON Schema is the
laxer one: texts of IP addresses and the depth of definitions that hold themselves are not
checked by it.  Catalogue names are proposed and not imposed, since rules check them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bastide.documents import read_bytes
from bastide.schema.definition import Rules, Schema, known_fields, types_of

_TYPES: Final = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "float": "number",
    "boolean": "boolean",
    "list": "array",
    "dict": "object",
}
_SIZES: Final = {
    "string": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "dict": ("minProperties", "maxProperties"),
}


def json_schema(
    schema: Schema, catalogues: Mapping[str, Iterable[str]] | None = None
) -> dict[str, Any]:
    """The JSON Schema of `schema`; `catalogues` are names to propose, by catalogue."""
    writer = _Writer(schema, catalogues or {})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"{schema.title} / {schema.title_fr}",
        "$comment": f"Generated from {schema.name}.yml by bastide schema.",
        **writer.rules(schema.root()),
        "definitions": {
            name: writer.rules(rules) for name, rules in sorted(schema.definitions.items())
        },
    }


class _Writer:
    def __init__(self, schema: Schema, catalogues: Mapping[str, Iterable[str]]) -> None:
        self._schema = schema
        self._catalogues = catalogues

    def rules(self, rules: str | Rules) -> dict[str, Any]:
        """JSON Schema of one set of rules; a reference for a definition's name."""
        if isinstance(rules, str):
            return {"$ref": f"#/definitions/{rules}"}
        types = types_of(rules)
        out = self._described(rules)
        names = [_TYPES[name] for name in types]
        if rules.get("nullable"):
            names.append("null")
        out["type"] = names[0] if len(names) == 1 else names
        if "allowed" in rules:
            out["enum"] = [*rules["allowed"], *([None] if rules.get("nullable") else [])]
        if "regex" in rules:
            out["pattern"] = ecma_pattern(rules["regex"])
        self._bounds(rules, types, out)
        if "dict" in types:
            self._mapping(rules, out)
        if "list" in types and "schema" in rules:
            out["items"] = self.rules(rules["schema"])
        return self._proposed(rules, out)

    def _described(self, rules: Rules) -> dict[str, Any]:
        meta = rules.get("meta", {})
        out: dict[str, Any] = {}
        if "description" in meta:
            out["description"] = (
                f"{meta['description']}\n\n{meta.get('description_fr', '')}".strip()
            )
        if "example" in meta:
            out["examples"] = [example_value(meta["example"])]
        return out

    def _bounds(self, rules: Rules, types: tuple[str, ...], out: dict[str, Any]) -> None:
        for rule, word in (("min", "minimum"), ("max", "maximum")):
            if rule in rules:
                out[word] = rules[rule]
        for name in types:
            for rule, word in zip(("minlength", "maxlength"), _SIZES.get(name, ()), strict=False):
                if rule in rules:
                    out[word] = rules[rule]
        if rules.get("check_with") == "single_key":
            out["minProperties"] = out["maxProperties"] = 1

    def _mapping(self, rules: Rules, out: dict[str, Any]) -> None:
        fields = known_fields(rules)
        if "schema" in rules:
            out["properties"] = {key: self.rules(inner) for key, inner in fields.items()}
            resolved = {key: self._schema.resolve(inner) for key, inner in fields.items()}
            required = [key for key, inner in resolved.items() if inner.get("required")]
            if required:
                out["required"] = required
            out["additionalProperties"] = False
            needs = [
                _needs(key, inner["dependencies"])
                for key, inner in resolved.items()
                if isinstance(inner.get("dependencies"), dict)
            ]
            if needs:
                out["allOf"] = needs
        if "valuesrules" in rules:
            out["additionalProperties"] = self.rules(rules["valuesrules"])
        if "keysrules" in rules:
            out["propertyNames"] = self.rules(rules["keysrules"])

    def _proposed(self, rules: Rules, out: dict[str, Any]) -> dict[str, Any]:
        """Names of the catalogue beside what is allowed anyway, for completion."""
        names = self._catalogues.get(rules.get("meta", {}).get("catalog", ""))
        if names:
            out["anyOf"] = [{"enum": sorted(names)}, {"type": out["type"]}]
        return out


def _needs(key: str, needed: Mapping[str, Any]) -> dict[str, Any]:
    """`key` may stand only where the fields of `needed` have their values."""
    return {
        "if": {"required": [key]},
        "then": {
            "required": list(needed),
            "properties": {field: {"const": value} for field, value in needed.items()},
        },
    }


def ecma_pattern(regex: str) -> str:
    r"""The regular expression for editors: anchored at both ends, ``\Z`` written ``$(?!\n)``.

    ECMAScript's ``$`` is the end; validators written in Python or Ruby take it for the place
    before a final line feed as well.
    """
    body = re.sub(r"\\Z$|\$$", "", regex)
    return (f"^(?:{body})$" if "|" in body else f"^{body}$") + r"(?!\n)"


def example_value(example: Any) -> Any:
    """The value that the text of an example stands for."""
    if not isinstance(example, str):
        return example
    document, _ = read_bytes(f"value: {example}\n".encode(), "example")
    return document.data["value"] if document else example
