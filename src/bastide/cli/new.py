# SPDX-License-Identifier: GPL-3.0-or-later
"""Draft new charters from the reference: a commune, an EPCI, or a whole department.

bastide new commune --insee 46042; bastide new epci --siren 200023737;
bastide new --department 46 --all. A file that exists is never overwritten.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    # Only for types.
    from bastide.charter import Draft
    from bastide.diagnostics import Diagnostic

_USAGE = {
    "en": "give: commune --insee CODE, or epci --siren SIREN, or --department CODE --all",
    "fr": "donnez : commune --insee CODE, ou epci --siren SIREN, ou --department CODE --all",
}


def run(
    kind: Annotated[
        Literal["commune", "epci"] | None, typer.Argument(help="What to draft.")
    ] = None,
    insee: Annotated[str | None, typer.Option(help="INSEE code of the commune.")] = None,
    siren: Annotated[str | None, typer.Option(help="SIREN of the EPCI.")] = None,
    department: Annotated[
        str | None, typer.Option(help="Code of a department, with --all.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every commune, and every EPCI seated there.")
    ] = False,
) -> None:
    """Draft charters."""
    from bastide.charter import new_commune, new_department, new_epci, write_drafts
    from bastide.cli.show import language, out
    from bastide.diagnostics import has_errors
    from bastide.diagnostics.render import as_text

    today = dt.datetime.now(dt.UTC).date()
    drafts: list[Draft] = []
    found: list[Diagnostic] = []
    # Options of two ways at once would leave one of them out in silence.
    given = {"--insee": insee, "--siren": siren, "--department": department, "--all": everything}
    match kind, [option for option, value in given.items() if value]:
        case None, ["--department", "--all"]:
            drafts, found = new_department(str(department), signed_on=today)
        case "commune", ["--insee"]:
            _sort(new_commune(str(insee), signed_on=today), drafts, found)
        case "epci", ["--siren"]:
            _sort(new_epci(str(siren), signed_on=today), drafts, found)
        case _:
            raise typer.BadParameter(_USAGE[language()])
    written, refused = write_drafts(_root(Path.cwd()), drafts)
    found += refused
    for path in written:
        out(f"{path}\n")
    if found:
        out(as_text(sorted(found), len(drafts), language()))
    if has_errors(found):
        raise typer.Exit(1)


def _sort(result: Draft | Diagnostic, drafts: list[Draft], found: list[Diagnostic]) -> None:
    from bastide.charter import Draft

    if isinstance(result, Draft):
        drafts.append(result)
    else:
        found.append(result)


def _root(here: Path) -> Path:
    """The repository's root; the current folder when it is not in one yet."""
    for folder in (here, *here.parents):
        if (folder / "collectivities").is_dir():
            return folder
    return here
