# SPDX-License-Identifier: GPL-3.0-or-later
"""Print the version."""

from __future__ import annotations


def run() -> None:
    """Print the version."""
    from bastide import __version__
    from bastide.cli.show import out

    out(f"bastide {__version__}\n")
