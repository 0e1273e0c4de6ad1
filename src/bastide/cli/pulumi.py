# SPDX-License-Identifier: GPL-3.0-or-later
"""Cloudflare through Pulumi: what the engine needs on this machine."""

from __future__ import annotations

import typer

from bastide.cli.options import Environment

app = typer.Typer(no_args_is_help=True)


@app.callback()
def pulumi() -> None:
    """Cloudflare through Pulumi: what the engine needs on this machine."""


@app.command()
def install(environment: Environment = "lab") -> None:
    """Fetch the `pulumi` command and its Cloudflare plugin into the folder that platform.yml names.

    By Automation API's own installer, in the versions that Bastide is tested with. What is there
    already stays.
    """
    from bastide.cli.show import out, sound_fleet
    from bastide.diagnostics import InvalidInput, diagnose
    from bastide.targets.pulumi.faults import NOT_ENGINE
    from bastide.targets.pulumi.install import install as install_both
    from bastide.targets.pulumi.zones import setup_of

    fleet = sound_fleet(environment)
    declared = fleet.platform.dns.cloudflare
    if declared is None or declared.engine != "pulumi":
        raise InvalidInput(diagnose(NOT_ENGINE, fleet.platform.file, environment=environment))
    for line in install_both(setup_of(fleet.repository, declared)):
        out(line + "\n")
