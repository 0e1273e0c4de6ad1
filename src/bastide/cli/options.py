# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    # Only for types: importing the fleet costs a tenth of a second that --help need not pay.
    from bastide.fleet import Fleet

Environment = Annotated[
    str,
    typer.Option(
        "--environment",
        "-e",
        help="Folder of inventory/ to work on; the lab unless you say so.",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="SLUG", help="Only this collectivity; can be repeated."),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="REF", help="Only collectivities changed since this commit."),
]


def scope(fleet: Fleet, only: list[str] | None, since: str | None) -> list[str] | None:
    """Slugs that --only and --since name; None when neither is given."""
    from bastide.fleet.scope import changed_since, named

    if not only and since is None:
        return None
    slugs = set(named(fleet, only or []))
    if since is not None:
        slugs |= set(changed_since(fleet, since))
    return sorted(slugs)
