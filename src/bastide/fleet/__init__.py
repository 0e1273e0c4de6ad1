# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet of charters: scanned, examined, judged together, remembered."""

from bastide.fleet.fleet import Fleet
from bastide.fleet.repository import Repository

__all__ = ["Fleet", "Repository"]
