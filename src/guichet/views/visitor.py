# SPDX-License-Identifier: GPL-3.0-or-later
"""A request as it reaches a view."""

from __future__ import annotations

from django.http import HttpRequest

from guichet.models import Agent, Tenant


class Visit(HttpRequest):
    """What the middleware and the doors of agents add; never made, only a name for types."""

    tenant: Tenant
    agent: Agent
