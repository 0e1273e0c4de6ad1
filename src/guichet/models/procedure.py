# SPDX-License-Identifier: GPL-3.0-or-later
"""Procedures of a tenant and their versions."""

from __future__ import annotations

from django.db import models

from guichet.models.tenant import Tenanted


class Procedure(Tenanted):
    """A procedure that a tenant offers.

    `origin` says who may change it: the convergence (`yaml`) or the interface.  `body` is what
    the share said of it.  One that is withdrawn is offered no more; its requests stay.
    """

    slug = models.CharField(max_length=60)
    origin = models.CharField(
        max_length=10, choices=[("yaml", "YAML"), ("interface", "interface")], default="yaml"
    )
    offered = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    body = models.JSONField(default=dict)
    current = models.ForeignKey(
        "Version", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )

    class Meta:
        """Its table; a name is taken once in a tenant, whatever the origin."""

        db_table = "guichet_procedure"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="guichet_procedure_slug")
        ]

    def __str__(self) -> str:
        return self.slug


class Version(Tenanted):
    """A definition; immutable from its publication on, which a trigger sees to.

    A version without `published_at` is a draft of the builder, of which a procedure has one at
    most.  `edition` counts its changes, so that nobody overwrites what they have not seen;
    `author` (an Agent) made the last of them, at `changed_at`, or published it.  `work` is what
    the builder keeps beside the definition: what was removed, and which post was the last.
    """

    procedure = models.ForeignKey(
        Procedure, on_delete=models.PROTECT, related_name="versions", db_constraint=False
    )
    number = models.IntegerField()
    definition = models.JSONField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True)
    edition = models.IntegerField(default=0, db_default=0)
    author = models.ForeignKey(
        "Agent", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    changed_at = models.DateTimeField(null=True)
    work = models.JSONField(default=dict, db_default={})

    class Meta:
        """Its table."""

        db_table = "guichet_version"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "procedure", "number"], name="guichet_version_number"
            ),
            models.UniqueConstraint(
                fields=["tenant", "procedure"],
                condition=models.Q(published_at=None),
                name="guichet_version_one_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id}/{self.number}"
