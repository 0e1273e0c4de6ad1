# SPDX-License-Identifier: GPL-3.0-or-later
"""What is due at registrars, what must be decided, and by when: as text, JSON and a calendar."""

from bastide.report.renewals.calendar_file import as_calendar
from bastide.report.renewals.listed import Line, as_json, as_text, lines_of

__all__ = ["Line", "as_calendar", "as_json", "as_text", "lines_of"]
