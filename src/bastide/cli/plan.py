# SPDX-License-Identifier: GPL-3.0-or-later
"""Show what an apply would change: every change, its reason and its line of YAML.

With --detailed-exitcode the exit code is 3 when changes are pending.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bastide.cli.options import Environment, Only, Since, scope

_PENDING = 3


def run(
    only: Only = None,
    since: Since = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="Write the plan for bastide apply.")
    ] = None,
    output: Annotated[
        Literal["text", "json", "markdown", "gitlab"], typer.Option("--format", help="Output form.")
    ] = "text",
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 3 when changes are pending.")
    ] = False,
    environment: Environment = "lab",
) -> None:
    """Plan."""
    from bastide.cli.show import (
        Progress,
        language,
        out,
        out_for_machines,
        out_plan,
        sound_fleet,
    )
    from bastide.documents import write_atomically
    from bastide.plan import Planner, as_gitlab, as_markdown, as_text, dump, how_to_acknowledge

    fleet = sound_fleet(environment)
    plan = Planner(fleet).plan(scope(fleet, only, since), Progress())
    if file:
        write_atomically(file, dump(plan))
    if output == "json":
        out_for_machines(dump(plan))
    elif output == "markdown":
        out(as_markdown(plan, language()))
    elif output == "gitlab":
        out_for_machines(as_gitlab(plan))
    else:
        out_plan(as_text(plan, language()))
        if plan.breaches:
            out(how_to_acknowledge(plan, language()) + "\n")
    if plan.unanswered:
        raise typer.Exit(1)
    if detailed_exitcode and (plan.changes or plan.repairs):
        raise typer.Exit(_PENDING)
