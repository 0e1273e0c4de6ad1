# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge the platform to the charters, within the safety limits, and write the journal.

With PLAN exactly that plan is applied; one whose base has moved is refused. Exit code 1
names what failed, with its lines; 4 means that a safety limit stands in the way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bastide.cli.options import Environment, Only, Since, scope


def run(
    plan_file: Annotated[
        Path | None, typer.Argument(metavar="[PLAN]", help="A file of bastide plan --out.")
    ] = None,
    only: Only = None,
    since: Since = None,
    wait: Annotated[
        float, typer.Option("--wait", help="Seconds to wait for another apply to end.")
    ] = 60,
    environment: Environment = "lab",
) -> None:
    """Apply."""
    from bastide.apply import Order, apply, read_plan
    from bastide.cli.show import Progress, language, out, out_plan, sound_fleet
    from bastide.diagnostics.render import as_text as show
    from bastide.plan import as_text

    saved = read_plan(plan_file) if plan_file else None
    if saved and (only or since):
        raise typer.BadParameter("a saved plan has its scope already: give no --only, no --since")
    fleet = sound_fleet(saved.environment if saved else environment)
    wanted = (saved.scope or None) if saved else scope(fleet, only, since)
    outcome = apply(fleet, Order(wanted, saved, wait), Progress())
    out_plan(as_text(outcome.plan, language()))
    seconds = sum(outcome.seconds.values())
    if language() == "fr":
        out(f"{outcome.done} changements appliqués en {seconds:.1f} s\n")
    else:
        out(f"{outcome.done} changes applied in {seconds:.1f} s\n")
    if outcome.faults or outcome.notes:
        out(show(sorted([*outcome.faults, *outcome.notes]), len(fleet), language()))
    if outcome.faults:
        raise typer.Exit(1)
