# SPDX-License-Identifier: GPL-3.0-or-later
"""Cerberus' verdict on a document, as diagnostics with line, column and the way out.

Cerberus nests its errors; their leaves carry a path into the document, which leads to the
node and so to the line.  One function per family of rules makes the diagnostic of a leaf.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from bastide.diagnostics import Diagnostic, Path, diagnose
from bastide.documents import Document
from bastide.documents.audit import MAX_FINDINGS, capped
from bastide.schema import kinds, punctuation, words
from bastide.schema.accept import compile_accept
from bastide.schema.definition import Rules, Schema, known_fields, types_of
from bastide.schema.nearest import nearest


class Checker:
    """Checks documents against one schema; made once, used for every file."""

    def __init__(self, schema: Schema) -> None:
        """Raises ``cerberus.SchemaError`` when the schema is wrong."""
        self.schema = schema
        self._accept = compile_accept(schema)
        self._validator: Any = None

    def check(self, document: Document) -> list[Diagnostic]:
        """Findings about `document`, sorted by place; warnings are among them."""
        if self._accept(document.data):
            return _surprises(document, []) if document.surprises else []
        if type(document.data) is not dict:
            return [document.diagnose(kinds.NOT_SECTIONS, (), known=", ".join(self.schema.fields))]
        leaves = islice(self._errors(document.data), MAX_FINDINGS)
        errors = _without_echoes([leaf_diagnostic(self.schema, document, e) for e in leaves])
        return capped(sorted({*errors, *_surprises(document, errors)}))

    def _errors(self, data: dict[str, Any]) -> Iterator[Any]:
        if self._validator is None:
            from bastide.schema.validator import make_validator

            self._validator = make_validator(self.schema)
        # Without normalization Cerberus takes a third of the time and changes nothing.
        self._validator.validate(data, normalize=False)
        return leaves_of(self._validator._errors)  # noqa: SLF001 - paths are nowhere else


def leaves_of(errors: Any) -> Iterator[Any]:
    """Errors that say something by themselves, out of Cerberus' groups."""
    for error in errors:
        if error.is_group_error and error.child_errors:
            yield from leaves_of(error.child_errors)
        else:
            yield error


def leaf_diagnostic(schema: Schema, document: Document, error: Any) -> Diagnostic:
    """The diagnostic of one leaf of Cerberus' errors."""
    path: Path = tuple(error.document_path)
    # A free key at fault: Cerberus puts it both as path and as value.
    if "keysrules" in error.schema_path:
        example = _meta(schema.rules_at(path[:-1]) or {}).get("key", "…")
        return document.diagnose(kinds.KEY_FORM, path, key=words.shown(path[-1]), example=example)
    make = _BY_RULE.get(error.rule or _CODES.get(error.code, ""), _other)
    return make(schema, document, path, error)


# Errors that Cerberus gives no rule for (cerberus.errors), and its failed checks.
_CODES = {0x03: "unknown", 0x00: "check_with"}


def _without_echoes(errors: list[Diagnostic]) -> list[Diagnostic]:
    """`errors` without those that another explains.

    A missing field that stands there under a mistyped name, or as a key and its value in one;
    and a field that needs another, where that one stands and is wrong itself.
    """
    meant, wrong = set(), set()
    for error in errors:
        section, facts = error.path.rpartition(".")[0], dict(error.facts)
        if error.code == kinds.UNKNOWN_SIMILAR.code:
            meant.add((section, facts["nearest"]))
        elif error.code == kinds.GLUED.code:
            meant.add((section, facts["key"]))
        wrong.add(error.path)
    return [error for error in errors if not _is_echo(error, meant, wrong)]


def _is_echo(error: Diagnostic, meant: set[tuple[str, str]], wrong: set[str]) -> bool:
    section, facts = error.path.rpartition(".")[0], dict(error.facts)
    if error.code == kinds.REQUIRED.code:
        return (section, facts["key"]) in meant
    if error.code == kinds.NEEDS.code:
        needed = facts["needed"].partition(":")[0]
        return (section, needed) in meant or f"{section}.{needed}" in wrong
    return False


