# SPDX-License-Identifier: GPL-3.0-or-later
"""One finding: what, where, and the way out.  Errors are values of this type."""

from __future__ import annotations

from dataclasses import dataclass

from bastide.diagnostics.kinds import KINDS, Kind, Language, Severity

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """A finding at one place of one file.

    `line` and `column` are 1-based and point at the key or value at fault; 0 means the
    file as a whole.  `path` is the dotted way to the node (``mail.accounts.maire@x.fr``).
    `facts` fill the texts of the kind.  Ordered by place, so that a sorted list reads
    like the files do.
    """

    file: str
    line: int
    column: int
    code: str
    path: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> Kind:
        """The kind this diagnostic is one of."""
        return KINDS[self.code]

    @property
    def severity(self) -> Severity:
        """Severity of the kind."""
        return self.kind.severity

    def message(self, language: Language = "en") -> str:
        """What is wrong, with the numbers."""
        return self.kind.message.format(language, dict(self.facts))

    def hint(self, language: Language = "en") -> str:
        """The way out."""
        return self.kind.hint.format(language, dict(self.facts))


def diagnose(
    kind: Kind,
    file: str,
    line: int = 0,
    column: int = 0,
    path: Path | str = "",
    **facts: object,
) -> Diagnostic:
    """Build a diagnostic of `kind`; `facts` become text."""
    dotted = path if isinstance(path, str) else dotted_path(path)
    return Diagnostic(
        file, line, column, kind.code, dotted, tuple((k, str(v)) for k, v in sorted(facts.items()))
    )


def dotted_path(path: Path) -> str:
    """``("mail", "accounts", "a@b.fr")`` as ``mail.accounts.a@b.fr``."""
    return ".".join(str(step) for step in path)


def has_errors(diagnostics: list[Diagnostic]) -> bool:
    """True when one of them stops the run."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
