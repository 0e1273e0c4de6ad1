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
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]")] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
    environment: Environment = "lab",
) -> None:
    """Sum up per domain what other mail servers report: DMARC, and encryption (TLS-RPT).

    Without FOLDER the mailboxes of mail.dmarc.reports and mail.tls_reports are read on the mail
    host, and stay as they are. FOLDER may hold .eml, Maildir, .xml, .json, .gz and .zip. A
    report that cannot be read is told and left out.
    """
    from bastide.cli.show import language, out, out_for_machines, sound_fleet, tell
    from bastide.diagnostics.render import as_text as diagnostics_as_text
    from bastide.report.received import as_json, as_text, read_folder, read_mailboxes, summarise

    fleet = sound_fleet(environment)
    summary = summarise(
        read_mailboxes(fleet) if folder is None else read_folder(folder),
        lambda domain: fleet.index.domain_holding(domain) is not None,
    )
    if form == "json":
        out_for_machines(as_json(summary))
        return
    out(as_text(summary, language()))
    if summary.faults:
        tell(diagnostics_as_text(summary.faults, len(summary.faults), language()).rstrip())
