# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command says, in English and French; errors are values of :class:`Finding`.

Kept apart from `bastide.diagnostics`: the library runs on the host of the desk, where the engine
is not, and its findings concern an archive rather than charters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "fr"]
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be found: what is said, and the way out, in both languages."""

    code: str
    severity: Severity
    en: str
    fr: str
    hint_en: str
    hint_fr: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding at one place: archive or file, line and column (1-based; 0 for all of it)."""

    kind: Kind
    file: str
    line: int = 0
    column: int = 0
    facts: tuple[tuple[str, str], ...] = ()

    def message(self, language: Language) -> str:
        """What was found."""
        text = self.kind.fr if language == "fr" else self.kind.en
        return text.format_map(dict(self.facts))

    def hint(self, language: Language) -> str:
        """The way out."""
        text = self.kind.hint_fr if language == "fr" else self.kind.hint_en
        return text.format_map(dict(self.facts))

    def line_of(self, language: Language) -> str:
        """The finding as the command prints it."""
        at = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{at}: {self.kind.code} {self.message(language)} ({self.hint(language)})"


KINDS: dict[str, Kind] = {}


def declare(code: str, severity: Severity, *, en: str, fr: str, hint_en: str, hint_fr: str) -> Kind:
    """Register a kind beside the code that finds it; a code is declared once."""
    if code in KINDS:
        raise ValueError(code)
    KINDS[code] = Kind(code, severity, en, fr, hint_en, hint_fr)
    return KINDS[code]


def found(kind: Kind, file: str, line: int = 0, column: int = 0, /, **facts: object) -> Finding:
    """A finding of `kind`; facts become text."""
    return Finding(kind, file, line, column, tuple((k, str(v)) for k, v in facts.items()))


class Refused(Exception):
    """The run stops, and what is served stays; raised to the edge with its findings."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(finding.line_of("en") for finding in findings))
        self.findings = list(findings)
