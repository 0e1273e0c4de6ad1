# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents of a collectivity, what they are in charge of, and the links that let them in."""

from __future__ import annotations

from django.db import models

from guichet.models.procedure import Procedure
from guichet.models.tenant import Tenanted


class Agent(Tenanted):
    """Somebody of the town hall.

    `secret` is the second factor (RFC 6238), encrypted; `last_step` the last time step that was
    used, so that a code serves once.  `subject` is a digest of issuer and subject at an OpenID
    Connect provider, once they came in from there.  An agent who leaves the YAML is not `active`.
    """

    email = models.CharField(max_length=254)
    name = models.CharField(max_length=120, default="", blank=True)
    role = models.CharField(max_length=10)
    origin = models.CharField(max_length=10, default="yaml")
    active = models.BooleanField(default=True)
    password = models.CharField(max_length=256, default="", blank=True)
    secret = models.CharField(max_length=256, default="", blank=True)
    last_step = models.BigIntegerField(default=0)
    subject = models.CharField(max_length=64, default="", blank=True)
    failures = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    # Counts what ends all sessions: another password, another factor, suspension.
    generation = models.IntegerField(default=0)

    class Meta:
        """Its table."""

        db_table = "guichet_agent"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "email"], name="guichet_agent_email"),
            models.UniqueConstraint(
                fields=["tenant", "subject"],
                condition=~models.Q(subject=""),
                name="guichet_agent_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Charge(Tenanted):
    """A procedure that a case officer is in charge of, or that a reader may read."""

    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, related_name="charges", db_constraint=False
    )
    procedure = models.ForeignKey(
        Procedure, on_delete=models.CASCADE, related_name="charges", db_constraint=False
    )

    class Meta:
        """Its table."""

        db_table = "guichet_charge"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "agent", "procedure"], name="guichet_charge_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.procedure_id}"


class OneTimeLink(Tenanted):
    """An invitation: whoever opens it sets password and second factor; it works once."""

    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, related_name="links", db_constraint=False
    )
    digest = models.CharField(max_length=64)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        """Its table."""

        db_table = "guichet_onetimelink"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="guichet_link_digest")
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.until:%Y-%m-%d}"


class CannedAnswer(Tenanted):
    """A text that agents send often; without `procedure` it serves for all."""

    procedure = models.ForeignKey(
        Procedure, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    title = models.CharField(max_length=120)
    text = models.TextField()

    class Meta:
        """Its table."""

        db_table = "guichet_canned"
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
