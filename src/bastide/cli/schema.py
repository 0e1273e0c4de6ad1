# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what is generated: JSON Schema and the reference pages, of charters and diagnostics."""

from __future__ import annotations

from typing import Annotated

import typer

from bastide.cli.options import Environment


def run(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a file is out of date.")
    ] = False,
    environment: Environment = "lab",
) -> None:
    """Write schemas/*.schema.json and docs/reference/."""
    from bastide.cli.show import out, repository, say
    from bastide.documents import write_atomically
    from bastide.report.generated import generated_files

    where = repository(environment)
    stale = []
    for name, text in generated_files(where.schemas).items():
        path = where.root / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            out(f"{name}\n")
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, text)
    if check and stale:
        say("out of date: run bastide schema", "périmés : lancez bastide schema")
        raise typer.Exit(1)
