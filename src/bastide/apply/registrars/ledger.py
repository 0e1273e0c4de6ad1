# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders in the journal: one entry before an order goes out, one after it was answered.

An order is known by what it is for: the name, the kind and the term it prolongs.  A run that was
killed between the two entries leaves an intention without an end; the next run asks the
registrar before it does anything, so that nothing is ordered twice for one term.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from bastide.journal import Journal
from bastide.targets.registrars import OrderKind

INTENDED, CONCLUDED, SWITCHED = "order-intended", "order-concluded", "auto-renew"
# As long as a registrar may take to list what it has just been sent.
LISTED = dt.timedelta(minutes=10)
# Terms of one name are a year apart.
_SAME_TERM = dt.timedelta(days=31)
Outcome = Literal["placed", "refused", "never-placed", "verified"]


class Key(NamedTuple):
    """What an order is for; `term` is the day it prolongs, empty for a name not held yet."""

    domain: str
    kind: OrderKind
    term: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the journal says about one key: since when, and what came of it so far."""

    since: dt.datetime
    outcome: Outcome | None = None
    reference: str = ""


class Ledger:
    """The orders of one journal.  Writing needs the run lock."""

    def __init__(self, journal: Journal, who: str, environment: str) -> None:
        self._journal, self._who, self._environment = journal, who, environment
        self._records: dict[Key, Record] = {}
        for entry in journal.entries():
            if entry.data.get("event") in {INTENDED, CONCLUDED}:
                self._take(entry.data)

    def _take(self, data: dict[str, Any]) -> None:
        key = Key(data["domain"], data["kind"], data["term"])
        since = dt.datetime.fromisoformat(data["at"])
        if data["event"] == INTENDED:
            self._records[key] = Record(since)
        elif key in self._records:
            begun = self._records[key].since
            self._records[key] = Record(begun, data["outcome"], data["reference"])

    def record(self, key: Key) -> Record | None:
        """What is known about `key`; None when nothing was ever ordered for it."""
        return self._records.get(key)

    def same_term(self, key: Key) -> Key:
        """The key under which this term is known, `key` itself when it is not.

        Two sources may tell a term that lies a day apart, and one may be silent today: the same
        term must not become another because of that.
        """
        term = dt.date.fromisoformat(key.term)
        for known in self._records:
            if (known.domain, known.kind) == (key.domain, key.kind) and known.term:
                apart = abs(dt.date.fromisoformat(known.term) - term)
                if apart <= _SAME_TERM:
                    return known
        return key

    def placed(self) -> dict[Key, Record]:
        """Orders that were placed and not yet seen to be carried out."""
        return {key: one for key, one in self._records.items() if one.outcome == "placed"}

    def intend(self, key: Key, at: dt.datetime, change: dict[str, Any], price: Decimal) -> None:
        """Note durably that `key` is about to be ordered."""
        facts = self._facts(key, at, change) | {"price": str(price)}
        self._take(self._journal.append(INTENDED, facts))

    def conclude(
        self,
        key: Key,
        at: dt.datetime,
        change: dict[str, Any],
        outcome: Outcome,
        reference: str = "",
    ) -> None:
        """Note durably what came of it."""
        facts = self._facts(key, at, change) | {"outcome": outcome, "reference": reference}
        self._take(self._journal.append(CONCLUDED, facts))

    def switched(self, at: dt.datetime, change: dict[str, Any], *, on: bool) -> None:
        """Note that automatic renewal was turned on or off."""
        head = {"who": self._who, "environment": self._environment, "at": at.isoformat()}
        outcome = "on" if on else "off"
        self._journal.append(SWITCHED, head | {"changes": [change], "outcome": outcome})

    def _facts(self, key: Key, at: dt.datetime, change: dict[str, Any]) -> dict[str, Any]:
        head = {"who": self._who, "environment": self._environment, "at": at.isoformat()}
        return head | key._asdict() | {"changes": [change]}
