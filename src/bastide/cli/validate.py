# SPDX-License-Identifier: GPL-3.0-or-later
"""Check every charter and the platform file: all errors of all files in one run.

Without FILE the whole fleet; with FILEs only those, judged against the fleet.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bastide.cli.options import Environment

if TYPE_CHECKING:
    # Only for types: importing the fleet costs a tenth of a second that --help need not pay.
    from bastide.diagnostics import Diagnostic
    from bastide.fleet import Fleet


def run(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...")] = None,
    output: Annotated[
        Literal["text", "json", "sarif", "gitlab"], typer.Option("--format", help="Output form.")
    ] = "text",
    environment: Environment = "lab",
) -> None:
    """Check the fleet, or some files of it."""
    from bastide.cli.show import language, out, out_for_machines, repository
    from bastide.diagnostics import has_errors
    from bastide.diagnostics.render import RENDERERS
    from bastide.fleet import Fleet

    fleet = Fleet(repository(environment))
    found = _of_files(fleet, files) if files else fleet.diagnostics
    count = len(files) if files else len(fleet)
    tell = out if output == "text" else out_for_machines
    tell(RENDERERS[output](found, count, language()))
    if has_errors(found):
        raise typer.Exit(1)


def _of_files(fleet: Fleet, files: list[Path]) -> list[Diagnostic]:
    from bastide.fleet.source import slug_of

    found: set[Diagnostic] = set()
    for path in files:
        name = fleet.repository.relative(path)
        source = fleet.sources.get(slug_of(name))
        if source and fleet.repository.relative(source.path) == name:
            found.update(fleet.diagnostics_of(source.slug))
        elif name == fleet.repository.relative(fleet.repository.platform_file):
            found.update(fleet.platform_diagnostics)
        else:
            found.update(fleet.examine_file(path, name))
    return sorted(found)
