# SPDX-License-Identifier: GPL-3.0-or-later
"""What a manager keeps in order: colleagues, what they are in charge of, and canned answers."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guichet.agents.rights import MANAGE, MANAGER, OFFICER, READER, ROLES, published
from guichet.models import Agent, CannedAnswer, Charge
from guichet.procedures.kinds.base import block, line
from guichet.procedures.kinds.email import ADDRESS
from guichet.procedures.words import say
from guichet.requests.invitations import queue_invitation
from guichet.views.agents.doors import agents_only
from guichet.views.visitor import Visit

_TITLE, _TEXT = 120, 10_000


@agents_only(MANAGE)
def team(request: Visit) -> HttpResponse:
    """The agents; a post adds one of the interface."""
    problems: dict[str, str] = {}
    sent = request.POST
    if request.method == "POST":
        email, role = line({"": sent.getlist("email")}).lower(), sent.get("role", "")
        name = line({"": sent.getlist("name")})[:_TITLE]
        charges = published(request.agent).filter(slug__in=sent.getlist("procedures"))
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
        "procedures": published(request.agent),
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
def charges(request: Visit, pk: int) -> HttpResponse:
    """What a case officer is in charge of, and what a reader reads.

    Of an agent of the YAML, procedures of the YAML are said there; those that the interface made
    are given here.
    """
    agent = Agent.objects.filter(pk=pk).first()
    if agent is None:
        raise Http404
    able = published(request.agent)
    mine = Charge.objects.filter(agent=agent).select_related("procedure__current")
    if agent.origin != "interface":
        able = able.filter(origin="interface")
        fixed = [one.procedure for one in mine if one.procedure.origin != "interface"]
    else:
        fixed = []
    # A charge would take from a reader of everything all the rest.
    everything = agent.role == MANAGER or (
        agent.role == READER and agent.origin != "interface" and not fixed
    )
    problem = ""
    if request.method == "POST" and not everything:
        chosen = list(able.filter(slug__in=request.POST.getlist("procedures")))
        if agent.role == OFFICER and not chosen and not fixed:
            problem = _("Un instructeur est chargé d’une démarche au moins.")
        else:
            mine.filter(procedure__in=able).delete()
            for one in chosen:
                Charge.objects.create(tenant=request.tenant, agent=agent, procedure=one)
            return redirect("team")
    facts = {
        "colleague": agent,
        "role": say(ROLES[agent.role]) if agent.role in ROLES else "",
        "able": able,
        "fixed": fixed,
        "everything": everything,
        "chosen": {one.procedure_id for one in mine},
        "problem": problem,
    }
    return render(request, "guichet/agents/charges.html", facts, status=422 if problem else 200)


@agents_only(MANAGE)
def canned(request: Visit) -> HttpResponse:
    """The canned answers; a post adds, changes or removes one."""
    problem = ""
    post = request.POST
    editing = _canned(post.get("pk") or request.GET.get("modifier", ""))
    if request.method == "POST":
        if removed := _canned(post.get("_remove", "")):
            removed.delete()
            return redirect("canned")
        title = line({"": post.getlist("title")})[:_TITLE]
        text = block({"": post.getlist("text")})[:_TEXT]
        of = published(request.agent).filter(slug=post.get("procedure", "")).first()
        if "_remove" in post or (post.get("pk") and editing is None):
            return redirect("canned")
        if title and text:
            made = editing or CannedAnswer(tenant=request.tenant)
            made.title, made.text, made.procedure = title, text, of
            made.save()
            return redirect("canned")
        problem = _("Donnez un titre et un texte.")
    of = editing.procedure.slug if editing and editing.procedure else ""
    facts = {
        "answers": CannedAnswer.objects.select_related("procedure__current"),
        "procedures": published(request.agent),
        "problem": problem,
        "editing": editing,
        "title": post.get("title", editing.title if editing else ""),
        "text": post.get("text", editing.text if editing else ""),
        "of": post.get("procedure", of),
    }
    return render(request, "guichet/agents/canned.html", facts, status=422 if problem else 200)


def _canned(pk: str) -> CannedAnswer | None:
    if not (pk.isascii() and pk.isdigit()):
        return None
    return CannedAnswer.objects.select_related("procedure").filter(pk=int(pk[:15])).first()
