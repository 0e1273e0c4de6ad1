# SPDX-License-Identifier: GPL-3.0-or-later
"""A form that somebody is filling in."""

from __future__ import annotations

from django.db import models

from guichet.models.procedure import Version
from guichet.models.tenant import Tenanted


class Draft(Tenanted):
    """The answers so far; `key` is in the address and in the session, and both are asked for.

    It is also the token that makes a form sent twice one request: `request` is the one it became.
    Drafts are removed a day after they were begun.
    """

    key = models.UUIDField()
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    answers = models.JSONField(default=dict)
    reached = models.IntegerField(default=0)
    request = models.ForeignKey(
        "Request", null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    begun_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Its table."""

        db_table = "guichet_draft"
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="guichet_draft_key")]

    def __str__(self) -> str:
        return str(self.key)
