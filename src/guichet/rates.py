# SPDX-License-Identifier: GPL-3.0-or-later
"""How often something may be done from one address: counted in the database, for all workers."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
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
# Megabytes of files, and requests with one mail address, which nobody has shown to be theirs.
UPLOAD = Limit("upload", 300, 3600)
NAMED = Limit("named", 20, 86400)


def origin(request: HttpRequest) -> str:
    """The address of the visitor: X-Real-IP where a proxy of ours says it.

    Of IPv6 the network: whoever has an address has 2⁶⁴ of them (RFC 6177 §2).
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if peer in settings.CONFIGURATION.trusted_proxies:
        peer = str(request.headers.get("X-Real-IP", peer))
    try:
        found = ipaddress.ip_address(peer)
    except ValueError:
        return peer
    if found.version == 6 and found.ipv4_mapped is None:  # noqa: PLR2004 - of IP
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def too_much(request: HttpRequest) -> bool:
    """Count the files of a form, and tell whether their sender has sent too many bytes lately."""
    size = sum(each.size or 0 for name in request.FILES for each in request.FILES.getlist(name))
    return size > 0 and exceeded(UPLOAD, origin(request), -(-size // 1_000_000))


def exceeded(limit: Limit, who: str, much: int = 1) -> bool:
    """Count so much more, and tell whether that is too often."""
    now = timezone.now()
    window = int(now.timestamp()) // limit.seconds
    key = hmac.new(
        settings.SECRET_KEY.encode(), f"{limit.name}:{who}".encode(), hashlib.sha256
    ).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO guichet_rate (tenant_id, key, "window", count, until) '
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT ON CONSTRAINT guichet_rate_key "
            "DO UPDATE SET count = guichet_rate.count + excluded.count RETURNING count",
            [current(), key, window, much, now + dt.timedelta(seconds=2 * limit.seconds)],
        )
        return bool(cursor.fetchone()[0] > limit.most)
