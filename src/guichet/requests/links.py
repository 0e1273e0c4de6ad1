# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow-up links: unguessable, made anew from a key that is not in the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from django.conf import settings

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def new_nonce() -> str:
    """What makes the link of a request its own: 128 bits."""
    return secrets.token_hex(16)


def token(siren: str, nonce: str) -> str:
    """The secret part of a link: HMAC-SHA-256, 43 characters of URL-safe base64."""
    key = settings.CONFIGURATION.link_key.encode()
    mac = hmac.new(key, f"{siren}:{nonce}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """What is kept of a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_token(text: str) -> bool:
    """Whether it has the form of one, so that nonsense asks no database."""
    return _TOKEN.match(text) is not None
