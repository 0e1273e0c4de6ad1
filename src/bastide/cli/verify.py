# SPDX-License-Identifier: GPL-3.0-or-later
"""See what the world sees: real DNS queries, real mail, real pages.

Without SLUG the whole fleet. Exit code 1 when something is not as the charters want it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from bastide.cli.options import Environment


def run(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG]...")] = None,
    logs: Annotated[
        bool, typer.Option("--logs", help="Look at the hosts' journals of the last day, too.")
    ] = False,
    environment: Environment = "lab",
) -> None:
    """Verify."""
    from bastide.cli.show import out, say, sound_fleet
    from bastide.fleet.scope import named
    from bastide.verify import Check, Verifier

    fleet = sound_fleet(environment)

    def report(checks: list[Check]) -> None:
        for check in checks:
            if not check.passed:
                place = f"{check.file}:{check.line}: " if check.file else ""
                out(f"✗ {place}{check.subject}\n    {check.wanted}  ≠  {check.found}\n")

    checks = Verifier(fleet, report).verify(named(fleet, slugs or []) or list(fleet.sources))
    if logs:
        from bastide.verify.logs import check_logs

        found = check_logs(fleet)
        report(found)
        checks += found
    failed = sum(not check.passed for check in checks)
    for service in ("dns", "mail", "web", *(("logs",) if logs else ())):
        of = [c for c in checks if c.service == service]
        good = sum(c.passed for c in of)
        out(f"{'✓' if good == len(of) else '✗'} {service}: {good}/{len(of)}\n")
    say(
        f"{len(checks)} checks, {failed} failed",
        f"{len(checks)} vérifications, {failed} en échec",
    )
    if failed:
        raise typer.Exit(1)