def _surprises(document: Document, errors: list[Diagnostic]) -> list[Diagnostic]:
    """Warnings on ambiguous texts, but where an error speaks of the same place."""
    places = {(error.line, error.column) for error in errors}
    return [
        diagnose(
            kinds.AMBIGUOUS,
            document.name,
            surprise.line,
            surprise.column,
            text=words.shown(surprise.text),
            reading_en=words.READINGS[surprise.reading][0],
            reading_fr=words.READINGS[surprise.reading][1],
        )
        for surprise in document.surprises
        if (surprise.line, surprise.column) not in places
    ]


def _meta(rules: Rules) -> dict[str, Any]:
    return dict(rules.get("meta", {}))


def _described(schema: Schema, path: Path) -> dict[str, Any]:
    """Facts that the hints about the field at `path` use."""
    rules = schema.rules_at(path) or {}
    meta = _meta(rules)
    return {
        "description": str(meta.get("description", "")),
        "description_fr": str(meta.get("description_fr", "")),
        "example": example_of(schema, rules),
    }


def example_of(schema: Schema, rules: Rules) -> str:
    """A value that `rules` accept, as YAML; made from the fields below where none is given."""
    meta = _meta(rules)
    if "example" in meta:
        return words.shown(meta["example"], 120)
    if rules.get("allowed"):
        return str(rules["allowed"][0])
    fields = {key: schema.resolve(inner) for key, inner in known_fields(rules).items()}
    if fields:
        needed = [key for key, inner in fields.items() if inner.get("required")]
        keys = needed or list(fields)[:1]
        return f"{{{', '.join(f'{key}: {example_of(schema, fields[key])}' for key in keys)}}}"
    if "key" in meta and "valuesrules" in rules:
        inner = example_of(schema, schema.resolve(rules["valuesrules"]))
        return f"{{{meta['key']}: {inner}}}"
    if "list" in types_of(rules) and "schema" in rules:
        return f"[{example_of(schema, schema.resolve(rules['schema']))}]"
    return "…"


# A key with more places than these is a common word, and a list of them is no help.
_MOST_HOMES = 3


def _unknown(schema: Schema, document: Document, path: Path, _error: Any) -> Diagnostic:
    key, section = str(path[-1]), path[:-1]
    known = list(known_fields(schema.rules_at(section) or {}))
    english, french = words.section(section)
    facts: dict[str, Any] = {"known": ", ".join(known), "key": words.shown(key)}
    facts |= {"section_en": english, "section_fr": french}
    slip = punctuation.glued(document, path, key, known, at_value=False)
    slip = slip or punctuation.cut(document, path)
    similar = nearest(key, known)
    if slip or similar:
        return slip or document.diagnose(kinds.UNKNOWN_SIMILAR, path, nearest=similar, **facts)
    homes = [home for home in schema.places_of(key) if home and "[]" not in home]
    if 0 < len(homes) <= _MOST_HOMES:
        return document.diagnose(kinds.MISPLACED, path, home="`, `".join(homes), **facts)
    return document.diagnose(kinds.UNKNOWN, path, **facts)


def _required(schema: Schema, document: Document, path: Path, _error: Any) -> Diagnostic:
    english, french = words.section(path[:-1])
    facts = _described(schema, path)
    # The key of the section that lacks it; at the top, the beginning of the file.
    line, column = document.position(path[:-1]) if path[:-1] else (1, 1)
    return diagnose(
        kinds.REQUIRED, document.name, line, column, path,
        key=path[-1], section_en=english, section_fr=french, **facts,
    )  # fmt: skip


def _type(schema: Schema, document: Document, path: Path, error: Any) -> Diagnostic:
    rules, value = schema.rules_at(path) or {}, error.value
    types = types_of(rules)
    if value is None:
        return _null(schema, document, path, error)
    expected_en, expected_fr = words.expected(types)
    found_en, found_fr = words.found(value)
    plain = document.plain_text(path)
    facts = {
        **_described(schema, path),
        "text": words.shown(plain if plain is not None else value),
        "expected_en": expected_en,
        "expected_fr": expected_fr,
        "found_en": found_en,
        "found_fr": found_fr,
    }
    kind = kinds.WRONG_TYPE
    if isinstance(value, str) and "dict" in types:
        slip = punctuation.glued(document, path, value, known_fields(rules), at_value=True)
        if slip:
            return slip
    if isinstance(value, dict) and "dict" in types:
        kind = kinds.TOO_NESTED  # the last round of a definition that holds itself
    elif "string" in types and plain is not None:
        # Quotes are no help where the text would be wrong as well: 20240301 is no day.
        fits = re.match(f"(?:{rules['regex']})", plain) if "regex" in rules else True
        kind = kinds.UNQUOTED if fits else kinds.FORM
    elif types == ("boolean",) and not isinstance(value, (dict, list)):
        kind = kinds.NOT_BOOLEAN
    elif types in {("integer",), ("number",)} and isinstance(value, str):
        kind = kinds.NOT_NUMBER
    elif types == ("list",) and not isinstance(value, dict):
        kind = kinds.NOT_LIST
        facts["text"] = punctuation.as_list(facts["text"])
    return document.diagnose(kind, path, "value", **facts)


