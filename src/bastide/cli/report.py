# SPDX-License-Identifier: GPL-3.0-or-later
"""What others tell about the platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bastide.cli.options import Environment

app = typer.Typer(no_args_is_help=True)


@app.callback()
def report() -> None:
    """What others tell about the platform."""


@app.command()
def mail(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    form: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
    environment: Environment = "lab",
) -> None:
    """Sum up per domain the DMARC reports in FOLDER: .eml, Maildir, .xml, .gz, .zip.

    A report that cannot be read is told and left out.
    """
    from bastide.cli.show import language, out, out_for_machines, sound_fleet, tell
    from bastide.diagnostics.render import as_text as diagnostics_as_text
    from bastide.report.dmarc import as_json, as_text, read_folder, summarise

    fleet = sound_fleet(environment)
    summary = summarise(
        read_folder(folder), lambda domain: fleet.index.domain_holding(domain) is not None
    )
    if form == "json":
        out_for_machines(as_json(summary))
        return
    out(as_text(summary, language()))
    if summary.faults:
        tell(diagnostics_as_text(summary.faults, len(summary.faults), language()).rstrip())
