# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `bastide`: Typer commands and output, no logic."""

from bastide.cli.main import main

__all__ = ["main"]