def _null(schema: Schema, document: Document, path: Path, _error: Any) -> Diagnostic:
    facts = _described(schema, path)
    key = f"{path[-1]}:" if path and isinstance(path[-1], str) else "-"
    return document.diagnose(kinds.NO_VALUE, path, key=key, **facts)


def _allowed(_schema: Schema, document: Document, path: Path, error: Any) -> Diagnostic:
    known = [str(value) for value in error.constraint]
    facts: dict[str, Any] = {"text": words.shown(error.value), "known": ", ".join(known)}
    text = str(error.value)
    similar = nearest(text, known) or nearest(punctuation.before_comment(text), known)
    if similar:
        return document.diagnose(kinds.UNALLOWED_SIMILAR, path, "value", nearest=similar, **facts)
    return document.diagnose(kinds.UNALLOWED, path, "value", **facts)


def _regex(schema: Schema, document: Document, path: Path, error: Any) -> Diagnostic:
    facts = _described(schema, path)
    text = str(error.value)
    kind = kinds.BLANK if text != text.strip() or not text else kinds.FORM
    return document.diagnose(kind, path, "value", text=words.shown(text), **facts)


def _bound(schema: Schema, document: Document, path: Path, error: Any) -> Diagnostic:
    facts = _described(schema, path)
    kind = kinds.TOO_SMALL if error.rule == "min" else kinds.TOO_LARGE
    facts |= {"text": words.shown(error.value), "limit": str(error.constraint)}
    return document.diagnose(kind, path, "value", **facts)


def _length(schema: Schema, document: Document, path: Path, error: Any) -> Diagnostic:
    facts = _described(schema, path)
    kind = kinds.TOO_SHORT if error.rule == "minlength" else kinds.TOO_LONG
    facts |= {"count": str(len(error.value)), "limit": str(error.constraint)}
    return document.diagnose(kind, path, "value", **facts)


def _dependencies(_schema: Schema, document: Document, path: Path, error: Any) -> Diagnostic:
    needed = error.constraint
    if isinstance(needed, dict):
        texts = [f"{field}: {words.shown(value)}" for field, value in needed.items()]
    else:
        texts = [needed] if isinstance(needed, str) else list(needed)
    return document.diagnose(kinds.NEEDS, path, key=path[-1], needed=", ".join(texts))


def _check_with(schema: Schema, document: Document, path: Path, error: Any) -> Diagnostic:
    name = error.info[0] if error.info else ""
    if name == "single_key":
        return document.diagnose(kinds.SINGLE_KEY, path, "value", count=len(error.value))
    if name == "ip_address":
        return document.diagnose(kinds.NOT_IP, path, "value", text=words.shown(error.value))
    return _other(schema, document, path, error)


def _other(schema: Schema, document: Document, path: Path, error: Any) -> Diagnostic:
    facts = _described(schema, path)
    return document.diagnose(
        kinds.OTHER, path, "value", rule=error.rule, constraint=words.shown(error.constraint),
        **facts,
    )  # fmt: skip


_BY_RULE: dict[str, Callable[[Schema, Document, Path, Any], Diagnostic]] = {
    "unknown": _unknown,
    "required": _required,
    "type": _type,
    "nullable": _null,
    "allowed": _allowed,
    "regex": _regex,
    "min": _bound,
    "max": _bound,
    "minlength": _length,
    "maxlength": _length,
    "dependencies": _dependencies,
    "check_with": _check_with,
}
