# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages of the builder share: finding a procedure, holding an edition, drawing entries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from guichet.builder import drafts
from guichet.builder.drafts import Bench
from guichet.builder.entries import Entry
from guichet.procedures.kinds import Part
from guichet.procedures.words import say
from guichet.views.agents.told import tell
from guichet.views.shown import Input
from guichet.views.visitor import Visit


def opened(request: Visit, slug: str) -> Bench:
    """The procedure of a name, or 404; held by a post until it is done."""
    found = drafts.bench(slug, lock=request.method == "POST")
    if found is None:
        raise Http404
    return found


def stamp(request: Visit) -> str:
    """Digest of what was posted, and of where and by whom."""
    sent = {key: request.POST.getlist(key) for key in request.POST if key != "csrfmiddlewaretoken"}
    facts = [request.path, request.agent.pk, sent]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def gate(request: Visit, at: Bench) -> str:
    """`drafts.gate` for a post."""
    return drafts.gate(at, request.POST.get("edition", ""), stamp(request))


def save(
    request: Visit, at: Bench, to: str, *, removed: list[dict[str, Any]] | None = None
) -> HttpResponse:
    """Keep what the bench has come to, and go on to `to`."""
    if drafts.too_large(at):
        why = say("Rien n’a été enregistré : la définition dépasserait un million de signes.")
        tell(request, why)
        return redirect(overview(at))
    drafts.save(at, request.agent, stamp(request), to, removed=removed)
    return redirect(to)


def again(at: Bench) -> HttpResponse:
    """Where the same post led the first time."""
    work = at.draft.work if at.draft else {}
    return redirect(work.get("to") or reverse("procedures"))


def somebody(at: Bench) -> str:
    """Who changed the draft last, as words for who comes second."""
    author = at.draft.author if at.draft else None
    return say(
        "Le brouillon a changé depuis l’ouverture de cette page (dernière modification : %(who)s).",
        who=str(author) if author else say("un autre agent"),
    )


def overview(at: Bench, anchor: str = "") -> str:
    """The address of a procedure's page, at a place of it."""
    return reverse("builder", args=[at.procedure.slug]) + (f"#{anchor}" if anchor else "")


def inputs(
    entries: Sequence[Entry],
    sent: Mapping[str, Sequence[str]],
    problems: Mapping[str, str],
) -> list[Input]:
    """The entries as `input.html` draws them."""
    made = []
    for one in entries:
        place = "e-" + one.key.replace(".", "-")
        problem = problems.get(one.key, "")
        described = [f"{place}-help"] if one.help else []
        described += [f"{place}-problem"] if problem else []
        part = Part(
            one.key,
            one.label,
            one.widget,
            "",
            one.required,
            one.help,
            one.choices,
            {"maxlength": str(one.most), **one.attributes}
            if one.widget == "text" and "inputmode" not in one.attributes
            else one.attributes,
        )
        values = tuple(sent.get(one.key, ()))
        made.append(Input(part, one.key, place, values, problem, " ".join(described)))
    return made


def form(
    request: Visit,
    at: Bench,
    template: str,
    facts: Mapping[str, Any],
    drawn: Sequence[Input],
    *,
    stale: bool = False,
    others: Sequence[str] = (),
) -> HttpResponse:
    """A page with a form: what was sent is in it, whatever was wrong."""
    wrong = [(one.id, one.problem, one.part.label) for one in drawn if one.problem]
    more = {
        "at": at,
        "data": at.definition,
        "inputs": drawn,
        "groups": _grouped(drawn, facts.get("headings", {})),
        "problems": wrong,
        "others": others,
        "stale": somebody(at) if stale else "",
        **facts,
    }
    status = 409 if stale else 422 if wrong or others else 200
    return render(request, f"guichet/agents/builder/{template}.html", more, status=status)


def _grouped(drawn: Sequence[Input], headings: Mapping[str, str]) -> list[tuple[str, list[Input]]]:
    """The inputs below their headings; `headings` names the input that each stands before."""
    groups: list[tuple[str, list[Input]]] = [("", [])]
    for one in drawn:
        if one.name in headings:
            groups.append((say(headings[one.name]), []))
        groups[-1][1].append(one)
    return [group for group in groups if group[1]]
