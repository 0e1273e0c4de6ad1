# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole platform on this machine, in containers."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True)


@app.command()
def up() -> None:
    """Build what is missing, start every container, configure it; quick when all is up."""
    from bastide.cli.show import repository, tell
    from bastide.lab import up as lab_up

    lab_up(repository("lab").root, tell)


@app.command()
def down() -> None:
    """Stop the containers; what they hold stays."""
    from bastide.cli.show import repository, tell
    from bastide.lab import down as lab_down

    lab_down(repository("lab").root, tell)


@app.command()
def destroy() -> None:
    """Remove containers and network with all they hold; images stay."""
    from bastide.cli.show import repository, tell
    from bastide.lab import destroy as lab_destroy

    lab_destroy(repository("lab").root, tell)


@app.command()
def status() -> None:
    """Which host runs, at which address, and what answers."""
    from bastide.cli.show import out, repository
    from bastide.lab import status as lab_status

    rows = lab_status(repository("lab").root)
    for row in rows:
        out(f"{row.name:<8} {row.address:<14} {row.state}\n")
    if any(row.state != "running" for row in rows):
        raise typer.Exit(1)
