# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishing a draft or giving it up, what was published before, and definitions as files."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from guichet.agents.rights import MANAGE
from guichet.builder import drafts, transport
from guichet.builder.composing import in_words
from guichet.builder.differences import differences
from guichet.builder.drafts import Bench
from guichet.builder.findings import findings
from guichet.builder.names import KINDS, TYPES
from guichet.models import Version
from guichet.procedures.words import say
from guichet.views.agents.builder.bench import opened, overview, somebody
from guichet.views.agents.builder.overview import must_edit
from guichet.views.agents.doors import agents_only
from guichet.views.agents.told import tell
from guichet.views.visitor import Visit


@agents_only(MANAGE)
def publish(request: Visit, slug: str) -> HttpResponse:
    """What would change for citizens; a post publishes it."""
    at = opened(request, slug)
    if request.method == "POST":
        must_edit(at)
    if not at.editable:
        # Also the second of two clicks: the first has published.
        return redirect(overview(at))
    stale = ""
    if request.method == "POST":
        if request.POST.get("edition") == str(at.edition):
            made = drafts.publish(at, request.agent)
            if made is not None:
                done = say(
                    "Version %(number)d publiée : la démarche est proposée.", number=made.number
                )
                tell(request, done)
                return redirect(overview(at))
        else:
            stale = somebody(at)
    current = at.procedure.current
    found = findings(at.definition)
    facts = {
        "at": at,
        "data": at.definition,
        "findings": found,
        "changes": differences(current.definition, at.definition) if current else [],
        "stale": stale,
    }
    status = 409 if stale else 422 if request.method == "POST" else 200
    return render(request, "guichet/agents/builder/publish.html", facts, status=status)


@agents_only(MANAGE)
def discard(request: Visit, slug: str) -> HttpResponse:
    """Asks whether the draft shall go; a post removes it."""
    at = opened(request, slug)
    if request.method == "POST":
        must_edit(at)
    if not at.editable:
        return redirect(overview(at))
    if request.method == "POST":
        if request.POST.get("edition") != str(at.edition):
            facts = {"at": at, "data": at.definition, "stale": somebody(at)}
            return render(request, "guichet/agents/builder/discard.html", facts, status=409)
        never = at.procedure.current is None
        drafts.discard(at)
        tell(request, say("Le brouillon est abandonné."))
        return redirect("procedures") if never else redirect(overview(at))
    facts = {"at": at, "data": at.definition}
    return render(request, "guichet/agents/builder/discard.html", facts)


@require_POST
@agents_only(MANAGE)
def offer(request: Visit, slug: str) -> HttpResponse:
    """Suspend a procedure, or offer it again."""
    at = opened(request, slug)
    must_edit(at)
    wanted = "_offer" in request.POST
    drafts.offer(at.procedure, offered=wanted)
    if at.procedure.current_id:
        tell(
            request,
            say("La démarche est de nouveau proposée.")
            if wanted
            else say("La démarche est suspendue : les demandes en cours restent suivies."),
        )
    return redirect(overview(at))


def _published(at: Bench) -> list[Version]:
    rows = Version.objects.filter(procedure=at.procedure).exclude(published_at=None)
    return list(rows.select_related("author").order_by("-number"))


@agents_only(MANAGE)
def history(request: Visit, slug: str) -> HttpResponse:
    """All versions, with who, when, and what changed."""
    at = opened(request, slug)
    rows = _published(at)
    # Of a draft that was never published there is none.
    before = [*rows[1:], None][: len(rows)]
    table = [
        (one, differences(former.definition, one.definition) if former else [], former is None)
        for one, former in zip(rows, before, strict=True)
    ]
    facts = {"at": at, "data": at.definition, "table": table}
    return render(request, "guichet/agents/builder/history.html", facts)


@agents_only(MANAGE)
def version(request: Visit, slug: str, number: int) -> HttpResponse:
    """One published version as it was."""
    at = opened(request, slug)
    found = next((one for one in _published(at) if one.number == number), None)
    if found is None:
        raise Http404
    data = found.definition
    facts = {
        "at": at,
        "version": found,
        "data": data,
        "type": say(TYPES[data["type"]]),
        "steps": [
            (
                step["title"],
                in_words(step["when"], data) if "when" in step else "",
                [
                    (
                        one["label"],
                        say(KINDS[one["type"]]),
                        in_words(one.get("when", ""), data),
                        one,
                    )
                    for one in step["fields"]
                ],
            )
            for step in data.get("steps", ())
        ],
    }
    return render(request, "guichet/agents/builder/version.html", facts)


@require_GET
@agents_only(MANAGE)
def export(request: Visit, slug: str) -> HttpResponse:
    """The definition as YAML: the draft, or what is published; `version` names another."""
    at = opened(request, slug)
    data, wanted = at.definition, request.GET.get("version", "")
    if wanted:
        data = next((one.definition for one in _published(at) if str(one.number) == wanted), {})
    if not data:
        raise Http404
    answer = HttpResponse(transport.export(data), content_type="application/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{at.procedure.slug}.yml"'
    return answer
