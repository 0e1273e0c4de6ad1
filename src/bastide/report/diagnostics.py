# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference pages of diagnostics: every code, what it says and the way out.

Made from the kinds themselves, and for the rules from the help in their docstrings, so
that a page cannot promise what no code does.
"""

from __future__ import annotations

import importlib
import pkgutil
import textwrap
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

import bastide
from bastide.diagnostics import KINDS, Kind, Language

PAGES: dict[Language, str] = {
    "en": "docs/reference/diagnostics.md",
    "fr": "docs/reference/diagnostics.fr.md",
}

_RULES = "bastide.rules."
_FLOORS: dict[str, dict[Language, str]] = {
    "D": {"en": "Documents: reading YAML", "fr": "Documents : la lecture du YAML"},
    "S": {"en": "Schema: structure of a file", "fr": "Schéma : la structure d'un fichier"},
    "R": {"en": "Rules over the fleet", "fr": "Règles sur l'ensemble des fichiers"},
    "P": {"en": "Plan", "fr": "Plan"},
    "A": {"en": "Apply", "fr": "Application"},
    "V": {"en": "Verify", "fr": "Vérification"},
    "L": {"en": "Lab", "fr": "Laboratoire"},
    "J": {"en": "Journal", "fr": "Journal"},
    "C": {"en": "Command", "fr": "Commande"},
}
_INTRODUCTION: dict[Language, str] = {
    "en": """\
        # Diagnostics

        [En français](diagnostics.fr.md). Made by `bastide schema`; do not edit.

        A diagnostic has a code, a severity, a place (file, line, column), a message and a way
        out. An error stops the run; a warning or an information does not. What stands between
        braces is filled in.""",
    "fr": """\
        # Diagnostics

        [In English](diagnostics.md). Page produite par `bastide schema` ; ne pas la modifier.

        Un diagnostic a un code, une gravité, un lieu (fichier, ligne, colonne), un message et
        une issue. Une erreur arrête le passage ; un avertissement ou une information, non. Ce
        qui est entre accolades est remplacé.""",
}
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "head": "| code | severity | message | way out |",
        "error": "error",
        "warning": "warning",
        "info": "information",
        "Wrong": "Wrong:",
        "Right": "Right:",
    },
    "fr": {
        "head": "| code | gravité | message | issue |",
        "error": "erreur",
        "warning": "avertissement",
        "info": "information",
        "Wrong": "À ne pas écrire :",
        "Right": "À écrire :",
    },
}


class Help(NamedTuple):
    """What the docstring of a rule's file holds; `why` may be empty."""

    title: str
    why: str
    wrong: str
    right: str


def reference_pages() -> dict[str, str]:
    """Text of each page by its path in the repository."""
    return {path: diagnostics_reference(language) for language, path in PAGES.items()}


def diagnostics_reference(language: Language) -> str:
    """Every kind of diagnostic as a Markdown page."""
    modules = list(_modules())
    parts = [textwrap.dedent(_INTRODUCTION[language])]
    for letter, titles in _FLOORS.items():
        kinds = [kind for code, kind in sorted(KINDS.items()) if code.startswith(letter)]
        if kinds:
            parts.append(f"## {titles[language]}")
            parts += _rules(modules, language) if letter == "R" else [_table(kinds, language)]
    return "\n\n".join(parts) + "\n"


def _modules() -> Iterator[ModuleType]:
    """Every module of the program, so that each kind has been declared."""
    for found in pkgutil.walk_packages(bastide.__path__, "bastide."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _rules(modules: list[ModuleType], language: Language) -> Iterator[str]:
    ruled = []
    for module in modules:
        kinds = [value for value in vars(module).values() if isinstance(value, Kind)]
        if module.__name__.startswith(_RULES) and kinds:
            ruled.append((sorted(kinds, key=lambda kind: kind.code), module))
    for kinds, module in sorted(ruled, key=lambda one: one[0][0].code):
        told = read_help(module.__doc__ or "", language)
        words = _WORDS[language]
        yield f"### {told.title}"
        if told.why:
            yield told.why
        yield _table(kinds, language)
        yield f"{words['Wrong']}\n\n```yaml\n{told.wrong}```"
        yield f"{words['Right']}\n\n```yaml\n{told.right}```"


def read_help(docstring: str, language: Language) -> Help:
    """The help of a rule in one language (the form is told in :mod:`bastide.rules.rule`)."""
    prose, _, examples = docstring.partition("\nWrong:\n")
    english, _, french = prose.partition("\n---\n")
    title, _, why = (french if language == "fr" else english).strip().partition("\n\n")
    wrong, _, right = examples.partition("\nRight:\n")
    return Help(_one_line(title).rstrip("."), why.strip(), _code(wrong), _code(right))


def _code(text: str) -> str:
    return text.partition("```yaml\n")[2].partition("```")[0]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _table(kinds: list[Kind], language: Language) -> str:
    words = _WORDS[language]
    rows = [words["head"], "|---|---|---|---|"]
    for kind in kinds:
        # Without facts the fields stay visible.
        message, hint = kind.message.format(language, {}), kind.hint.format(language, {})
        cells = [kind.code, words[kind.severity.value], message, hint]
        rows.append("| " + " | ".join(_one_line(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)
