# SPDX-License-Identifier: GPL-3.0-or-later
"""What would change, shown and limited."""

from bastide.plan.acknowledge import is_acknowledged
from bastide.plan.compute import Planner, commit_of, dump
from bastide.plan.plan import (
    Breach,
    Doomed,
    GradeChange,
    LeftAlone,
    Plan,
    PlannedChange,
    Unanswered,
)
from bastide.plan.render import as_gitlab, as_markdown, as_text, how_to_acknowledge

__all__ = [
    "Breach",
    "Doomed",
    "GradeChange",
    "LeftAlone",
    "Plan",
    "PlannedChange",
    "Planner",
    "Unanswered",
    "as_gitlab",
    "as_markdown",
    "as_text",
    "commit_of",
    "dump",
    "how_to_acknowledge",
    "is_acknowledged",
]
