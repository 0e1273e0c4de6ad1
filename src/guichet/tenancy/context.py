# SPDX-License-Identifier: GPL-3.0-or-later
"""What every page shows of its tenant."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from guichet.tenancy.theme import digest


def shown(request: HttpRequest) -> dict[str, Any]:
    """`tenant`, `theme` (what its style sheet's address ends with), `agent` when one is there."""
    tenant = getattr(request, "tenant", None)
    if tenant is None:
        return {}
    return {"tenant": tenant, "theme": digest(tenant), "agent": getattr(request, "agent", None)}
