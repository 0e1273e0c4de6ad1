# SPDX-License-Identifier: GPL-3.0-or-later
"""Filling a form in, step by step, without a script: each step is a page and a post."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from guichet.files import Unacceptable, take
from guichet.language import worded
from guichet.models import Draft, File
from guichet.procedures import Answers, Definition, Field, Step, fill, make, visible_steps
from guichet.procedures.filling import visible_answers, visible_fields
from guichet.procedures.kinds.file import accepted, megabytes, most_files, most_of
from guichet.rates import BEGIN, NAMED, WRITE, exceeded, origin, too_much
from guichet.requests import links
from guichet.requests.filing import file_request
from guichet.requests.wording import mentions
from guichet.views.catalogue import one_offered
from guichet.views.errors import too_often
from guichet.views.shown import Shown, sent_for, show, summary
from guichet.views.visitor import Visit

# A field that people do not see and programs fill in.
HONEYPOT = "website"


@require_POST
def begin(request: Visit, slug: str) -> HttpResponse:
    """Begin a draft of the current version."""
    row = one_offered(slug)
    if not request.tenant.open:
        raise Http404
    if exceeded(BEGIN, origin(request)):
        return too_often(request)
    assert row.current is not None  # noqa: S101 - one_offered says so
    if row.current.definition["type"] != "form":
        raise Http404
    draft = Draft.objects.create(tenant=request.tenant, key=uuid.uuid4(), version=row.current)
    mine = [*request.session.get("drafts", []), str(draft.key)]
    request.session["drafts"] = mine[-20:]
    return redirect("step", draft.key, 1)


def _mine(request: Visit, key: uuid.UUID) -> Draft:
    """The draft `key` of this session, or 404: an address alone opens nobody's draft."""
    draft = Draft.objects.select_related("version").filter(key=key).first()
    if draft is None or str(key) not in request.session.get("drafts", []):
        raise Http404
    return draft


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """Which step of which draft a page asks for: `number` of `total`, from 1."""

    draft: Draft
    definition: Definition
    step: Step
    number: int
    total: int


def step(request: Visit, key: uuid.UUID, number: int) -> HttpResponse:
    """Show a step, or read one that was sent.  `number` counts what is asked for, from 1."""
    draft = _mine(request, key)
    if draft.request_id:
        return redirect("sent", key)
    definition = make(worded(draft.version.definition))
    steps = visible_steps(definition, draft.answers)
    if not 1 <= number <= min(len(steps), draft.reached + 1):
        return redirect("step", key, 1)
    index, this = steps[number - 1]
    before = _before(definition, index, draft.answers)
    if request.method == "POST":
        if exceeded(WRITE, origin(request)) or too_much(request):
            return too_often(request)
        return _read(request, draft, definition, this, number, before)
    fields = [field for field in this.fields if field.type != "file"]
    raw = {k: v for one in fields for k, v in sent_for(one, draft.answers.get(one.id)).items()}
    asked = _Asked(draft, definition, this, number, len(steps))
    return _page(request, asked, raw, {}, draft.answers)


def _before(definition: Definition, index: int, answers: Answers) -> Answers:
    ids = {field.id for step in definition.steps[:index] for field in step.fields}
    kept = visible_answers(definition, answers)
    return {key: value for key, value in kept.items() if key in ids}


def _read(
    request: Visit,
    draft: Draft,
    definition: Definition,
    this: Step,
    number: int,
    before: Answers,
) -> HttpResponse:
    post = request.POST
    removed = post.get("_remove", "")
    problems = _take_files(request, draft, this, removed)
    files = {
        f.id: draft.answers[f.id]
        for f in this.fields
        if draft.answers.get(f.id) and f.type == "file"
    }
    raw = {name: post.getlist(name) for name in post}
    filled = fill(this, raw, {**before, **files})
    problems = {**filled.problems, **problems}
    asked = {field.id for field in visible_fields(this, {**before, **filled.answers})}
    revealed = _unseen(post, this, asked)
    for field in this.fields:
        draft.answers.pop(field.id, None)
    draft.answers |= filled.answers
    back = "_previous" in post
    stay = bool(problems or removed or revealed) and not back
    if not stay and not back:
        draft.reached = max(draft.reached, number)
    draft.save(update_fields=["answers", "reached"])
    if back:
        return redirect("step", draft.key, max(1, number - 1))
    steps = visible_steps(definition, draft.answers)
    if stay:
        shown = {} if removed or (revealed and not problems) else problems
        if revealed:
            # What only now is asked for was not left out by anybody.
            shown = {k: v for k, v in shown.items() if k.partition(".")[0] not in revealed}
        current = {**before, **files, **filled.answers}
        asked_for = _Asked(draft, definition, this, number, len(steps))
        return _page(request, asked_for, raw, shown, current)
    if number < len(steps):
        return redirect("step", draft.key, number + 1)
    return redirect("review", draft.key)


