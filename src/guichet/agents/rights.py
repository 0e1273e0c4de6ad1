# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role may do: a table, and the requests that an agent sees."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from guichet.models import Agent, Procedure, Request
from guichet.procedures.words import mark

MANAGER, OFFICER, READER = "manager", "officer", "reader"
ROLES = {
    MANAGER: mark("Gestionnaire"),
    OFFICER: mark("Instructeur"),
    READER: mark("Lecteur"),
}

READ, ACT, MANAGE = "read", "act", "manage"
_MAY = {MANAGER: {READ, ACT, MANAGE}, OFFICER: {READ, ACT}, READER: {READ}}


def may(role: str, verb: str) -> bool:
    """Whether a role may read requests, act on them, or manage the desk."""
    return verb in _MAY.get(role, set())


def limited(agent: Agent) -> bool:
    """Whether an agent sees some procedures only: every officer, and readers who have charges."""
    return agent.role == OFFICER or (agent.role == READER and agent.charges.exists())


def procedures(agent: Agent) -> QuerySet[Procedure, Any]:
    """The procedures that an agent sees."""
    rows = Procedure.objects.filter(tenant_id=agent.tenant_id)
    if limited(agent):
        rows = rows.filter(charges__agent=agent)
    return rows.order_by("position", "slug")


def published(agent: Agent) -> QuerySet[Procedure, Any]:
    """Those of them that are more than a draft, whether still offered or not."""
    return procedures(agent).filter(current__isnull=False).select_related("current")


def requests(agent: Agent) -> QuerySet[Request, Any]:
    """The requests that an agent sees."""
    rows = Request.objects.filter(tenant_id=agent.tenant_id)
    if limited(agent):
        rows = rows.filter(procedure__charges__agent=agent)
    return rows
