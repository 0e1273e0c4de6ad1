# SPDX-License-Identifier: GPL-3.0-or-later
"""Say for each zone what its parent has of its keys, and the DS to give to the registrar.

Without SLUG the whole fleet. Exit code 1 when a parent has a DS that fits no key.
"""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from bastide.cli.options import Environment


def run(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG]...")] = None,
    form: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Output form.")
    ] = "text",
    environment: Environment = "lab",
) -> None:
    """Look at keys and parents."""
    from bastide.cli.show import language, out, out_for_machines, sound_fleet
    from bastide.fleet.scope import named
    from bastide.report.delegations import as_json, as_text
    from bastide.verify.delegation import delegations

    fleet = sound_fleet(environment)
    found = delegations(fleet, named(fleet, slugs or []) or list(fleet.sources))
    if form == "json":
        out_for_machines(as_json(found))
    else:
        out(as_text(found, language()))
    if any(one.state == "broken" for one in found):
        raise typer.Exit(1)
