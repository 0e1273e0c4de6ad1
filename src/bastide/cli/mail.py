# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes, beyond what the charters say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bastide.cli.options import Environment

if TYPE_CHECKING:
    # Only for types, so that --help stays quick.
    from bastide.targets.archives import Deed

Hours = Annotated[
    int,
    typer.Option("--hours", min=1, max=720, help="How long the link may be used."),
]

app = typer.Typer(no_args_is_help=True)


@app.callback()
def mail() -> None:
    """Mailboxes, beyond what the charters say."""


@app.command()
def password(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    environment: Environment = "lab",
) -> None:
    """Set a new random password on a mailbox and print it, once; it is kept nowhere."""
    from bastide.cli.show import out, sound_fleet
    from bastide.report.passwords import give_password

    out(give_password(sound_fleet(environment), address) + "\n")


from pathlib import Path
from typing import TYPE_CHECKING, Annotated
