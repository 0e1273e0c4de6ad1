# SPDX-License-Identifier: GPL-3.0-or-later
"""gunicorn's configuration (``--config python:guichet.server``): libraries that workers share.

The master imports what never changes between two reloads, so that workers have it in common pages;
the desk itself and its settings are each worker's, which is what lets a reload (HUP) read a changed
configuration, as ``--preload`` would not.
"""

from __future__ import annotations

import gc
import importlib
from typing import Any

_SHARED = (
    *("django.core.handlers.wsgi", "django.core.paginator", "django.db.models.functions"),
    *("django.contrib.sessions.backends.base", "django.contrib.auth.hashers"),
    *("django.db.backends.postgresql.base", "django.middleware.csrf", "django.urls"),
    *("django.template.loader_tags", "django.template.defaulttags", "django.core.mail"),
    *("django.template.backends.django", "django.views.defaults", "django.views.csrf"),
    *("cryptography.fernet", "fpdf", "joserfc.jwt", "jsonschema", "psycopg", "pyotp"),
    *("requests", "segno", "yaml", "zoneinfo", "html.parser", "csv"),
)


def on_starting(server: Any) -> None:
    """Before the first worker: import, and keep the collector off what is shared."""
    del server
    for name in _SHARED:
        importlib.import_module(name)
    gc.collect()
    # Else each worker's collector writes into the head of every object, and copies every page.
    gc.freeze()
