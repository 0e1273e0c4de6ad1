# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as values: code, severity, file, line, column, message, hint."""

from bastide.diagnostics.diagnostic import Diagnostic, Path, diagnose, dotted_path, has_errors
from bastide.diagnostics.failure import BastideError, InvalidInput, RefusedBySafety, RunFailed
from bastide.diagnostics.kinds import KINDS, Kind, Language, Severity, Text, declare

__all__ = [
    "KINDS",
    "BastideError",
    "Diagnostic",
    "InvalidInput",
    "Kind",
    "Language",
    "Path",
    "RefusedBySafety",
    "RunFailed",
    "Severity",
    "Text",
    "declare",
    "diagnose",
    "dotted_path",
    "has_errors",
]
