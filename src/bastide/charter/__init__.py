# SPDX-License-Identifier: GPL-3.0-or-later
"""New charters, filled from the reference: what ``bastide new`` writes."""

from bastide.charter.draft import Draft, new_commune, new_department, new_epci
from bastide.charter.own_domain import own_domain
from bastide.charter.text import MINISITE_BELOW, charter_text
from bastide.charter.write import write_drafts

__all__ = [
    "MINISITE_BELOW",
    "Draft",
    "charter_text",
    "new_commune",
    "new_department",
    "new_epci",
    "own_domain",
    "write_drafts",
]
