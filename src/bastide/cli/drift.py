# SPDX-License-Identifier: GPL-3.0-or-later
"""List what is on the servers and nobody declared, and what differs from the charters.

Reads only. Exit code 3 when something drifted.
"""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from bastide.cli.options import Environment, Only, scope

_DRIFTED = 3


def run(
    only: Only = None,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Output form.")
    ] = "text",
    environment: Environment = "lab",
) -> None:
    """Look for drift."""
    from bastide.cli.show import Progress, language, out_for_machines, out_plan, sound_fleet
    from bastide.plan import Planner
    from bastide.plan.drift import as_json, as_text

    fleet = sound_fleet(environment)
    plan = Planner(fleet).plan(scope(fleet, only, None), Progress())
    if output == "json":
        out_for_machines(as_json(plan))
    else:
        out_plan(as_text(plan, language()))
    if plan.unanswered:
        raise typer.Exit(1)
    if plan.changes or plan.left_alone:
        raise typer.Exit(_DRIFTED)
