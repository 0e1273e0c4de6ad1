# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of diagnostic: a code, a severity, and what it says in both languages.

A kind is declared once, next to the code that finds it, with :func:`declare`.  A
diagnostic then carries only the code and the facts, so that the same finding can be
cached, and printed in French or English later.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "fr"]


class Severity(enum.StrEnum):
    """How bad it is: an error stops the run, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages, with ``str.format`` fields for the facts."""

    en: str
    fr: str

    def format(self, language: Language, facts: dict[str, str]) -> str:
        """Return the sentence in `language` with `facts` filled in; unknown fields stay visible."""
        template = self.fr if language == "fr" else self.en
        return template.format_map(_Visible(facts))


class _Visible(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True)
class Kind:
    """What every diagnostic of one code has in common.

    `code` is a letter for the floor and three digits: D documents, S schema, R rules,
    P plan, A apply, V verify, L lab, J journal, C command.
    """

    code: str
    severity: Severity
    message: Text
    hint: Text


KINDS: dict[str, Kind] = {}


def declare(
    code: str,
    severity: Severity,
    *,
    en: str,
    fr: str,
    hint_en: str,
    hint_fr: str,
) -> Kind:
    """Register a kind and return it; a code can be declared only once."""
    if code in KINDS:
        raise ValueError(f"diagnostic code {code} is declared twice")
    kind = Kind(code, severity, Text(en, fr), Text(hint_en, hint_fr))
    KINDS[code] = kind
    return kind
