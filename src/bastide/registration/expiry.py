# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a term as two sources tell it: the registrar, and the registry's RDAP."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

# One source may count the last day, the other the day after it.
TOLERANCE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expiry:
    """Days in Paris, None where a source says nothing."""

    registrar: dt.date | None = None
    rdap: dt.date | None = None

    @property
    def day(self) -> dt.date | None:
        """The day to reckon with: the earlier one, since a name lost is lost."""
        known = [day for day in (self.registrar, self.rdap) if day is not None]
        return min(known, default=None)

    @property
    def conflict(self) -> bool:
        """True when the two are more than a day apart."""
        if self.registrar is None or self.rdap is None:
            return False
        return abs(self.registrar - self.rdap) > TOLERANCE
