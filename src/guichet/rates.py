# SPDX-License-Identifier: GPL-3.0-or-later
"""How often something may be done from one address: counted in the database, for all workers."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from guichet.tenancy.scope import current


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in each window of `seconds`."""

    name: str
    most: int
    seconds: int


BEGIN = Limit("begin", 60, 3600)
WRITE = Limit("write", 300, 3600)
RESEND = Limit("resend", 10, 3600)
LOGIN = Limit("login", 30, 900)


def origin(request: HttpRequest) -> str:
    """The address of the visitor: X-Real-IP where a proxy of ours says it."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if peer in settings.CONFIGURATION.trusted_proxies:
        return str(request.headers.get("X-Real-IP", peer))
    return peer


def exceeded(limit: Limit, who: str) -> bool:
    """Count one more, and tell whether that is too often."""
    now = timezone.now()
    window = int(now.timestamp()) // limit.seconds
    key = hmac.new(
        settings.SECRET_KEY.encode(), f"{limit.name}:{who}".encode(), hashlib.sha256
    ).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO guichet_rate (tenant_id, key, "window", count, until) '
            "VALUES (%s, %s, %s, 1, %s) ON CONFLICT ON CONSTRAINT guichet_rate_key "
            "DO UPDATE SET count = guichet_rate.count + 1 RETURNING count",
            [current(), key, window, now + dt.timedelta(seconds=2 * limit.seconds)],
        )
        return bool(cursor.fetchone()[0] > limit.most)
