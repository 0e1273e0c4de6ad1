# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a plan that `bastide plan --out` wrote."""

from __future__ import annotations

import json
from pathlib import Path

from bastide.diagnostics import InvalidInput, Severity, declare, diagnose
from bastide.plan import Plan

UNREADABLE = declare(
    "A531",
    Severity.ERROR,
    en="this is no plan that can be applied: {why}",
    fr="ce n'est pas un plan applicable : {why}",
    hint_en="make one with bastide plan --out FILE",
    hint_fr="faites-en un avec bastide plan --out FICHIER",
)


def read_plan(path: Path) -> Plan:
    """The plan in `path`; ``InvalidInput`` when it is missing, altered or something else."""
    try:
        return Plan.from_data(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        why = error.strerror or str(error)
    except (ValueError, RecursionError, AttributeError) as error:
        why = str(error) or type(error).__name__
    raise InvalidInput(diagnose(UNREADABLE, str(path), why=why))
