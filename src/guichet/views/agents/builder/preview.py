# SPDX-License-Identifier: GPL-3.0-or-later
"""The form as the citizen sees it, step by step; nothing is kept and nothing is filed.

What was answered travels in the page, signed; of a file only its name and size do.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from guichet.agents.rights import MANAGE
from guichet.builder.findings import showable
from guichet.language import worded
from guichet.procedures import Answers, Definition, Step, fill, make, visible_steps
from guichet.procedures.filling import visible_answers, visible_fields
from guichet.procedures.kinds.file import most_files
from guichet.procedures.words import say
from guichet.views.agents.builder.bench import opened, overview
from guichet.views.agents.doors import agents_only
from guichet.views.agents.told import tell
from guichet.views.catalogue import national
from guichet.views.numbers import whole
from guichet.views.shown import Shown, sent_for, show, summary
from guichet.views.visitor import Visit

_SALT = "guichet.preview"
_LASTS = 2 * 3600  # seconds


@agents_only(MANAGE)
def preview(request: Visit, slug: str) -> HttpResponse:
    """The presentation first, then each step as it is posted, then what would be sent."""
    at = opened(request, slug)
    if not at.definition:
        raise Http404
    data = showable(at.definition)
    if data is None:
        tell(
            request,
            say("L’aperçu n’est pas possible tant que les points signalés ne sont pas corrigés."),
        )
        return redirect(overview(at))
    definition = make(worded(data))
    if request.method != "POST" or definition.type != "form":
        sheets = national(request.tenant, definition)
        facts = {
            "at": at,
            "definition": definition,
            "data": worded(at.definition),
            "sheets": sheets,
        }
        return render(request, "guichet/agents/builder/preview.html", facts)
    answers = _so_far(request, slug)
    steps = visible_steps(definition, answers)
    number = whole(request.POST.get("_number", ""), 2)
    if not 1 <= number <= len(steps):
        return _page(request, slug, definition, answers, 1)
    return _next(request, slug, definition, answers, number, steps[number - 1])


def _so_far(request: Visit, slug: str) -> Answers:
    sent = request.POST.get("_so_far", "")
    try:
        found: Any = signing.loads(sent, salt=_SALT + slug, max_age=_LASTS) if sent else {}
    except signing.BadSignature:
        return {}
    return dict(found)


def _next(
    request: Visit,
    slug: str,
    definition: Definition,
    answers: Answers,
    number: int,
    placed: tuple[int, Step],
) -> HttpResponse:
    index, this = placed
    ids = {field.id for step in definition.steps[:index] for field in step.fields}
    kept = visible_answers(definition, answers)
    before = {key: value for key, value in kept.items() if key in ids}
    files: Answers = {}
    for field in this.fields:
        uploads = request.FILES.getlist(field.id)[: most_files(field)]
        if field.type == "file" and uploads:
            files[field.id] = [
                {"id": "", "name": (one.name or "")[:100], "size": one.size} for one in uploads
            ]
        elif field.type == "file" and answers.get(field.id):
            files[field.id] = answers[field.id]
    raw = {name: request.POST.getlist(name) for name in request.POST}
    filled = fill(this, raw, {**before, **files})
    own = {field.id for field in this.fields}
    answers = {key: value for key, value in answers.items() if key not in own}
    answers |= {**files, **filled.answers}
    if "_previous" in request.POST:
        return _page(request, slug, definition, answers, max(1, number - 1))
    shown = set(request.POST.getlist("_shown"))
    asked = visible_fields(this, {**before, **files, **filled.answers})
    revealed = {field.id for field in asked} - shown
    problems = {k: v for k, v in filled.problems.items() if k.partition(".")[0] not in revealed}
    if problems or revealed:
        return _page(request, slug, definition, answers, number, raw, problems)
    if number < len(visible_steps(definition, answers)):
        return _page(request, slug, definition, answers, number + 1)
    return _end(request, slug, definition, answers)


def _page(
    request: Visit,
    slug: str,
    definition: Definition,
    answers: Answers,
    number: int,
    raw: dict[str, list[str]] | None = None,
    problems: dict[str, str] | None = None,
) -> HttpResponse:
    steps = visible_steps(definition, answers)
    if not steps:
        return _end(request, slug, definition, answers)
    number = min(number, len(steps))
    _, this = steps[number - 1]
    if raw is None:
        raw = {}
        for field in this.fields:
            if field.type != "file":
                raw |= sent_for(field, answers.get(field.id))
    fields = [show(field, raw, problems or {}) for field in visible_fields(this, answers)]
    fields = [_with_names(one, answers) for one in fields]
    wrong = [
        (one.id, one.problem, one.part.label or shown.field.label)
        for shown in fields
        for one in shown.inputs
        if one.problem
    ]
    facts = {
        "slug": slug,
        "definition": definition,
        "step": this,
        "number": number,
        "total": len(steps),
        "fields": fields,
        "problems": wrong,
        "so_far": signing.dumps(answers, salt=_SALT + slug, compress=True),
        "multipart": any(field.type == "file" for field in this.fields),
    }
    status = 422 if wrong else 200
    return render(request, "guichet/agents/builder/preview_step.html", facts, status=status)


def _with_names(shown: Shown, answers: Answers) -> Shown:
    if shown.field.type != "file" or not answers.get(shown.field.id):
        return shown
    names = ", ".join(one["name"] for one in answers[shown.field.id])
    chosen = say("Choisi : %(names)s", names=names)
    inputs = tuple(
        dataclasses.replace(
            one, part=dataclasses.replace(one.part, note=f"{one.part.note} {chosen}")
        )
        for one in shown.inputs
    )
    return dataclasses.replace(shown, inputs=inputs)


def _end(request: Visit, slug: str, definition: Definition, answers: Answers) -> HttpResponse:
    kept = visible_answers(definition, answers)
    parts = [
        (one.title, summary(visible_fields(one, kept), kept))
        for _, one in visible_steps(definition, kept)
    ]
    facts = {
        "slug": slug,
        "definition": definition,
        "parts": parts,
        "again": reverse("builder-preview", args=[slug]),
    }
    return render(request, "guichet/agents/builder/preview_end.html", facts)
