# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of visitors."""

from __future__ import annotations

from django.db import models

from guichet.models.tenant import Tenanted


class Session(Tenanted):
    """A session: of one tenant, so that a cookie is worth nothing at another's desk.

    `key` is the hex SHA-256 of the cookie's value: who reads the table can take no session over.
    """

    key = models.CharField(max_length=64)
    data = models.TextField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        """Its table."""

        db_table = "guichet_session"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="guichet_session_key")
        ]

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d}"
