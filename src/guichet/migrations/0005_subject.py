# SPDX-License-Identifier: GPL-3.0-or-later
"""Who an agent is for an OpenID Connect provider."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """See above."""

    dependencies: ClassVar = [("guichet", "0004_guide")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="agent",
            name="subject",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddConstraint(
            model_name="agent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("subject", ""), _negated=True),
                fields=("tenant", "subject"),
                name="guichet_agent_subject",
            ),
        ),
    ]
