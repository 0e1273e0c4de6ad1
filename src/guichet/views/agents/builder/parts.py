# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms for the parts of a procedure: its facts, its mails, a step, a field, conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from guichet.agents.rights import MANAGE
from guichet.builder import drafts, edit, forms
from guichet.builder.drafts import Bench
from guichet.builder.entries import Entry, read, sent_for
from guichet.builder.findings import Finding, by_key, findings
from guichet.builder.names import KINDS, MAILS, said
from guichet.procedures.kinds import KINDS as OF_KIND
from guichet.procedures.words import say
from guichet.requests.wording import OCCASIONS
from guichet.views.agents.builder.bench import again, form, gate, inputs, opened, overview, save
from guichet.views.agents.builder.overview import must_edit
from guichet.views.agents.doors import agents_only
from guichet.views.agents.told import tell
from guichet.views.numbers import whole
from guichet.views.visitor import Visit


def draft_or_overview(request: Visit, slug: str) -> tuple[Bench, HttpResponse | None]:
    """The draft; or where to go because there is none."""
    at = opened(request, slug)
    if request.method == "POST":
        must_edit(at)
    return at, None if at.editable else redirect(overview(at))


def _edit(
    request: Visit,
    at: Bench,
    entries: Sequence[Entry],
    part: dict[str, Any],
    template: str,
    facts: dict[str, Any],
    mine: Callable[[Finding], bool],
    to: Callable[[], str],
    then: Callable[[], None] = lambda: None,
) -> HttpResponse:
    """Show or read the form of a part, which is changed in place.

    `mine` picks the findings that this form mends; a draft is not kept with one that its own
    form could have mended.
    """
    if request.method != "POST":
        known = by_key(one for one in findings(at.definition) if mine(one))
        drawn = inputs(entries, sent_for(entries, part), known if "voir" in request.GET else {})
        return form(request, at, template, facts, drawn)
    passed = gate(request, at)
    if passed == drafts.AGAIN:
        return again(at)
    found = read(entries, part, dict(request.POST.lists()))
    if passed == drafts.STALE:
        return form(request, at, template, facts, inputs(entries, found.sent, {}), stale=True)
    problems, others = found.problems, []
    if not problems:
        part.clear()
        part.update(found.data)
        try:
            then()
        except edit.Impossible as error:
            others.append(str(error))
        own = [one for one in findings(at.definition) if mine(one)]
        _sort(own, {one.key for one in entries}, problems, others)
    if problems or others:
        drawn = inputs(entries, found.sent, problems)
        return form(request, at, template, facts, drawn, others=others)
    return save(request, at, to())


def _sort(
    found: Sequence[Finding], keys: set[str], problems: dict[str, str], others: list[str]
) -> None:
    """Findings to the inputs that they are about; those of no input of the form to `others`."""
    for one in found:
        if one.code == "no-field" or one.key == "when":
            continue
        text = f"{one.text} {one.hint}".strip()
        if one.key in keys:
            problems[one.key] = text
        else:
            others.append(text)


@agents_only(MANAGE)
def facts(request: Visit, slug: str) -> HttpResponse:
    """Title, service, retention, legal basis and the rest of what is said of a procedure."""
    at, away = draft_or_overview(request, slug)
    if away:
        return away
    entries = forms.facts(at.definition["type"])
    return _edit(
        *(request, at, entries, at.definition, "facts", {"headings": forms.HEADINGS}),
        lambda one: one.part == "facts",
        lambda: overview(at),
    )


@agents_only(MANAGE)
def mails(request: Visit, slug: str) -> HttpResponse:
    """Mails worded otherwise than the desk's own."""
    at, away = draft_or_overview(request, slug)
    if away:
        return away
    if at.definition["type"] != "form":
        raise Http404
    entries = forms.mails()
    facts = {
        "own": [(name, OCCASIONS[key]) for key, name in said(MAILS).items()],
        "headings": {f"mails.{key}.subject": name for key, name in MAILS.items()},
    }
    return _edit(
        *(request, at, entries, at.definition, "mails", facts),
        lambda one: one.part == "mails",
        lambda: overview(at),
    )


@agents_only(MANAGE)
def step(request: Visit, slug: str, number: int) -> HttpResponse:
    """Title and help of a step."""
    at, away = draft_or_overview(request, slug)
    if away:
        return away
    part = there(edit.step, at.definition, number)
    return _edit(
        *(request, at, forms.step(), part, "step", {"number": number + 1, "index": number}),
        lambda one: one.part == "step" and one.step == number,
        lambda: overview(at, f"etape-{number + 1}"),
    )


def there(find: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    """A part of a definition, or 404."""
    try:
        return find(*args)
    except edit.Impossible:
        raise Http404 from None


@agents_only(MANAGE)
def field(request: Visit, slug: str, name: str) -> HttpResponse:
    """Everything of a field but its condition; `do=kind` makes it one of another kind."""
    at, away = draft_or_overview(request, slug)
    if away:
        return away
    part = there(edit.field, at.definition, name)
    if request.method == "POST" and request.POST.get("do") == "kind":
        return _kind(request, at, name)
    number, _ = edit.find(at.definition, name)
    entries = forms.field(part)
    facts = {
        "field": {**part},
        "name": name,
        "kind": say(KINDS[part["type"]]),
        "kind_help": OF_KIND[part["type"]].__doc__,
        "kinds": said(KINDS).items(),
        "steps": [(place, one["title"]) for place, one in enumerate(edit.steps(at.definition))],
        "index": number,
    }

    def then() -> None:
        new = part["id"]
        part["id"] = name
        edit.rename(at.definition, name, new)
        wanted = whole(request.POST.get("step", ""), 3, instead=number)
        if wanted != number:
            edit.to_step(at.definition, new, wanted)

    return _edit(
        *(request, at, entries, part, "field", facts),
        lambda one: one.part == "field" and one.field == part["id"],
        lambda: overview(at, f"champ-{part['id']}"),
        then,
    )


def _kind(request: Visit, at: Bench, name: str) -> HttpResponse:
    passed = gate(request, at)
    if passed == drafts.AGAIN:
        return again(at)
    to = reverse("builder-field", args=[at.procedure.slug, name])
    if passed == drafts.STALE:
        why = say("Le brouillon a changé entre-temps ; le type de la question est resté le même.")
        tell(request, why)
        return redirect(overview(at, f"champ-{name}"))
    try:
        edit.change_kind(at.definition, name, request.POST.get("kind", ""))
    except edit.Impossible as error:
        tell(request, str(error))
        return redirect(overview(at, f"champ-{name}"))
    return save(request, at, to)
