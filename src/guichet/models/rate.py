# SPDX-License-Identifier: GPL-3.0-or-later
"""How often somebody did something lately."""

from __future__ import annotations

from django.db import models

from guichet.models.tenant import Tenanted


class Rate(Tenanted):
    """A counter for one kind of act, one origin and one window of time.

    `key` is a keyed digest of an address or a name, never the thing itself.
    """

    key = models.CharField(max_length=64)
    window = models.BigIntegerField()
    count = models.IntegerField()
    until = models.DateTimeField()

    class Meta:
        """Its table."""

        db_table = "guichet_rate"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key", "window"], name="guichet_rate_key")
        ]

    def __str__(self) -> str:
        return f"{self.window}: {self.count}"
