# SPDX-License-Identifier: GPL-3.0-or-later
"""Say why a resource exists: the line of YAML that asks for it, and what it holds.

RESOURCE is an address (mairie@cahors.fr), a host name (www.cahors.fr), a domain, a
record set (cahors.fr MX), or a full address as plans show it (rrset:cahors.fr./MX).
"""

from __future__ import annotations

from typing import Annotated

import typer

from bastide.cli.options import Environment


def run(
    resource: Annotated[list[str], typer.Argument(metavar="RESOURCE")],
    environment: Environment = "lab",
) -> None:
    """Explain."""
    from bastide.cli.show import language, out, sound_fleet
    from bastide.report.explain import explain

    out(explain(sound_fleet(environment), " ".join(resource), language()))
