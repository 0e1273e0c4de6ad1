# SPDX-License-Identifier: GPL-3.0-or-later
"""Attached files, in the database."""

from __future__ import annotations

from django.db import models

from guichet.models.draft import Draft
from guichet.models.request import Message, Request
from guichet.models.tenant import Tenanted


class File(Tenanted):
    """A file that was scanned and found clean; nothing else is ever stored.

    Its bytes are here and not on a disk beside: row security covers them, one transaction makes
    them appear or not, one backup has all, and an erased request leaves nothing behind.  `name`
    is for people alone: it never becomes a path.
    """

    key = models.UUIDField()
    draft = models.ForeignKey(
        Draft, null=True, on_delete=models.CASCADE, related_name="files", db_constraint=False
    )
    request = models.ForeignKey(
        Request, null=True, on_delete=models.CASCADE, related_name="files", db_constraint=False
    )
    message = models.ForeignKey(
        Message, null=True, on_delete=models.CASCADE, related_name="files", db_constraint=False
    )
    field = models.CharField(max_length=40, default="", blank=True)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=10)
    size = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    scanned_at = models.DateTimeField()

    class Meta:
        """Its table."""

        db_table = "guichet_file"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="guichet_file_key"),
            models.CheckConstraint(
                name="guichet_file_owner",
                condition=models.Q(draft__isnull=False) | models.Q(request__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
