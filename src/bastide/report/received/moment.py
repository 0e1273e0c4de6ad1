# SPDX-License-Identifier: GPL-3.0-or-later
"""Days as reports tell them."""

from __future__ import annotations

import datetime as dt


def day(seconds: int) -> str:
    """Day in UTC; a moment that no calendar holds as it was written."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return str(seconds)
