# SPDX-License-Identifier: GPL-3.0-or-later
"""Grade the digital presence of collectivities by the RPNT, from their charters or as it is.

Without SLUG the whole fleet. With --observe the DNS, the sites and the mail servers are asked,
and the exit code is 1 when something is worse than the charter wants it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from bastide.cli.options import Environment


def run(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG]...")] = None,
    mode: Annotated[
        Literal["anct", "strict"],
        typer.Option("--mode", help="As the ANCT grades it, quirks included, or by the RFCs."),
    ] = "anct",
    observe: Annotated[
        bool, typer.Option("--observe", help="Ask the DNS, the sites and the mail servers.")
    ] = False,
    resolvers: Annotated[
        list[str] | None,
        typer.Option(
            "--resolver",
            metavar="ADDRESS",
            help="Ask this one; the name servers of a lab, else the system's, unless given.",
        ),
    ] = None,
    mmdb: Annotated[
        Path | None,
        typer.Option("--mmdb", metavar="FILE", help="MaxMind database of countries, for 2.8."),
    ] = None,
    output: Annotated[
        Literal["text", "json", "markdown"], typer.Option("--format", help="Output form.")
    ] = "text",
    environment: Environment = "lab",
) -> None:
    """Grade."""
    from bastide.cli.show import language, out, out_pieces_for_machines, sound_fleet
    from bastide.fleet.scope import named
    from bastide.report.conformity import Conformity, conformities

    fleet = sound_fleet(environment)
    names = named(fleet, slugs or [])
    asks = None
    if observe or mmdb:
        from bastide.report.conformity_observed import observer

        asks = observer(fleet, resolvers or [], mmdb, ask=observe)
    let_down = []

    def noted() -> Iterator[Conformity]:
        for one in conformities(fleet, names, mode, asks):
            let_down.extend(one.let_down)
            yield one

    if output == "json":
        from bastide.report.conformity_json import as_json

        # A whole country is written as it is graded.
        out_pieces_for_machines(as_json(noted(), mode, language()))
    elif output == "markdown":
        from bastide.report.conformity_markdown import as_markdown

        out("".join(as_markdown(noted(), mode, language(), whole=bool(names))))
    else:
        from bastide.report.conformity_text import as_text

        for piece in as_text(noted(), language(), whole=bool(names)):
            out(piece)
    if observe and let_down:
        raise typer.Exit(1)
