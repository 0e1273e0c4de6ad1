# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail to the managers of a desk: which sheets changed beside their words, each change once."""

from __future__ import annotations

from comarquage import Guide
from guichet.agents.rights import MANAGER
from guichet.guide.watch import Watched, attached, watched
from guichet.models import Agent, SheetCheck, Tenant
from guichet.requests.mails import queue

OCCASION = "guide"
_WHY = {
    "changed": "la fiche nationale a changé",
    "moved": "la fiche est devenue {now}",
    "gone": "la fiche n’existe plus",
    "never": "vos textes n’ont pas encore été relus à côté de la fiche",
}


def tell_managers(tenant: Tenant, guide: Guide) -> int:
    """Queue one mail to each manager when there is something new; how many sheets it names."""
    fresh = [one for one in watched(tenant, guide) if one.why and _news(one) != _told(one)]
    if not fresh:
        return 0
    lines = "\n".join(
        f"- {one.title or one.sheet} ({one.sheet}) : {_WHY[one.why].format(now=one.now)}"
        for one in fresh
    )
    body = (
        "Bonjour,\n\nDes fiches du guide des droits et démarches qui portent vos textes sont à "
        f"revérifier :\n\n{lines}\n\nhttps://{tenant.host}/agents/guide/\n\n-- \n{tenant.name}"
    )
    subject = f"Guide des droits et démarches : {len(fresh)} à revérifier"
    for manager in Agent.objects.filter(role=MANAGER, active=True).order_by("email"):
        queue(tenant.siren, OCCASION, manager.email, subject, body)
    texts = attached(tenant)
    for one in fresh:
        row = one.row or SheetCheck(
            tenant=tenant, sheet=one.sheet, text=texts[one.sheet], checked_at=tenant.created_at
        )
        row.told = _news(one)
        row.save()
    return len(fresh)


def _news(one: Watched) -> str:
    return f"{one.why} {one.digest}"


def _told(one: Watched) -> str:
    return one.row.told if one.row else ""
