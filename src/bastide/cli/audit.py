# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the journal of runs: who, when, which plan, what changed, what came out.

With SLUG only what concerned that collectivity; with --check the hash chain is verified.
"""

from __future__ import annotations

from typing import Annotated

import typer

from bastide.cli.options import Environment


def run(
    slug: Annotated[str | None, typer.Argument(metavar="[SLUG]")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Verify the hash chain; exit 1 when it is broken.")
    ] = False,
    environment: Environment = "lab",
) -> None:
    """Audit."""
    from bastide.cli.show import language, out, repository, say
    from bastide.diagnostics import has_errors
    from bastide.diagnostics.render import as_text
    from bastide.fleet.workshop import Workshop
    from bastide.journal import journal_of
    from bastide.report.audit import audit_text

    where = repository(environment)
    # A platform file with errors has the default journal: auditing must not wait for repairs.
    journal = journal_of(where, Workshop.open(where).platform)
    if not check:
        out(audit_text(journal, slug, language()))
        return
    found = journal.check(where.relative(journal.path))
    if found:
        out(as_text(found, 1, language()))
    count = sum(1 for _ in journal.entries())
    if has_errors(found):
        raise typer.Exit(1)
    say(f"{count} entries, the chain holds", f"{count} entrées, la chaîne tient")