def _unseen(post: QueryDict, this: Step, asked: set[str]) -> set[str]:
    """Fields that the answers of this very post ask for, and that its page did not show."""
    if "_shown" not in post:
        return set()
    seen = set(post.getlist("_shown"))
    return {field.id for field in this.fields if field.id in asked and field.id not in seen}


def _take_files(request: Visit, draft: Draft, this: Step, removed: str) -> dict[str, str]:
    """Take in what was sent and remove what shall go; what is wrong, by field."""
    problems = {}
    for field in this.fields:
        if field.type != "file":
            continue
        kept = [one for one in draft.answers.get(field.id, []) if one["id"] != removed]
        if len(kept) != len(draft.answers.get(field.id, [])):
            File.objects.filter(draft=draft, key=removed).delete()
        for upload in request.FILES.getlist(field.id):
            if len(kept) >= most_files(field):
                problems[field.id] = most_of(most_files(field))
                break
            try:
                _, facts = take(
                    upload,
                    accepted(field),
                    megabytes(field),
                    tenant_id=draft.tenant_id,
                    draft=draft,
                    field=field.id,
                )
            except Unacceptable as error:
                problems[field.id] = str(error)
            else:
                kept.append(facts)
        if kept:
            draft.answers[field.id] = kept
        else:
            draft.answers.pop(field.id, None)
    return problems


def _page(
    request: Visit,
    asked: _Asked,
    raw: dict[str, list[str]],
    problems: dict[str, str],
    answers: Answers,
) -> HttpResponse:
    fields = [
        _shown(field, raw, problems, answers) for field in visible_fields(asked.step, answers)
    ]
    wrong = [
        (
            one.id,
            one.problem,
            f"{shown.field.label} – {one.part.label}"
            if shown.grouped and one.part.name
            else shown.field.label,
        )
        for shown in fields
        for one in shown.inputs
        if one.problem
    ]
    facts = {
        "draft": asked.draft,
        "definition": asked.definition,
        "step": asked.step,
        "number": asked.number,
        "total": asked.total,
        "fields": fields,
        "problems": wrong,
        "multipart": any(field.type == "file" for field in asked.step.fields),
    }
    return render(request, "guichet/step.html", facts, status=200 if not wrong else 422)


def _shown(
    field: Field, raw: dict[str, list[str]], problems: dict[str, str], answers: dict[str, Any]
) -> Shown:
    shown = show(field, raw, problems)
    if field.type == "file":
        return dataclasses.replace(shown, files=answers.get(field.id, []))
    return shown


def review(request: Visit, key: uuid.UUID) -> HttpResponse:
    """Everything that will be sent, with a way back to each step; a post sends it."""
    draft = _mine(request, key)
    if draft.request_id:
        return redirect("sent", key)
    definition = make(worded(draft.version.definition))
    steps = visible_steps(definition, draft.answers)
    lacking = _first_lacking(definition, steps, draft)
    if lacking:
        return redirect("step", key, lacking)
    if request.method == "POST":
        if request.POST.get(HONEYPOT):
            return redirect("home")
        if not request.tenant.open:
            raise Http404
        if exceeded(NAMED, str(draft.answers.get(definition.contact, "")).lower()):
            return too_often(request)
        file_request(draft)
        return redirect("sent", key)
    answers = visible_answers(definition, draft.answers)
    parts = [
        (number, one.title, summary(visible_fields(one, answers), answers))
        for number, (_, one) in enumerate(steps, start=1)
    ]
    facts = {"draft": draft, "definition": definition, "parts": parts, "honeypot": HONEYPOT}
    return render(request, "guichet/review.html", facts)


def _first_lacking(
    definition: Definition, steps: list[tuple[int, Step]], draft: Draft
) -> int | None:
    """The first step that has to be filled in before anything is sent, counted from 1."""
    for number, (index, one) in enumerate(steps, start=1):
        before = _before(definition, index, draft.answers)
        own = {field.id for field in one.fields}
        raw: dict[str, list[str]] = {}
        for field in one.fields:
            if field.type != "file":
                raw |= sent_for(field, draft.answers.get(field.id))
        files = {k: v for k, v in draft.answers.items() if k in own}
        if fill(one, raw, {**before, **files}).problems:
            return number
    return None


def sent(request: Visit, key: uuid.UUID) -> HttpResponse:
    """The number, and what happens next; also for who sends a form a second time."""
    draft = _mine(request, key)
    filed = draft.request
    if filed is None:
        return redirect("step", key, 1)
    definition = worded(draft.version.definition)
    facts = {
        "filed": filed,
        "title": definition["title"],
        "mentions": mentions(filed, request.tenant.name),
        "receipt": reverse("receipt", args=[links.token(filed.tenant_id, filed.link_nonce)]),
    }
    return render(request, "guichet/sent.html", facts)
