# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts of the builder: who changed one last, its edition, and one draft to a procedure.

Defaults are the database's own: workers of the edition before go on adding versions.
"""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from guichet.tenancy.barriers import lead


class Migration(migrations.Migration):
    """See above."""

    dependencies: ClassVar = [("guichet", "0002_barriers")]
    operations: ClassVar = [
        migrations.AddField(
            "version",
            "author",
            models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="guichet.agent",
            ),
        ),
        migrations.AddField("version", "changed_at", models.DateTimeField(null=True)),
        migrations.AddField("version", "edition", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("version", "work", models.JSONField(db_default={}, default=dict)),
        migrations.AddConstraint(
            "version",
            models.UniqueConstraint(
                condition=models.Q(("published_at", None)),
                fields=("tenant", "procedure"),
                name="guichet_version_one_draft",
            ),
        ),
        migrations.RunSQL(
            [*lead("guichet_version", {"author_id": "guichet_agent"})], migrations.RunSQL.noop
        ),
    ]
