# SPDX-License-Identifier: GPL-3.0-or-later
"""The run record: JSON lines in a hash chain."""

from bastide.journal.journal import Entry, Journal, journal_of

__all__ = ["Entry", "Journal", "journal_of"]
