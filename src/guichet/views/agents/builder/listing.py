# SPDX-License-Identifier: GPL-3.0-or-later
"""The procedures of a desk with their state, and the ways to begin another."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify

from guichet.agents.rights import MANAGE
from guichet.builder import drafts, transport
from guichet.builder.entries import Objection
from guichet.builder.forms import TITLE
from guichet.builder.names import TYPES, said
from guichet.models import Procedure, Version
from guichet.procedures import library, names
from guichet.procedures.words import say
from guichet.views.agents.doors import agents_only
from guichet.views.agents.told import told
from guichet.views.visitor import Visit

_WAYS = ("blank", "library", "copy", "import")
_MOST = 200  # procedures of the interface in one desk


def state(one: Procedure, *, draft: bool) -> str:
    """What citizens see of a procedure, in words."""
    if one.current_id is None:
        return say("Brouillon")
    if not one.offered:
        return say("Suspendue")
    return say("Proposée, brouillon en cours") if draft else say("Proposée")


def _title(one: Procedure, draft: Version | None) -> str:
    shown = draft or one.current
    return str(shown.definition.get("title") or one.slug) if shown else one.slug


@agents_only(MANAGE)
def procedures(request: Visit) -> HttpResponse:
    """The list."""
    rows = Procedure.objects.select_related("current").order_by("position", "slug")
    open_drafts = Version.objects.filter(published_at=None).select_related("author")
    by_procedure = {one.procedure_id: one for one in open_drafts}
    table = [
        (one, _title(one, draft), state(one, draft=draft is not None), draft)
        for one in rows
        for draft in [by_procedure.get(one.pk) if one.origin == drafts.INTERFACE else None]
    ]
    facts = {"table": table, "told": told(request)}
    return render(request, "guichet/agents/builder/list.html", facts)


@agents_only(MANAGE)
def create(request: Visit) -> HttpResponse:
    """Begin a procedure: from nothing, from the library, from another one, from a file."""
    problems: dict[str, str] = {}
    lines: list[str] = []
    post = request.POST
    if request.method == "POST":
        way = post.get("way", "")
        try:
            definition = _definition(request, way)
        except transport.Unreadable as error:
            problems["file"], lines = error.all[0], error.all
        except Objection as error:
            problems[{"blank": "title", "library": "library", "copy": "copy"}.get(way, "way")] = (
                str(error)
            )
        else:
            wanted = slugify(definition["title"])[:56].strip("-") or "demarche"
            if Procedure.objects.filter(origin=drafts.INTERFACE).count() >= _MOST:
                why = say("%(most)d démarches au plus peuvent être créées ici.", most=_MOST)
                problems["way"] = why
            else:
                once = post.get("once", "")[:40]
                siren, agent = request.tenant.siren, request.agent
                made = drafts.create(siren, agent, wanted, definition, once)
                return redirect("builder", made.slug)
    rows = Procedure.objects.select_related("current").order_by("position", "slug")
    facts = {
        "way": post.get("way") or ("copy" if "copie" in request.GET else "blank"),
        "once": uuid.uuid4(),
        "types": said(TYPES).items(),
        "library": [(name, (library(name) or {}).get("title", name)) for name in names()],
        "others": [(one.slug, one.current.definition["title"]) for one in rows if one.current],
        "sent": {key: post.get(key, "") for key in ("title", "type", "library", "copy", "text")},
        "copy": post.get("copy") or request.GET.get("copie", ""),
        "problems": problems,
        "lines": lines,
    }
    status = 422 if problems else 200
    return render(request, "guichet/agents/builder/create.html", facts, status=status)


def _definition(request: Visit, way: str) -> dict[str, Any]:
    post = request.POST
    if way == "blank":
        kind, title = post.get("type", "form"), TITLE.read([post.get("title", "")])
        if kind not in TYPES or not title:
            raise Objection(say("Donnez un titre."))
        return {"type": kind, "title": title, **({"steps": []} if kind == "form" else {})}
    if way == "library":
        found = library(post.get("library", ""))
        if found is None:
            raise Objection(say("Choisissez une démarche de la bibliothèque."))
        return found
    if way == "copy":
        row = Procedure.objects.select_related("current").filter(slug=post.get("copy", "")).first()
        if row is None or row.current is None:
            raise Objection(say("Choisissez une démarche de la liste."))
        # A definition is in French, whatever the language of the page that makes it.
        title = f"{row.current.definition['title'][:190]} (copie)"
        return {**row.current.definition, "title": title}
    if way == "import":
        upload = request.FILES.get("file")
        if upload is not None and (upload.size or 0) > transport.LARGEST:
            raise transport.Unreadable(
                say("Le fichier dépasse %(size)d ko.", size=transport.LARGEST // 1000)
            )
        content = upload.read() if upload else post.get("text", "").encode()
        if not content.strip():
            raise transport.Unreadable(say("Joignez un fichier, ou collez son texte."))
        return transport.load(content)
    raise Objection(say("Choisissez une manière de commencer."))
