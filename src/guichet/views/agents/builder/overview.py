# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of one procedure: its steps and fields in order, and what is done to them by buttons."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from guichet.agents.rights import MANAGE, OFFICER
from guichet.builder import drafts, edit
from guichet.builder.composing import in_words
from guichet.builder.drafts import Bench
from guichet.builder.entries import Objection
from guichet.builder.findings import Finding, findings
from guichet.builder.forms import TITLE
from guichet.builder.names import KINDS, TYPES, said
from guichet.models import Charge
from guichet.procedures.words import mark, say
from guichet.views.agents.builder.bench import again, gate, opened, overview, save, somebody
from guichet.views.agents.builder.listing import state
from guichet.views.agents.doors import agents_only
from guichet.views.agents.told import tell, told
from guichet.views.numbers import whole
from guichet.views.visitor import Visit

_GONE = mark("%(what)s : retirée. « Remettre », en bas de page, la remet à sa place.")


@agents_only(MANAGE)
def show(request: Visit, slug: str) -> HttpResponse:
    """Everything of a procedure; one of the charter is only shown."""
    return page(request, opened(request, slug))


def page(request: Visit, at: Bench, problem: str = "", status: int = 200) -> HttpResponse:
    """The page, perhaps with why nothing was done."""
    found = findings(at.definition) if at.editable else []
    facts = {
        "at": at,
        "procedure": at.procedure,
        "data": at.definition,
        "type": say(TYPES.get(at.definition.get("type", ""), "")),
        "state": state(at.procedure, draft=at.draft is not None),
        "steps": [
            _step(at, number, one, found) for number, one in enumerate(edit.steps(at.definition))
        ],
        "findings": [(one, _where(one)) for one in found],
        "kinds": said(KINDS).items(),
        "removed": [_kept(one) for one in at.removed],
        "full": len(edit.steps(at.definition)) >= edit.STEPS,
        "alone": _alone(at),
        "told": told(request),
        "problem": problem,
    }
    return render(request, "guichet/agents/builder/overview.html", facts, status=status)


def _alone(at: Bench) -> bool:
    """Whether requests are filed that no case officer is in charge of."""
    mine = at.procedure.origin == drafts.INTERFACE and at.procedure.current is not None
    form = at.definition.get("type") == "form"
    return (
        mine
        and form
        and not Charge.objects.filter(procedure=at.procedure, agent__role=OFFICER).exists()
    )


def _step(at: Bench, number: int, one: dict[str, Any], found: list[Finding]) -> dict[str, Any]:
    data = at.definition
    return {
        "index": number,
        "number": number + 1,
        "title": one["title"],
        "when": in_words(one["when"], data) if "when" in one else "",
        "fields": [
            {
                "id": field["id"],
                "label": field["label"],
                "kind": say(KINDS[field["type"]]),
                "required": field.get("required"),
                "contact": field.get("contact"),
                "asks": field["type"] != "information",
                "when": in_words(field["when"], data) if "when" in field else "",
                "problems": [each for each in found if each.field == field["id"]],
            }
            for field in one["fields"]
        ],
        "problems": [each for each in found if each.step == number and not each.field],
        "full": len(one["fields"]) >= edit.FIELDS,
    }


def _where(one: Finding) -> tuple[str, str]:
    """Name and argument of the address at which a finding is mended, as the template joins them."""
    if one.part in ("facts", "mails"):
        return one.part, ""
    if one.part == "field":
        return "condition" if one.key == "when" else "field", one.field
    if one.part == "step" and one.step is not None:
        return "step-condition" if one.key == "when" else "step", str(one.step)
    return "steps", ""


def _kept(one: dict[str, Any]) -> str:
    if "whole" in one:
        return say("Étape « %(title)s »", title=one["whole"]["title"])
    return say("Question « %(label)s »", label=one["field"]["label"])


def _refused(request: Visit, at: Bench, why: str) -> HttpResponse:
    at = drafts.bench(at.procedure.slug) or at
    return page(request, at, why, 422)


