# SPDX-License-Identifier: GPL-3.0-or-later
"""What every page shows of its tenant."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from guichet.guide.opened import opened
from guichet.guide.watch import alerts
from guichet.language import addresses, current
from guichet.models import Tenant
from guichet.tenancy.theme import digest


def shown(request: HttpRequest) -> dict[str, Any]:
    """What a page is of, and in.

    `tenant`, `theme` (what its style sheet's address ends with), `agent` when one is there,
    `language`, `languages` and `addresses` (the page in each language, as paths).
    """
    tenant = getattr(request, "tenant", None)
    if tenant is None:
        return {}
    agent = getattr(request, "agent", None)
    facts = {"tenant": tenant, "theme": digest(tenant), "agent": agent}
    facts |= {"language": current(), "addresses": addresses(request)}
    # Each in its own words; Django's tag would translate them.
    facts["languages"] = settings.LANGUAGES
    if agent is not None and tenant.body.get("guide"):
        # Sheets to look at again, counted where a template asks for it.
        facts["guide_alerts"] = lambda: _alerts(tenant)
    return facts


def _alerts(tenant: Tenant) -> int:
    guide = opened()
    return alerts(tenant, guide) if guide is not None else 0
