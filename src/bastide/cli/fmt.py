# SPDX-License-Identifier: GPL-3.0-or-later
"""Write charters in their canonical form; comments stay.

Without FILE the whole fleet. With --check nothing is written: exit 1 names the files that
are not canonical.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bastide.cli.options import Environment


def run(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing.")] = False,
    environment: Environment = "lab",
) -> None:
    """Bring files into canonical form."""
    from bastide.charter.findings import NOT_WRITTEN
    from bastide.cli.show import language, out, repository, say
    from bastide.diagnostics import InvalidInput, diagnose
    from bastide.diagnostics.render import as_text
    from bastide.documents import write_atomically
    from bastide.fleet.canonical import canonical_file
    from bastide.fleet.listing import Listing
    from bastide.schema import Schemas

    where = repository(environment)
    schemas = Schemas.load(where.schemas)
    paths = files or [source.path for source in Listing.read(where.root).sources.values()]
    changed, broken = 0, []
    for path in paths:
        name = where.relative(path)
        try:
            old, new = canonical_file(path, name, schemas)
        except InvalidInput as error:
            broken += error.diagnostics
            continue
        if old == new:
            continue
        try:
            if not check:
                write_atomically(path, new)
        except OSError as error:
            broken.append(diagnose(NOT_WRITTEN, name, why=error.strerror or error))
            continue
        changed += 1
        out(f"{name}\n")
    say(*_count(len(paths), changed, check=check))
    if broken:
        out(as_text(sorted(broken), len(paths), language()))
    if broken or (check and changed):
        raise typer.Exit(1)


def _count(files: int, changed: int, *, check: bool) -> tuple[str, str]:
    """``312 files, 1 rewritten`` in both languages; French counts zero as singular."""
    word_en = "to rewrite" if check else "rewritten"
    word_fr = "à réécrire" if check else "réécrit" + "s" * (changed > 1)
    return (
        f"{files} file{'s' * (files != 1)}, {changed} {word_en}",
        f"{files} fichier{'s' * (files > 1)}, {changed} {word_fr}",
    )
