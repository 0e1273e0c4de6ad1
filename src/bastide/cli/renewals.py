# SPDX-License-Identifier: GPL-3.0-or-later
"""List what is due at registrars, what must be decided and by when, and what differs there.

Reads only. With --detailed-exitcode the exit code is 3 when something is due or to be decided.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import typer

from bastide.cli.options import Environment, Only, scope

_DUE = 3


def run(
    only: Only = None,
    within: Annotated[
        int | None,
        typer.Option("--within", min=0, metavar="DAYS", help="Later terms within these days."),
    ] = None,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Output form.")
    ] = "text",
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", help="Write a calendar of the days.")
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 3 when something is due.")
    ] = False,
    environment: Environment = "lab",
) -> None:
    """List renewals."""
    from bastide.cli.registrar import observed
    from bastide.cli.show import language, out, out_for_machines, say, sound_fleet
    from bastide.documents import write_atomically
    from bastide.report.renewals import as_calendar, as_json, as_text, lines_of

    fleet = sound_fleet(environment)
    now = dt.datetime.now(dt.UTC)
    situations = observed(fleet, now, scope(fleet, only, None))
    registrars = fleet.platform.registrars
    if not (registrars.default or registrars.accounts or registrars.rdap):
        say(
            "platform.yml names no registrar and no registry, so that no term is known",
            "platform.yml ne nomme ni bureau d'enregistrement ni registre : aucun terme connu",
        )
    lines = lines_of(situations, fleet.platform.operator_name)
    if ics:
        write_atomically(ics, as_calendar(lines, now, language()))
        say(f"calendar written to {ics}", f"calendrier écrit dans {ics}")
    if output == "json":
        out_for_machines(as_json(lines, now.date(), language()))
    else:
        out(as_text(lines, language(), within))
    if detailed_exitcode and any(line.group != "later" for line in lines):
        raise typer.Exit(_DUE)
