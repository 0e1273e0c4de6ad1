# SPDX-License-Identifier: GPL-3.0-or-later
"""Diagnostics as text, JSON, SARIF 2.1.0 and GitLab code quality."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from bastide.diagnostics.diagnostic import Diagnostic
from bastide.diagnostics.kinds import Language, Severity

_WORDS = {
    "error": {"en": "error", "fr": "erreur"},
    "warning": {"en": "warning", "fr": "avertissement"},
    "info": {"en": "info", "fr": "info"},
}
_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITLAB_LEVELS = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def as_text(diagnostics: Sequence[Diagnostic], files: int, language: Language) -> str:
    """One line each for what and for the way out, then the count."""
    lines = []
    for one in diagnostics:
        place = f"{one.file}:{one.line}:{one.column}" if one.line else one.file
        word = _WORDS[one.severity.value][language]
        lines.append(f"{place}: {word} {one.code}: {one.message(language)}".lstrip(": "))
        if one.hint(language):
            lines.append(f"    → {one.hint(language)}")
    return "\n".join([*lines, summary(diagnostics, files, language)]) + "\n"


def summary(diagnostics: Sequence[Diagnostic], files: int, language: Language) -> str:
    """``312 files: 1 error, 3 warnings``."""
    counts = {s: sum(d.severity is s for d in diagnostics) for s in Severity}
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    if language == "fr":
        return (
            f"{files} fichier{_s(files)} : {errors} erreur{_s(errors)}, "
            f"{warnings} avertissement{_s(warnings)}"
        )
    return (
        f"{files} file{'' if files == 1 else 's'}: {errors} error{'' if errors == 1 else 's'}, "
        f"{warnings} warning{'' if warnings == 1 else 's'}"
    )


def as_json(diagnostics: Sequence[Diagnostic], files: int, language: Language) -> str:
    """The machine format of ``validate --format json``."""
    return _dump({"diagnostics": [to_dict(d, language) for d in diagnostics], "files": files})


def to_dict(one: Diagnostic, language: Language) -> dict[str, Any]:
    """One diagnostic as plain JSON."""
    return {
        "code": one.code,
        "severity": one.severity.value,
        "file": one.file,
        "line": one.line,
        "column": one.column,
        "path": one.path,
        "message": one.message(language),
        "hint": one.hint(language),
    }


def as_sarif(diagnostics: Sequence[Diagnostic], files: int, language: Language) -> str:  # noqa: ARG001 - one signature for all renderers
    """SARIF 2.1.0 (OASIS), as code scanners read it."""
    rules = {d.code: d.kind for d in diagnostics}
    return _dump(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "bastide",
                            "rules": [
                                {"id": code, "help": {"text": kind.hint.format(language, {})}}
                                for code, kind in sorted(rules.items())
                            ],
                        }
                    },
                    "results": [_sarif_result(d, language) for d in diagnostics],
                }
            ],
        }
    )


def _sarif_result(one: Diagnostic, language: Language) -> dict[str, Any]:
    return {
        "ruleId": one.code,
        "level": _SARIF_LEVELS[one.severity],
        "message": {"text": f"{one.message(language)}. {one.hint(language)}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": one.file},
                    "region": {
                        "startLine": max(one.line, 1),
                        "startColumn": max(one.column, 1),
                    },
                }
            }
        ],
    }


def as_gitlab(diagnostics: Sequence[Diagnostic], files: int, language: Language) -> str:  # noqa: ARG001 - one signature for all renderers
    """GitLab's code quality report; a fingerprint stays when lines move."""
    return _dump(
        [
            {
                "description": f"{d.message(language)}. {d.hint(language)}",
                "check_name": d.code,
                "fingerprint": hashlib.sha256(
                    f"{d.code}\0{d.file}\0{d.path}\0{d.facts}".encode()
                ).hexdigest(),
                "severity": _GITLAB_LEVELS[d.severity],
                "location": {"path": d.file, "lines": {"begin": max(d.line, 1)}},
            }
            for d in diagnostics
        ]
    )


RENDERERS: dict[str, Callable[[Sequence[Diagnostic], int, Language], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "gitlab": as_gitlab,
}


def _dump(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _s(count: int) -> str:
    # French counts zero as singular.
    return "" if count in {0, 1} else "s"
