# SPDX-License-Identifier: GPL-3.0-or-later
"""The two colours of a tenant, as a style sheet of their own: nothing stands in a page's tags."""

from __future__ import annotations

import hashlib

from guichet.models import Tenant
from guichet.tenancy.contrast import COLOUR

PRIMARY, ACCENT = "#1f4e79", "#8a3b12"


def colours(tenant: Tenant) -> tuple[str, str]:
    """Primary and accent; the desk's own where the share names none."""
    named = tenant.body.get("colours", {})
    found = [
        named.get(key, "") if COLOUR.match(named.get(key, "")) else instead
        for key, instead in (("primary", PRIMARY), ("accent", ACCENT))
    ]
    return found[0], found[1]


def style(tenant: Tenant) -> str:
    """The style sheet."""
    primary, accent = colours(tenant)
    return f":root {{ --primary: {primary}; --accent: {accent}; }}\n"


def digest(tenant: Tenant) -> str:
    """Changes with the colours and the banner, so that browsers may keep both."""
    said = repr((colours(tenant), tenant.body.get("banner")))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
