# SPDX-License-Identifier: GPL-3.0-or-later
"""The language of a request; those before were all filed in French."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The database has the default too: workers of the edition before still file requests."""

    dependencies: ClassVar = [("guichet", "0005_subject")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="request",
            name="language",
            field=models.CharField(db_default="fr", default="fr", max_length=5),
        ),
    ]
