# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference page of a schema, made from the descriptions of its fields."""

from __future__ import annotations

from typing import Any, Final

from bastide.diagnostics import Language
from bastide.schema.definition import Rules, Schema, types_of

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "intro": "Generated from `schemas/{name}.yml` by `bastide schema`. `*` stands for a name "
        "of your choice, `[]` for each item of a list.",
        "head": "| field | kind | | what it says | example |",
        "required": "required",
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "list": "list",
        "dict": "section",
        "or": " or ",
        "null": "may be empty",
        "catalog": "catalogue",
        "needs": "only with",
    },
    "fr": {
        "intro": "Produit à partir de `schemas/{name}.yml` par `bastide schema`. `*` tient lieu "
        "d'un nom de votre choix, `[]` de chaque élément d'une liste.",
        "head": "| champ | nature | | ce qu'il dit | exemple |",
        "required": "obligatoire",
        "string": "texte",
        "integer": "nombre entier",
        "number": "nombre",
        "boolean": "true ou false",
        "list": "liste",
        "dict": "rubrique",
        "or": " ou ",
        "null": "peut être vide",
        "catalog": "catalogue",
        "needs": "seulement avec",
    },
}


def reference_markdown(schema: Schema, language: Language = "en") -> str:
    """The page: one table for each top-level section, one line for each field below it."""
    words = _WORDS[language]
    title = schema.title_fr if language == "fr" else schema.title
    lines = [f"# {title}", "", words["intro"].format(name=schema.name), ""]
    rows: list[str] = []
    for path, rules in schema.walk():
        if len(path) == 1:
            lines += [*rows, ""] if rows else []
            lines += [f"## {path[0]}", "", words["head"], "|---|---|---|---|---|"]
            rows = []
        rows.append(_row(path, rules, language))
    return "\n".join([*lines, *rows]) + "\n"


def _row(path: tuple[str, ...], rules: Rules, language: Language) -> str:
    meta = rules.get("meta", {})
    text = meta.get("description_fr" if language == "fr" else "description", "")
    example = meta.get("example", meta.get("key"))
    cells = [
        f"`{'.'.join(path)}`",
        _kind(rules, language),
        _limits(rules, language),
        str(text),
        f"`{_shown(example)}`" if example is not None else "",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _kind(rules: Rules, language: Language) -> str:
    words = _WORDS[language]
    if "allowed" in rules:
        return ", ".join(f"`{_as_written(value)}`" for value in rules["allowed"])
    return words["or"].join(words.get(name, name) for name in types_of(rules))


def _limits(rules: Rules, language: Language) -> str:
    words = _WORDS[language]
    found = [words["required"]] if rules.get("required") else []
    if rules.get("nullable"):
        found.append(words["null"])
    if "min" in rules or "max" in rules:
        found.append(f"{rules.get('min', '')}…{rules.get('max', '')}")
    for field, value in (rules.get("dependencies") or {}).items():
        found.append(f"{words['needs']} `{field}: {value}`")
    catalog = rules.get("meta", {}).get("catalog")
    if catalog:
        found.append(f"{words['catalog']} `{catalog}`")
    return ", ".join(found)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_written(value: object) -> str:
    """A scalar as it stands in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)