def must_edit(at: Bench) -> None:
    """404 for a post to what the interface may not change, or has no draft of."""
    if at.procedure.origin != drafts.INTERFACE:
        raise Http404


@require_POST
@agents_only(MANAGE)
def begin(request: Visit, slug: str) -> HttpResponse:
    """Open a draft of what is published."""
    at = opened(request, slug)
    must_edit(at)
    drafts.begin(at, request.agent)
    return redirect(overview(at))


@require_POST
@agents_only(MANAGE)
def arrange(request: Visit, slug: str) -> HttpResponse:
    """One button of the page: ``up:lamp``, ``step-down:1``, ``restore:0``."""
    at = opened(request, slug)
    must_edit(at)
    passed = gate(request, at)
    if passed == drafts.AGAIN:
        return again(at)
    if passed == drafts.STALE:
        if at.draft is None:
            return page(request, at, say("Il n’y a plus de brouillon."), 409)
        then = say("Rien n’a été fait : regardez-le et recommencez.")
        return page(request, at, f"{somebody(at)} {then}", 409)
    try:
        anchor, removed = _act(at, request)
    except (edit.Impossible, Objection) as error:
        return _refused(request, at, str(error))
    if anchor.startswith("/"):
        return save(request, at, anchor)
    return save(request, at, overview(at, anchor), removed=removed)


def _act(at: Bench, request: Visit) -> tuple[str, list[dict[str, Any]] | None]:
    """Do it to the bench; the anchor to return to, and what is removed from now on."""
    verb, _, name = request.POST.get("do", "").partition(":")
    if verb in edit.ON_FIELD:
        return _on_field(at, request, verb, name)
    number = whole(name, 3, instead=-1)
    if verb in edit.ON_STEP:
        return _on_step(at, request, verb, number)
    if verb == "restore" and 0 <= number < len(at.removed):
        kept = at.removed[number]
        edit.restore(at.definition, kept)
        rest = [one for place, one in enumerate(at.removed) if place != number]
        tell(request, say("%(what)s : de nouveau en place.", what=_kept(kept)))
        return "etapes", rest
    return _add(at, request, verb, number), None


def _on_field(
    at: Bench, request: Visit, verb: str, name: str
) -> tuple[str, list[dict[str, Any]] | None]:
    number, place = edit.find(at.definition, name)
    outcome = edit.ON_FIELD[verb](at.definition, name)
    if verb != "remove":
        return f"champ-{outcome if verb == 'copy' else name}", None
    tell(request, say(_GONE, what=_kept(outcome)))
    return _beside(at.definition, number, place), [outcome, *at.removed]


def _on_step(
    at: Bench, request: Visit, verb: str, number: int
) -> tuple[str, list[dict[str, Any]] | None]:
    outcome = edit.ON_STEP[verb](at.definition, number)
    if verb != "step-remove":
        return f"etape-{number + (2 if verb == 'step-down' else 0)}", None
    tell(request, say(_GONE, what=_kept(outcome)))
    return "etapes", [outcome, *at.removed]


def _add(at: Bench, request: Visit, verb: str, number: int) -> str:
    post = request.POST
    if verb == "add-step":
        title = TITLE.read([post.get("step-title", "")])
        if not title:
            raise edit.Impossible(say("Donnez un titre à la nouvelle étape."))
        return f"etape-{edit.add_step(at.definition, title) + 1}"
    if verb == "add-field":
        label = TITLE.read([post.get(f"label-{number}", "")])
        if not label:
            raise edit.Impossible(say("Donnez un intitulé à la nouvelle question."))
        kind = post.get(f"kind-{number}", "")
        made = edit.add_field(at.definition, number, kind, label)
        from django.urls import reverse

        return reverse("builder-field", args=[at.procedure.slug, made])
    raise edit.Impossible(say("Cette action n’existe pas."))


def _beside(data: dict[str, Any], number: int, place: int) -> str:
    """Where the focus goes when a field has gone: its neighbour, or the step."""
    there = edit.steps(data)[number]["fields"]
    if not there:
        return f"etape-{number + 1}"
    return f"champ-{there[min(place, len(there) - 1)]['id']}"
