# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbox."""

from __future__ import annotations

from django.db import models

from guichet.models.request import Request
from guichet.models.tenant import Tenanted


class Mail(Tenanted):
    """A mail to be sent, written in the transaction that has a reason for it.

    `body` may hold ``{link}``, which becomes the follow-up link when it is sent and not before: no
    secret lies here.  Once sent, body and recipient are emptied.
    """

    request = models.ForeignKey(
        Request, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    occasion = models.CharField(max_length=20)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    key = models.UUIDField()
    queued_at = models.DateTimeField(auto_now_add=True)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        """Its table."""

        db_table = "guichet_mail"
        indexes = [
            models.Index(
                "tenant",
                "next_at",
                name="guichet_mail_due",
                condition=models.Q(sent_at__isnull=True, failed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.occasion} {self.queued_at:%Y-%m-%d}"
