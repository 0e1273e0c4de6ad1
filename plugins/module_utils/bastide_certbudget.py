# SPDX-License-Identifier: GPL-3.0-or-later
"""How many certificates may be ordered now, so that no limit of the authority is ever reached.

Let's Encrypt, June 2025 (letsencrypt.org/docs/rate-limits): 300 new orders for each account in
three hours, 50 certificates for each registered domain in seven days whoever orders them, five
for one and the same set of names in seven days, 100 names in a certificate.  Every limit is kept
with something to spare, for orders that are made by hand or were made by a host of before.
Pure: no clock, no file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

MOST_NAMES = 100
WEEK, WINDOW = timedelta(days=7), timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each limit is used.

    Orders in three hours and in a run; in a week, those of one registered domain and of one set
    of names.
    """

    window: int = 250
    domain: int = 40
    same: int = 4
    run: int = 50

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Limits:
        """Out of the host's settings; what is not given there is as above."""
        known = {k: int(v) for k, v in settings.items() if k in cls.__dataclass_fields__}
        return cls(**known)


@dataclass(slots=True)
class Budget:
    """What is left, given the orders of the last week (as in the state)."""

    limits: Limits
    now: datetime
    orders: list[list[Any]]
    spent: int = 0
    _domains: Counter[str] = field(default_factory=Counter)
    _sets: Counter[str] = field(default_factory=Counter)
    _window: int = 0

    def __post_init__(self) -> None:
        kept = []
        for order in self.orders:
            at = datetime.fromisoformat(order[0])
            if at > self.now - WEEK:
                kept.append(order)
                self._count(order, recent=at > self.now - WINDOW)
        self.orders[:] = kept

    def _count(self, order: list[Any], *, recent: bool) -> None:
        self._sets[order[1]] += 1
        self._domains.update(order[2])
        self._window += recent

    def objection(self, names: Iterable[str]) -> str | None:
        """Why an order for `names` has to wait, None when it may be made now."""
        names = list(names)
        if self.spent >= self.limits.run:
            return f"{self.limits.run} orders are made in one run"
        if self._window >= self.limits.window:
            return f"{self.limits.window} orders were made in three hours"
        if self._sets[set_digest(names)] >= self.limits.same:
            return f"its very names were ordered {self.limits.same} times within a week"
        for domain in registered(names):
            if self._domains[domain] >= self.limits.domain:
                return f"{self.limits.domain} certificates of {domain} were ordered within a week"
        return None

    def spend(self, names: Iterable[str]) -> list[Any]:
        """Note an order, before it is made: one that was killed counts all the same."""
        names = list(names)
        at = self.now.isoformat(timespec="seconds")
        order = [at, set_digest(names), registered(names)]
        self.orders.append(order)
        self._count(order, recent=True)
        self.spent += 1
        return order

    def in_vain(self, order: list[Any]) -> None:
        """Note that an order brought no certificate: it counts as an order alone."""
        self._sets[order[1]] -= 1
        self._domains.subtract(order[2])
        order[1:] = ["", []]


def set_digest(names: Iterable[str]) -> str:
    """Stands for a set of names."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def registered(names: Iterable[str]) -> list[str]:
    """The registered domains of `names`, sorted: their last two labels.

    Where a registry sells names of three (asso.fr) that counts several domains as one, which
    orders less than is allowed, and never more.
    """
    return sorted({".".join(name.split(".")[-2:]) for name in names})
