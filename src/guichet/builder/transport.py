# SPDX-License-Identifier: GPL-3.0-or-later
"""A definition as the YAML that a charter takes, out and in.

What comes in is hostile until proved otherwise: its size and depth are bounded before anything
is built, an alias is refused (YAML 1.1 §3.2.2: a few lines of them stand for gigabytes), and it
has to pass the same `check` as a charter.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import yaml

from guichet.builder.names import KEYS
from guichet.language import FRENCH, current
from guichet.procedures import check
from guichet.procedures.words import say

LARGEST, DEEPEST, MOST = 300_000, 12, 50  # bytes, levels, objections told
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BAD = {"Cc", "Cs", "Cn", "Zl", "Zp"}
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Unreadable(ValueError):
    """Why a file is no definition; `all` are its objections in words, one at least."""

    def __init__(self, *all_of_them: str) -> None:
        super().__init__(all_of_them[0])
        self.all = list(all_of_them)


class _Dumper(yaml.SafeDumper):
    """Blocks for texts of several lines, and lists set in as yamllint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 - PyYAML's own
        """PyYAML sets lists at the margin of their key otherwise."""
        super().increase_indent(flow, False)  # noqa: FBT003


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def export(data: dict[str, Any]) -> str:
    """The definition as a file for `definition:` of a charter."""
    order = [key for key in KEYS if key in data] + sorted(data.keys() - KEYS.keys())
    ordered = {key: data[key] for key in order}
    body = yaml.dump(
        ordered, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100, indent=2
    )
    return f"---\n{body}"


def load(content: bytes) -> dict[str, Any]:
    """The definition of a file.

    Raises:
        Unreadable: With everything that is wrong.
    """
    if len(content) > LARGEST:
        raise Unreadable(say("Le fichier dépasse %(size)d ko.", size=LARGEST // 1000))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(say("Le fichier n’est pas un texte en UTF-8.")) from None
    try:
        _bounded(text)
        data = yaml.load(text, _LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise Unreadable(_where(error)) from None
    except (ValueError, OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(say("Une valeur du fichier ne peut pas être lue.")) from None
    if not isinstance(data, dict):
        raise Unreadable(say("Le fichier ne décrit pas une démarche."))
    _plain(data)
    found = check(data)[:MOST]
    if found:
        french = current() == FRENCH
        told = [(one.where, one.fr if french else one.en) for one in found]
        raise Unreadable(*[say("%(label)s : %(what)s", label=at, what=text) for at, text in told])
    return data


def _bounded(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(
                say("Ligne %(line)d : les ancres et les alias ne sont pas acceptés.", line=line)
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise Unreadable(say("Ligne %(line)d : trop de niveaux.", line=line))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return say("Le fichier n’est pas du YAML : au début.")
    place = {"line": mark.line + 1, "column": mark.column + 1}
    return say("Le fichier n’est pas du YAML : ligne %(line)d, colonne %(column)d.", **place)


def _plain(value: Any) -> None:
    """Refuse what JSON, or a database of JSON, cannot hold."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError):
        raise Unreadable(
            say("Le fichier contient une valeur qui n’est ni texte ni nombre.")
        ) from None
    if json.loads(text) != value:
        raise Unreadable(say("Une clé du fichier n’est pas un texte."))
    for one in _texts(value):
        if any(
            (unicodedata.category(sign) in _BAD and sign not in "\n\t") or sign in _BIDI
            for sign in one
        ):
            raise Unreadable(say("Le fichier contient des caractères de commande."))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return []
