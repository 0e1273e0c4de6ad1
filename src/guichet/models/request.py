# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of citizens, and what happens to them."""

from __future__ import annotations

from django.db import models

from guichet.models.agent import Agent
from guichet.models.procedure import Procedure, Version
from guichet.models.tenant import Tenanted


class Counter(Tenanted):
    """The last number given in a year."""

    year = models.IntegerField()
    last = models.IntegerField()

    class Meta:
        """Its table."""

        db_table = "guichet_counter"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "year"], name="guichet_counter_year")
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Request(Tenanted):
    """A request, with the version of the procedure it was filed with.

    Of the follow-up link only its digest is kept (hex SHA-256); `link_nonce` and a key that is
    not in the database make it anew for a later mail (guichet.links).  `subject_text` is the
    plain text that the inbox searches.
    """

    number = models.CharField(max_length=11)
    procedure = models.ForeignKey(
        Procedure, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    state = models.CharField(max_length=10)
    answers = models.JSONField()
    search = models.TextField(default="")
    email = models.CharField(max_length=254)
    # In which mails and papers about it are: of the form that was sent.
    language = models.CharField(max_length=5, default="fr", db_default="fr")
    link_nonce = models.CharField(max_length=32)
    link_digest = models.CharField(max_length=64)
    assigned = models.ForeignKey(
        Agent, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    filed_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Its table; the inbox reads by state and age."""

        db_table = "guichet_request"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="guichet_request_number"),
            models.UniqueConstraint(fields=["tenant", "link_digest"], name="guichet_request_link"),
        ]
        indexes = [
            models.Index("tenant", "state", "filed_at", name="guichet_request_inbox"),
            models.Index("tenant", "email", name="guichet_request_email"),
        ]

    def __str__(self) -> str:
        return self.number


class Message(Tenanted):
    """A message between citizen and agent; a note (`internal`) is for agents alone."""

    request = models.ForeignKey(
        Request, on_delete=models.CASCADE, related_name="messages", db_constraint=False
    )
    agent = models.ForeignKey(
        Agent, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    internal = models.BooleanField(default=False)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """Its table."""

        db_table = "guichet_message"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.at:%Y-%m-%d}"


class Event(Tenanted):
    """Something that happened to a request; rows are only ever added (trigger, privileges).

    `kind` is filed, moved, assigned, message, note, file or link; `facts` its values, as
    ``{"from": "received", "to": "taken"}``.  `agent` is null for the citizen and for the desk.
    """

    request = models.ForeignKey(
        Request, on_delete=models.CASCADE, related_name="events", db_constraint=False
    )
    kind = models.CharField(max_length=10)
    agent = models.ForeignKey(
        Agent, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        """Its table."""

        db_table = "guichet_event"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"


class PurgedRequest(Tenanted):
    """What stays of a request that was purged or erased: nothing about a person."""

    number = models.CharField(max_length=11)
    procedure_slug = models.CharField(max_length=60)
    state = models.CharField(max_length=10)
    filed_on = models.DateField()
    purged_at = models.DateTimeField()
    why = models.CharField(max_length=10)

    class Meta:
        """Its table."""

        db_table = "guichet_purged"

    def __str__(self) -> str:
        return self.number
