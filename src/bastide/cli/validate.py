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
    from bastide.cli.show import language, out, repository
    from bastide.diagnostics import has_errors
    from bastide.diagnostics.render import RENDERERS
    from bastide.fleet import Fleet

    fleet = Fleet(repository(environment))
    found = _of_files(fleet, files) if files else fleet.diagnostics
    count = len(files) if files else len(fleet.sources)
    out(RENDERERS[output](found, count, language()))
    if has_errors(found):
        raise typer.Exit(1)


def _of_files(fleet: Fleet, files: list[Path]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for path in files:
        name = fleet.repository.relative(path)
        slug = name.removeprefix("collectivities/").removesuffix(".yml").removesuffix(".yaml")
        if slug in fleet.sources and fleet.sources[slug].path.resolve() == path.resolve():
            found += fleet.diagnostics_of(slug)
        elif path.resolve() == fleet.repository.platform_file.resolve():
            found += fleet.platform_diagnostics
        else:
            found += fleet.examine_file(path, name)
    return sorted(found)
