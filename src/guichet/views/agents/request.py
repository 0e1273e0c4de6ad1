# SPDX-License-Identifier: GPL-3.0-or-later
"""One request as agents see it, and what they do to it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from guichet.agents.rights import ACT, READ, may, requests
from guichet.files import Unacceptable, download
from guichet.language import worded
from guichet.models import Agent, CannedAnswer, Event, File, Mail, Message, Request
from guichet.procedures import make, visible_steps
from guichet.procedures.filling import visible_fields
from guichet.procedures.kinds.base import block
from guichet.procedures.words import say
from guichet.requests import acting
from guichet.requests.receipt import whole
from guichet.requests.states import CLOSED, MOVES, NEEDS_WORDS, VERBS
from guichet.views.agents.doors import agents_only
from guichet.views.follow import pdf
from guichet.views.shown import summary
from guichet.views.visitor import Visit


def seen(agent: Agent, number: str) -> Request:
    """A request that the agent may see, or 404."""
    rows = requests(agent).select_related("version", "procedure", "assigned")
    found = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


@agents_only(READ)
def show(request: Visit, number: str) -> HttpResponse:
    """The page of a request; `reponse` puts a canned answer into the message."""
    found = seen(request.agent, number)
    text = ""
    chosen = request.GET.get("reponse", "")
    if chosen.isascii() and chosen.isdigit():
        canned = CannedAnswer.objects.filter(pk=int(chosen[:15])).first()
        text = canned.text if canned else ""
    return _page(request, found, text)


def _page(request: Visit, found: Request, text: str = "", problem: str = "") -> HttpResponse:
    definition, answers = make(worded(found.version.definition)), found.answers
    canned = CannedAnswer.objects.filter(procedure=None) | CannedAnswer.objects.filter(
        procedure=found.procedure_id
    )
    facts = {
        "filed": found,
        "title": definition.title,
        "messages": Message.objects.filter(request=found)
        .select_related("agent")
        .prefetch_related("files"),
        "events": Event.objects.filter(request=found).select_related("agent"),
        "files": File.objects.filter(request=found, message=None).defer("content"),
        "parts": [
            (step.title, summary(visible_fields(step, answers), answers))
            for _, step in visible_steps(definition, answers)
        ],
        "moves": [(to, say(VERBS[to]), to in NEEDS_WORDS) for to in MOVES[found.state]],
        "can_act": may(request.agent.role, ACT),
        "closed": found.state == CLOSED,
        "canned": canned.order_by("title"),
        "colleagues": Agent.objects.filter(active=True).exclude(role="reader").order_by("email"),
        "unsent": Mail.objects.filter(request=found, sent_at=None).order_by("pk"),
        "text": text,
        "problem": problem,
    }
    status = 422 if problem else 200
    return render(request, "guichet/agents/request.html", facts, status=status)


def _acts(request: Visit, number: str, act: Callable[[Request, str], None]) -> HttpResponse:
    found = seen(request.agent, number)
    text = block({"": request.POST.getlist("text")})
    try:
        act(found, text)
    except (acting.Impossible, Unacceptable) as error:
        return _page(request, seen(request.agent, number), text, str(error))
    return redirect("agent-request", number)


@require_POST
@agents_only(ACT)
def answer(request: Visit, number: str) -> HttpResponse:
    """A message to the citizen, or a note."""
    files = request.FILES.getlist("files")

    def act(found: Request, text: str) -> None:
        if "_note" in request.POST:
            acting.note(found, request.agent, text)
        else:
            acting.answer(found, request.agent, text, files)

    return _acts(request, number, act)


@require_POST
@agents_only(ACT)
def move(request: Visit, number: str) -> HttpResponse:
    """Another state."""
    to = request.POST.get("to", "")
    return _acts(request, number, lambda found, text: acting.move(found, to, request.agent, text))


@require_POST
@agents_only(ACT)
def assign(request: Visit, number: str) -> HttpResponse:
    """Another agent, or nobody; whoever is chosen has to be able to see the request."""
    chosen = request.POST.get("agent", "")
    to = None
    if chosen:
        known = chosen.isascii() and chosen.isdigit()
        to = Agent.objects.filter(pk=int(chosen[:15]), active=True).first() if known else None
        if to is None or not may(to.role, ACT):
            raise PermissionDenied

    def act(found: Request, _: str) -> None:
        if to is not None and not requests(to).filter(pk=found.pk).exists():
            raise acting.Impossible(gettext("Cet agent n’est pas chargé de cette démarche."))
        acting.assign(found, to, request.agent)

    return _acts(request, number, act)


@agents_only(READ)
def paper(request: Visit, number: str) -> HttpResponse:
    """Everything as PDF."""
    return pdf(whole(seen(request.agent, number)), f"demande-{number}.pdf")


@agents_only(READ)
def file(request: Visit, number: str, key: uuid.UUID) -> HttpResponse:
    """An attached file."""
    row = File.objects.filter(request=seen(request.agent, number), key=key).first()
    if row is None:
        raise Http404
    return download(row)
