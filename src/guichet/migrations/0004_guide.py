# SPDX-License-Identifier: GPL-3.0-or-later
"""Beside which edition of a national sheet a tenant's words were last read."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from guichet.tenancy.barriers import ADD, CHANGE, READ, lead, protect

TABLE = "guichet_sheetcheck"
BARRIERS = [
    *protect(TABLE, (READ, ADD, CHANGE)),
    *lead(TABLE, {"agent_id": "guichet_agent"}),
]


class Migration(migrations.Migration):
    """See above."""

    dependencies: ClassVar = [("guichet", "0003_builder")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="SheetCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.CharField(max_length=41)),
                ("audience", models.CharField(blank=True, default="", max_length=4)),
                ("text", models.CharField(max_length=64)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("checked_at", models.DateTimeField()),
                ("told", models.CharField(blank=True, default="", max_length=64)),
                (
                    "agent",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="guichet.agent",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="guichet.tenant",
                    ),
                ),
            ],
            options={
                "db_table": TABLE,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "sheet"), name="guichet_sheetcheck_once"
                    )
                ],
            },
        ),
        migrations.RunSQL([*BARRIERS], migrations.RunSQL.noop),
    ]
