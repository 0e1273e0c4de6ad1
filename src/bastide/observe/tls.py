# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ways to look at a certificate; reading the system's authorities takes a while."""

from __future__ import annotations

import functools
import ssl
from pathlib import Path


@functools.lru_cache(maxsize=4)
def checking(authority: Path | None) -> ssl.SSLContext:
    """Certificates are checked, by those in the file `authority` or those of the system."""
    return ssl.create_default_context(cafile=str(authority) if authority else None)


@functools.lru_cache(maxsize=1)
def looking() -> ssl.SSLContext:
    """Any certificate is taken: what it says is looked at, nothing secret is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
