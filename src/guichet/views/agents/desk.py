# SPDX-License-Identifier: GPL-3.0-or-later
"""What a manager keeps in order: colleagues and canned answers; and the statistics for all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Avg, Count, F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guichet.agents.rights import MANAGE, OFFICER, READ, ROLES, procedures, requests
from guichet.language import own
from guichet.models import Agent, CannedAnswer, Charge, Procedure
from guichet.procedures.kinds.base import block, line
from guichet.procedures.kinds.email import ADDRESS
from guichet.procedures.words import say
from guichet.requests.invitations import queue_invitation
from guichet.requests.states import CLOSED, OPEN, REFUSED
from guichet.views.agents.doors import agents_only
from guichet.views.visitor import Visit

_TITLE, _TEXT = 120, 10_000


@agents_only(READ)
def statistics(request: Visit) -> HttpResponse:
    """Numbers for each procedure that the agent sees."""
    month = timezone.now() - dt.timedelta(days=30)
    rows = requests(request.agent).values("procedure")
    counted: dict[int, dict[str, Any]] = {
        one["procedure"]: dict(one)
        for one in rows.annotate(
            all=Count("pk"),
            month=Count("pk", filter=Q(filed_at__gte=month)),
            open=Count("pk", filter=Q(state__in=OPEN)),
            refused=Count("pk", filter=Q(state=REFUSED)),
            closed=Count("pk", filter=Q(state=CLOSED)),
            takes=Avg(F("closed_at") - F("filed_at")),
        )
    }
    table = [
        (own(one.current.definition["title"]) if one.current else one.slug, counted.get(one.pk, {}))
        for one in procedures(request.agent).select_related("current")
    ]
    return render(request, "guichet/agents/statistics.html", {"table": table})


@agents_only(MANAGE)
def team(request: Visit) -> HttpResponse:
    """The agents; a post adds one of the interface."""
    problems: dict[str, str] = {}
    sent = request.POST
    if request.method == "POST":
        email, role = line({"": sent.getlist("email")}).lower(), sent.get("role", "")
        name = line({"": sent.getlist("name")})[:_TITLE]
        charges = Procedure.objects.filter(slug__in=sent.getlist("procedures"))
        if not ADDRESS.match(email):
            problems["email"] = _("Cette adresse n’est pas valide. Exemple : nom@exemple.fr")
        elif Agent.objects.filter(email=email).exists():
            problems["email"] = _("Cette adresse est déjà celle d’un agent.")
        if role not in ROLES:
            problems["role"] = _("Choisissez un rôle.")
        elif role == OFFICER and not charges:
            problems["procedures"] = _("Un instructeur est chargé d’une démarche au moins.")
        if not problems:
            agent = Agent.objects.create(
                tenant=request.tenant, email=email, name=name, role=role, origin="interface"
            )
            for one in charges:
                Charge.objects.create(tenant=request.tenant, agent=agent, procedure=one)
            queue_invitation(agent)
            return redirect("team")
    facts = {
        "agents": Agent.objects.prefetch_related("charges__procedure").order_by("email"),
        "roles": {key: say(name) for key, name in ROLES.items()},
        "procedures": Procedure.objects.select_related("current").order_by("position", "slug"),
        "problems": problems,
        "sent": {"email": sent.get("email", ""), "name": sent.get("name", "")},
        "role": sent.get("role", ""),
        "chosen": sent.getlist("procedures"),
    }
    return render(request, "guichet/agents/team.html", facts, status=422 if problems else 200)


@require_POST
@agents_only(MANAGE)
def colleague(request: Visit, pk: int) -> HttpResponse:
    """Invite somebody again, or suspend and restore somebody of the interface.

    An agent of the YAML is suspended there, else the next convergence would bring them back.
    """
    agent = Agent.objects.filter(pk=pk).first()
    if agent is None:
        raise Http404
    if "_invite" in request.POST and agent.active:
        queue_invitation(agent)
    elif (
        "_suspend" in request.POST and agent.origin == "interface" and agent.pk != request.agent.pk
    ):
        agent.active, agent.generation = False, agent.generation + 1
        agent.save(update_fields=["active", "generation"])
    elif "_restore" in request.POST and agent.origin == "interface":
        agent.active = True
        agent.save(update_fields=["active"])
    return redirect("team")


@agents_only(MANAGE)
def canned(request: Visit) -> HttpResponse:
    """The canned answers; a post adds or removes one."""
    problem = ""
    if request.method == "POST":
        removed = request.POST.get("_remove", "")
        if removed.isascii() and removed.isdigit():
            CannedAnswer.objects.filter(pk=int(removed[:15])).delete()
            return redirect("canned")
        title = line({"": request.POST.getlist("title")})[:_TITLE]
        text = block({"": request.POST.getlist("text")})[:_TEXT]
        of = Procedure.objects.filter(slug=request.POST.get("procedure", "")).first()
        if title and text:
            CannedAnswer.objects.create(tenant=request.tenant, title=title, text=text, procedure=of)
            return redirect("canned")
        problem = _("Donnez un titre et un texte.")
    facts = {
        "answers": CannedAnswer.objects.select_related("procedure"),
        "procedures": Procedure.objects.select_related("current").order_by("position", "slug"),
        "problem": problem,
        "title": request.POST.get("title", ""),
        "text": request.POST.get("text", ""),
    }
    return render(request, "guichet/agents/canned.html", facts, status=422 if problem else 200)
