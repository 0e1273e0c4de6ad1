# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of types and sections in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bastide.diagnostics import Path

# What a rule asks for and what YAML gives, as a noun with its article.
_TYPES: Final = {
    "string": ("a text", "un texte"),
    "integer": ("a whole number", "un nombre entier"),
    "number": ("a number", "un nombre"),
    "float": ("a number", "un nombre"),
    "boolean": ("true or false", "true ou false"),
    "list": ("a list", "une liste"),
    "dict": ("a set of keys (`key: value`)", "un ensemble de clés (`clé: valeur`)"),
}
_FOUND: Final = {
    str: _TYPES["string"],
    int: ("a number", "un nombre"),
    float: ("a number with decimals", "un nombre à virgule"),
    bool: ("a boolean", "un booléen"),
    list: _TYPES["list"],
    dict: _TYPES["dict"],
    type(None): ("nothing", "vide"),
}
# Readings of bastide.documents.scalars.
READINGS: Final = {
    "yes_no": ("a boolean", "un booléen"),
    "none": ("nothing", "une valeur absente"),
    "zeros": ("a number, often in base 8", "un nombre, souvent en base 8"),
    "number": ("a number", "un nombre"),
    "sixty": ("a number in base 60", "un nombre en base 60"),
    "time": ("a date", "une date"),
    "merge": ("a special sign", "un signe spécial"),
}
# Spaces that look like any other and are none for YAML; the empty text is none of them.
_UNSEEN: Final = frozenset("\u00a0\u202f\u3000")


def expected(types: Sequence[str]) -> tuple[str, str]:
    """``a text or a list`` in both languages."""
    pairs = [_TYPES.get(name, (name, name)) for name in types]
    return " or ".join(en for en, _ in pairs), " ou ".join(fr for _, fr in pairs)


def found(value: object) -> tuple[str, str]:
    """What kind of thing `value` is, in both languages."""
    return _FOUND.get(type(value), (type(value).__name__, type(value).__name__))


def section(path: Path) -> tuple[str, str]:
    """The mapping at `path` in both languages; the empty path is the file itself."""
    if not path:
        return "the file", "le fichier"
    name = f"`{'.'.join(str(step) for step in path)}`"
    return name, name


def shown(value: object, limit: int = 60) -> str:
    """`value` as YAML has it, cut for a message; what cannot be seen at its ends is named."""
    if value is True or value is False:
        return str(value).lower()
    text = "null" if value is None else str(value).replace("\n", "⏎")
    if text[:1] in _UNSEEN:
        text = f"[U+{ord(text[0]):04X}]{text[1:]}"
    if text[-1:] in _UNSEEN:
        text = f"{text[:-1]}[U+{ord(text[-1]):04X}]"
    return text if len(text) <= limit else text[: limit - 1] + "…"
