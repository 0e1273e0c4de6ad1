# SPDX-License-Identifier: GPL-3.0-or-later
"""When a step or a field is asked for: chosen from lists, or typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from guichet.agents.rights import MANAGE
from guichet.builder import drafts, edit
from guichet.builder.composing import JOINTS, Operand, compose, in_words, join, operands
from guichet.builder.drafts import Bench
from guichet.builder.entries import Objection
from guichet.builder.findings import findings
from guichet.builder.names import said
from guichet.procedures.conditions import LONGEST
from guichet.procedures.kinds.base import line
from guichet.procedures.words import say
from guichet.views.agents.builder.bench import again, gate, overview, save, somebody
from guichet.views.agents.builder.parts import draft_or_overview, there
from guichet.views.agents.doors import agents_only
from guichet.views.visitor import Visit


@agents_only(MANAGE)
def of_field(request: Visit, slug: str, name: str) -> HttpResponse:
    """The condition of a field."""
    at, away = draft_or_overview(request, slug)
    if away:
        return away
    part = there(edit.field, at.definition, name)
    number, _ = edit.find(at.definition, name)
    return _condition(request, at, part, operands(at.definition, number, name), name=name)


@agents_only(MANAGE)
def of_step(request: Visit, slug: str, number: int) -> HttpResponse:
    """The condition of a whole step."""
    at, away = draft_or_overview(request, slug)
    if away:
        return away
    part = there(edit.step, at.definition, number)
    return _condition(request, at, part, operands(at.definition, number), number=number)


def _condition(
    request: Visit,
    at: Bench,
    part: dict[str, Any],
    able: list[Operand],
    name: str = "",
    number: int | None = None,
) -> HttpResponse:
    if name:
        what = say("la question « %(label)s »", label=part["label"])
    else:
        what = say("l’étape « %(title)s »", title=part["title"])
    anchor = f"champ-{name}" if name else f"etape-{(number or 0) + 1}"
    facts: dict[str, Any] = {
        "at": at,
        "data": at.definition,
        "what": what,
        "anchor": anchor,
        "able": able,
        "joints": said(JOINTS).items() if "when" in part else [("replace", "")],
        "when": part.get("when", ""),
        "words": in_words(part["when"], at.definition) if "when" in part else "",
    }
    if request.method != "POST":
        facts["chosen"] = _chosen(able, request.GET.get("champ", ""))
        known = _problem(at, name, number)
        facts["problems"] = {"when": known} if known else {}
        return render(request, "guichet/agents/builder/condition.html", facts)
    passed = gate(request, at)
    if passed == drafts.AGAIN:
        return again(at)
    post = request.POST
    facts |= {
        "chosen": _chosen(able, post.get("operand", "")),
        "sign": post.get("sign", ""),
        "value": post.get("value", ""),
        "joint": post.get("joint", ""),
        "typed": post.get("when"),
    }
    if passed == drafts.STALE:
        facts |= {"stale": somebody(at), "problems": {}}
        return render(request, "guichet/agents/builder/condition.html", facts, status=409)
    problems = _read(at, part, facts, post.get("do", ""), post)
    if not problems:
        wrong = _problem(at, name, number)
        if wrong:
            problems = {"when" if post.get("do") == "typed" else "value": wrong}
    if problems:
        facts["problems"] = problems
        return render(request, "guichet/agents/builder/condition.html", facts, status=422)
    return save(request, at, overview(at, anchor))


def _chosen(able: list[Operand], name: str) -> Operand | None:
    return next((one for one in able if one.name == name), None)


def _read(
    at: Bench, part: dict[str, Any], facts: dict[str, Any], how: str, post: Any
) -> dict[str, str]:
    """Change the condition as asked; what is wrong, by input."""
    del at
    if how == "none":
        part.pop("when", None)
    elif how == "typed":
        text = line({"": [post.get("when", "")]})
        if len(text) > LONGEST:
            return {"when": say("Une condition a %(most)d caractères au plus.", most=LONGEST)}
        if text:
            part["when"] = text
        else:
            part.pop("when", None)
    elif how == "composed":
        if facts["chosen"] is None:
            return {"operand": say("Choisissez une question de la liste.")}
        try:
            made = compose(facts["chosen"], facts["sign"], facts["value"])
        except Objection as error:
            return {"value": str(error)}
        text = join(part.get("when", ""), facts["joint"], made)
        if len(text) > LONGEST:
            told = say("La condition entière dépasse %(most)d caractères.", most=LONGEST)
            return {"value": told}
        part["when"] = text
    else:
        return {"when": say("Cette action n’existe pas.")}
    return {}


def _problem(at: Bench, name: str, number: int | None) -> str:
    """What `check` says of this condition."""
    for one in findings(at.definition):
        if one.key == "when" and (
            one.field == name if name else one.step == number and not one.field
        ):
            return f"{one.text} {one.hint}".strip()
    return ""
