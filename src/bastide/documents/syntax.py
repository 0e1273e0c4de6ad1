# SPDX-License-Identifier: GPL-3.0-or-later
"""libyaml's syntax errors, in words that lead an operator to the fix.

libyaml has some sixty messages, all in the vocabulary of a parser; they fall into the few
mistakes that people make.  Those unknown here keep libyaml's words.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from bastide.diagnostics import Diagnostic, Severity, declare, diagnose
from bastide.documents.kinds import DIRECTIVE, INDENT_CHARACTER, SEVERAL
from bastide.documents.source import ODD_SPACES

if TYPE_CHECKING:
    from yaml.error import MarkedYAMLError

_E = Severity.ERROR

SYNTAX = declare(
    "D115", _E,
    en="this is not YAML: {words}",
    fr="ceci n'est pas du YAML : {words}",
    hint_en="Compare the indentation and the punctuation with the line above.",
    hint_fr="Comparez l'indentation et la ponctuation avec la ligne précédente.",
)  # fmt: skip
COLON_IN_TEXT = declare(
    "D130", _E,
    en="a second `: ` stands on this line",
    fr="un second « : » figure sur cette ligne",
    hint_en="Put a text that holds `: ` in quotes.",
    hint_fr="Mettez entre guillemets un texte qui contient « : ».",
)  # fmt: skip
MISPLACED = declare(
    "D131", _E,
    en="this line does not fit the block that begins on line {first}",
    fr="cette ligne ne s'accorde pas avec le bloc qui commence à la ligne {first}",
    hint_en="Align it with the other keys of its block, or with the other `-` of its list.",
    hint_fr="Alignez-la sur les autres clés de son bloc, ou sur les autres `-` de sa liste.",
)  # fmt: skip
OPEN_QUOTE = declare(
    "D132", _E,
    en="the quote that opens here is never closed",
    fr="le guillemet ouvert ici n'est jamais refermé",
    hint_en="Close it on the same line; an apostrophe inside '…' is written twice.",
    hint_fr="Refermez-le sur la même ligne ; une apostrophe entre '…' s'écrit deux fois.",
)  # fmt: skip
OPEN_BRACKET = declare(
    "D133", _E,
    en="a comma or a closing `{closing}` is missing in what opens on line {first}",
    fr="il manque une virgule ou un `{closing}` dans ce qui s'ouvre à la ligne {first}",
    hint_en="Close the bracket, or separate the elements with commas.",
    hint_fr="Refermez le crochet ou l'accolade, ou séparez les éléments par des virgules.",
)  # fmt: skip
FIRST_CHARACTER = declare(
    "D134", _E,
    en="an unquoted text cannot begin with « {character} »",
    fr="un texte sans guillemets ne peut pas commencer par « {character} »",
    hint_en='Put it in quotes: "{character}…".',
    hint_fr='Mettez-le entre guillemets : "{character}…".',
)  # fmt: skip
ESCAPE = declare(
    "D135", _E,
    en="unknown escape after `\\` inside double quotes",
    fr="séquence inconnue après `\\` entre guillemets doubles",
    hint_en="Write `\\\\` for one backslash, or use single quotes.",
    hint_fr="Écrivez `\\\\` pour une barre oblique inverse, ou employez des apostrophes.",
)  # fmt: skip
NO_COLON = declare(
    "D136", _E,
    en="`: ` is missing after this key",
    fr="il manque « : » après cette clé",
    hint_en="Write `key: value`, with a space after the colon.",
    hint_fr="Écrivez `clé: valeur`, avec une espace après les deux-points.",
)  # fmt: skip
AFTER_QUOTE = declare(
    "D137", _E,
    en="something follows the closing quote or bracket",
    fr="quelque chose suit le guillemet ou le crochet fermant",
    hint_en="Enclose the whole text; inside '…' an apostrophe is written twice (''), "
    'inside "…" a quote is written \\".',
    hint_fr="Entourez le texte entier ; entre '…' une apostrophe s'écrit deux fois (''), "
    'entre "…" un guillemet s\'écrit \\".',
)  # fmt: skip
NO_VALUE = declare(
    "D138", _E,
    en="a value or a closing bracket is missing here",
    fr="il manque ici une valeur ou un crochet fermant",
    hint_en="Look for two commas in a row, or for a bracket that is never closed.",
    hint_fr="Cherchez deux virgules de suite, ou un crochet jamais refermé.",
)  # fmt: skip
UNEXPECTED_KEY = declare(
    "D139", _E,
    en="no key is expected here: the line above is text, or this one is indented too far",
    fr="aucune clé n'est attendue ici : la ligne précédente est un texte, ou celle-ci est "
    "trop indentée",
    hint_en="Add the missing `:` above, or align this line with its neighbours.",
    hint_fr="Ajoutez le « : » qui manque au-dessus, ou alignez cette ligne sur ses voisines.",
)  # fmt: skip

ODD_COLON = declare(
    "D141", _E,
    en="{what_en} stands beside a colon",
    fr="{what_fr} touche un deux-points",
    hint_en="YAML wants the colon against its key and an ordinary space after it: type both anew.",
    hint_fr="YAML veut le deux-points collé à sa clé, puis une espace ordinaire : retapez-les.",
)  # fmt: skip

# What libyaml says of a key below a line that it took for text.
_AFTER_TEXT = {
    "mapping values are not allowed in this context",
    "did not find expected key",
}
_INDICATORS = {"while scanning an anchor", "while scanning an alias", "while scanning a tag"}
_LEADING_TAB = re.compile(r"[ ]*\t")
# A `: ` that makes a key, before the place at fault.
_COLON = re.compile(r":(?:[ \t]|$)")
# A key whose value touches its colon; a URL is none.
_GLUED = re.compile(r"[ ]*(?:- +)*(?P<key>[^\s\"'\[\]{}#:]+):(?=[^\s/:])")
# A letter right behind what was taken for a closing quote: 'L'Hospitalet'.
_INSIDE_QUOTES = re.compile(r"""['"]\w\Z""")
_ODD_COLON = re.compile("(?P<before>[\u00a0\u202f\u3000]):|:(?P<after>[\u00a0\u202f\u3000])")


def explain(error: MarkedYAMLError, name: str, lines: list[str]) -> Diagnostic:
    """The diagnostic of a libyaml `error` in the file `name`, whose `lines` are given."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return diagnose(SYNTAX, name, 1, 1, words=str(error.problem or error))
    # At the end of the stream libyaml points after the last line: stay inside the file.
    line = max(0, min(mark.line, len(lines) - 1))
    column = mark.column if mark.line == line else len(lines[line]) if lines else 0
    return (
        _tab(name, lines, line, error)
        or _document(name, lines, line, error)
        or _colon(name, lines, line, error)
        or _known(error, name, lines, line, column)
        or diagnose(SYNTAX, name, line + 1, column + 1, words=_words(error))
    )


def _words(error: MarkedYAMLError) -> str:
    return " ".join(part for part in (error.context, error.problem) if part)


def _tab(name: str, lines: list[str], line: int, error: MarkedYAMLError) -> Diagnostic | None:
    """The tab that stands before the text of the line at fault, or of the one it began on."""
    context = error.context_mark.line if error.context_mark else line
    for number in dict.fromkeys((line, context)):
        match = _LEADING_TAB.match(lines[number]) if number < len(lines) else None
        if match:
            what_en, what_fr = ODD_SPACES["\t"]
            return diagnose(
                INDENT_CHARACTER, name, number + 1, match.end(), what_en=what_en, what_fr=what_fr
            )
    return None


def _document(name: str, lines: list[str], line: int, error: MarkedYAMLError) -> Diagnostic | None:
    """A directive that stands alone or is unknown, or what follows the end of the document."""
    problem, context = error.problem or "", error.context or ""
    if "directive" in context or "directive" in problem or "incompatible" in problem:
        return diagnose(DIRECTIVE, name, line + 1, 1)
    if problem != "did not find expected <document start>":
        return None
    first = next((n for n, text in enumerate(lines) if text.startswith("%")), None)
    if first is not None:
        return diagnose(DIRECTIVE, name, first + 1, 1)
    return diagnose(SEVERAL, name, line + 1, 1)


def _colon(name: str, lines: list[str], line: int, error: MarkedYAMLError) -> Diagnostic | None:
    """The colon that made no key, since what touches it is no ordinary space.

    On the line that libyaml could not go on from, or on the one above, which it took for text.
    """
    problem = error.problem or ""
    if problem == "could not find expected ':'" and error.context_mark:
        numbers = [error.context_mark.line]
    elif problem in _AFTER_TEXT:
        above = (n for n in range(line - 1, -1, -1) if lines[n].split("#")[0].strip())
        numbers = [line, *islice(above, 1)]
    else:
        return None
    for number in numbers:
        odd = _ODD_COLON.search(lines[number])
        if odd:
            what_en, what_fr = ODD_SPACES[odd.group("before") or odd.group("after")]
            column = odd.start("before" if odd.group("before") else "after") + 1
            return diagnose(ODD_COLON, name, number + 1, column, what_en=what_en, what_fr=what_fr)
        glued = _GLUED.match(lines[number])
        if glued:
            return diagnose(NO_COLON, name, number + 1, glued.start("key") + 1)
    return None


def _known(  # noqa: PLR0911 - a table of cases, most telling first
    error: MarkedYAMLError, name: str, lines: list[str], line: int, column: int
) -> Diagnostic | None:
    problem, context = error.problem or "", error.context or ""
    start = error.context_mark
    # A context that begins at the end of the stream begins nowhere.
    first = start.line + 1 if start and start.line < len(lines) else line + 1
    here = (name, line + 1, column + 1)
    there = (name, start.line + 1, start.column + 1) if start else here
    before = lines[line][:column] if lines else ""
    after = lines[line][column : column + 1] if lines else ""
    if "quoted scalar" in context:
        escape = "escape" in problem or "hex" in problem
        return diagnose(ESCAPE, *here) if escape else diagnose(OPEN_QUOTE, *there)
    if context in _INDICATORS:
        return _first_character(there, lines)
    if problem == "found character that cannot start any token":
        return _first_character(here, lines)
    if context == "while parsing a flow node":
        colon = lines[line][column : column + 1] == ":"
        return _first_character(here, lines) if colon else diagnose(NO_VALUE, *here)
    if context.startswith("while parsing a flow") and not _INSIDE_QUOTES.search(before + after):
        closing = "}" if "mapping" in context else "]"
        return diagnose(OPEN_BRACKET, *here, closing=closing, first=first)
    if problem == "mapping values are not allowed in this context":
        return diagnose(COLON_IN_TEXT if _COLON.search(before) else UNEXPECTED_KEY, *here)
    if problem == "could not find expected ':'":
        return diagnose(NO_COLON, *there)
    if before.rstrip().endswith(('"', "'", "]", "}")):
        return diagnose(AFTER_QUOTE, *here)
    if context.startswith("while parsing a block") or "not allowed in this context" in problem:
        return diagnose(MISPLACED, *here, first=first)
    return None


def _first_character(place: tuple[str, int, int], lines: list[str]) -> Diagnostic:
    name, line, column = place
    text = lines[line - 1] if line <= len(lines) else ""
    character = text[column - 1 : column] or "?"
    if character == "\t":
        what_en, what_fr = ODD_SPACES["\t"]
        return diagnose(INDENT_CHARACTER, *place, what_en=what_en, what_fr=what_fr)
    return diagnose(FIRST_CHARACTER, name, line, column, character=character)
