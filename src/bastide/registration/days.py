# SPDX-License-Identifier: GPL-3.0-or-later
"""Days as a convention counts them: calendar months, and the date that is on in Paris.

Registries give instants in UTC, a convention speaks of days.  In summer a name that expires at
22:30 UTC is lost on the next day in France, so every instant is brought to Europe/Paris before
its date is taken.
"""

from __future__ import annotations

import calendar
import datetime as dt
import zoneinfo

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
NOTICE_MONTHS = 2
# .fr: restored by the same registrar within 30 days of the deletion (Afnic, guide des procédures,
# 4.2); nobody else gets the name before.
REDEMPTION = dt.timedelta(days=30)
_MONTHS_A_YEAR = 12


def paris_date(instant: dt.datetime) -> dt.date:
    """The day in Paris at `instant`; one without time zone is taken as UTC."""
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=dt.UTC)
    return instant.astimezone(PARIS).date()


def months_before(day: dt.date, months: int) -> dt.date:
    """The day with the same number `months` calendar months before, or the month's last.

    31 December less two months is 31 October, 30 April less two is 28 (or 29) February.
    ``ValueError`` where that would be before the year 1.
    """
    index = day.year * _MONTHS_A_YEAR + day.month - 1 - months
    year, month = divmod(index, _MONTHS_A_YEAR)
    month += 1
    if year < dt.MINYEAR:
        raise ValueError(f"{day} less {months} months is before the calendar")
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, min(day.day, last))


def notice_deadline(expiry: dt.date) -> dt.date:
    """The last day on which a notice for the term that ends on `expiry` is in time."""
    return months_before(expiry, NOTICE_MONTHS)
