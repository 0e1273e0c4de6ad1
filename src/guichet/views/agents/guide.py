# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide for agents: sheets to look at again, broken links, and whether it is up to date."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from comarquage import links
from guichet.agents.rights import ACT, READ
from guichet.guide.local import audiences, said_of
from guichet.guide.opened import opened, stale_hours
from guichet.guide.watch import attached, mark, watched
from guichet.views.agents.doors import agents_only
from guichet.views.visitor import Visit

_SHOWN = 100  # broken links


@agents_only(READ)
def review(request: Visit) -> HttpResponse:
    """What to look at again; a broken link of a sheet with words of the tenant comes first."""
    folder = settings.CONFIGURATION.guide_folder
    if not said_of(request.tenant):
        raise Http404
    guide = opened()
    hours = stale_hours(timezone.now())
    facts: dict[str, Any] = {"there": guide is not None, "stale": hours is not None, "hours": hours}
    if guide is not None and folder is not None:
        sheets = watched(request.tenant, guide)
        shown = set(audiences(request.tenant, guide))
        ours = {f"{one.audience}/{one.now}" for one in sheets}
        broken = [
            (bool(ours.intersection(one.pages)), one)
            for one in links.broken_links(folder)
            if any(page.partition("/")[0] in shown for page in one.pages)
        ]
        broken.sort(key=lambda one: (not one[0], one[1].url))
        facts |= {
            "made": guide.made,
            "sheets": sheets,
            "report": links.last_report(folder),
            "broken": broken[:_SHOWN],
            "total": len(broken),
        }
    return render(request, "guichet/guide/agents.html", facts)


@require_POST
@agents_only(ACT)
def checked(request: Visit, sheet: str) -> HttpResponse:
    """An agent has looked at a sheet.

    The edition that was shown is sent along: one that came meanwhile stays to be looked at.
    """
    guide = opened()
    if guide is None or sheet not in attached(request.tenant):
        raise Http404
    mark(request.tenant, sheet, request.POST.get("digest", ""), guide, request.agent)
    return redirect("agent-guide")
