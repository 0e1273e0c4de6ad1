# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes, beyond what the charters say."""

from __future__ import annotations

from typing import Annotated

import typer

from bastide.cli.options import Environment

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


@app.command()
def invite(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    hours: Hours = 72,
    environment: Environment = "lab",
) -> None:
    """Print a link on which the user chooses the first password, once; kept nowhere."""
    _link(address, hours, environment, renew=False)


@app.command()
def reset(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    hours: Hours = 72,
    environment: Environment = "lab",
) -> None:
    """Print a link on which the user chooses another password; the old one goes on until then."""
    _link(address, hours, environment, renew=True)


def _link(address: str, hours: int, environment: str, *, renew: bool) -> None:
    from bastide.cli.show import out, say, sound_fleet
    from bastide.report.passwords import give_link

    link, until = give_link(sound_fleet(environment), address, hours, renew=renew)
    out(link + "\n")
    say(
        f"works once, until {until}; give it to the user alone",
        f"sert une fois, jusqu'au {until} ; ne le donnez qu'à l'usager",
    )
