# SPDX-License-Identifier: GPL-3.0-or-later
"""gunicorn's configuration (``--config python:guichet.server``): libraries that workers share.

The master imports what never changes between two reloads, so that workers have it in common pages;
what of the desk depends on its settings is each worker's, which is what lets a reload (HUP) read a
changed configuration, as ``--preload`` would not.
"""

from __future__ import annotations

import gc
import importlib
from typing import Any

# What few pages use comes first: what every page uses then lies close together, and a worker that
# counts references to it gets fewer pages of its own.
_SHARED = (
    *("joserfc.jwt", "jsonschema", "requests", "segno", "yaml", "pyotp"),
    *("comarquage.links", "comarquage.refresh", "cryptography.fernet"),
    *("django.conf.locale.fr.formats", "django.conf.urls.i18n", "django.core.handlers.wsgi"),
    *("django.core.mail", "django.core.paginator", "django.contrib.auth.hashers"),
    *("django.contrib.auth.password_validation", "django.contrib.sessions.middleware"),
    *("django.contrib.sessions.serializers", "django.db.backends.postgresql.base"),
    *("django.db.models.functions", "django.middleware.csrf", "django.middleware.http"),
    *("django.template.backends.django", "django.template.context_processors"),
    *("django.template.defaulttags", "django.template.loader_tags"),
    *("django.template.loaders.cached", "django.templatetags.i18n", "django.templatetags.l10n"),
    *("django.urls", "django.views.csrf", "django.views.decorators.http", "django.views.defaults"),
    *("psycopg", "zoneinfo", "html.parser", "csv"),
    # Of ours what looks at no setting.
    *("guichet.builder.edit", "guichet.builder.findings", "guichet.builder.transport"),
    *("guichet.guide.opened", "guichet.procedures.check", "guichet.procedures.library"),
    *("guichet.tenancy.headers", "guichet.views.errors", "guichet.views.shown"),
)


def on_starting(server: Any) -> None:
    """Before the first worker: import, and keep the collector off what is shared."""
    del server
    for name in _SHARED:
        importlib.import_module(name)
    gc.collect()
    # Else each worker's collector writes into the head of every object, and copies every page.
    gc.freeze()
