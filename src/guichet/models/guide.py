# SPDX-License-Identifier: GPL-3.0-or-later
"""Which edition of a national sheet a tenant's words on it were last read beside."""

from __future__ import annotations

from django.db import models

from guichet.models.agent import Agent
from guichet.models.tenant import Tenanted


class SheetCheck(Tenanted):
    """A sheet with words or a procedure of the tenant.

    `text` is the digest of what the tenant says there, `digest` that of the national sheet when
    it was written or last looked at; empty where nobody could look, because the guide was not
    there.  `told` is what was mailed to agents last; `agent` is who looked, nobody where the
    charter was written.
    """

    sheet = models.CharField(max_length=41)
    audience = models.CharField(max_length=4, default="", blank=True)
    text = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, default="", blank=True)
    checked_at = models.DateTimeField()
    told = models.CharField(max_length=64, default="", blank=True)
    agent = models.ForeignKey(
        Agent, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )

    class Meta:
        """Its table."""

        db_table = "guichet_sheetcheck"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sheet"], name="guichet_sheetcheck_once")
        ]

    def __str__(self) -> str:
        return self.sheet
