# SPDX-License-Identifier: GPL-3.0-or-later
"""The second factor: time-based codes (RFC 6238), their secrets encrypted in the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from guichet.models import Agent, Tenant

_STEP = 30  # seconds, RFC 6238 §5.2
_SKEW = 1  # steps before and after, §6


def _box() -> Fernet:
    key = hashlib.sha256(b"guichet second factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def new_secret() -> str:
    """A secret of 160 bits, in base32, as RFC 4226 §4 asks."""
    return pyotp.random_base32(32)


def seal(secret: str) -> str:
    """A secret as it is kept."""
    return _box().encrypt(secret.encode()).decode()


def unseal(kept: str) -> str | None:
    """The secret; None when it was kept under another key."""
    try:
        return _box().decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def step_of(secret: str, code: str, after: int) -> int | None:
    """The time step whose code this is, when it is later than `after`; else None.

    Each step serves once (§5.2): who looked over a shoulder comes too late.
    """
    code = code.replace(" ", "")
    now = int(time.time()) // _STEP
    maker = pyotp.TOTP(secret)
    for step in range(now - _SKEW, now + _SKEW + 1):
        if hmac.compare_digest(maker.generate_otp(step).encode(), code.encode()) and step > after:
            return step
    return None


def address(secret: str, agent: Agent, tenant: Tenant) -> str:
    """The otpauth: address that authenticators read."""
    return pyotp.TOTP(secret).provisioning_uri(name=agent.email, issuer_name=tenant.name)


def picture(text: str) -> SafeString:
    """A text as QR code: inline SVG, which needs neither script nor another address."""
    code = segno.make(text, error="m")
    svg = code.svg_inline(scale=4, title=gettext("Code QR du second facteur"))
    return mark_safe(svg)  # noqa: S308 - made of squares
