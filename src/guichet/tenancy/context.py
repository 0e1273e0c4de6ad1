# SPDX-License-Identifier: GPL-3.0-or-later
"""What every page shows of its tenant."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from guichet.language import addresses, current
from guichet.tenancy.theme import digest


def shown(request: HttpRequest) -> dict[str, Any]:
    """What a page is of, and in.

    `tenant`, `theme` (what its style sheet's address ends with), `agent` when one is there,
    `language`, `languages` and `addresses` (the page in each language, as paths).
    """
    tenant = getattr(request, "tenant", None)
    if tenant is None:
        return {}
    return {
        "tenant": tenant,
        "theme": digest(tenant),
        "agent": getattr(request, "agent", None),
        "language": current(),
        # Each in its own words; Django's tag would translate them.
        "languages": settings.LANGUAGES,
        "addresses": addresses(request),
    }
