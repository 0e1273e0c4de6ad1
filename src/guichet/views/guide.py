# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the national guide, on the desk and within the collectivity's own site.

None of them touches the session, so that no cookie is ever set and any cache may keep them; each
is asked again with its tag, and answered 304 before anything is rendered.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from comarquage import Guide, Page, fill, fill_links
from guichet.guide.frame import Manner, manner_of
from guichet.guide.local import audiences, local_for, said_of, version
from guichet.guide.opened import name_of, opened
from guichet.views.visitor import Visit

LONGEST = 200  # characters of a question
NEWS_DAYS = 7
PORTAL = "service-public.gouv.fr"  # where the guide is read while it is not here
_SOME = 40  # sheets of a search, by audience
_FORMER = re.compile(r"([A-Za-z][A-Za-z0-9]{0,40})(?:\.xml)?\Z")
_SHEET = re.compile(r"[FNR][0-9]+\Z")
_RETRY = 3600  # seconds until one may look again for a guide that is not there yet


@dataclass(frozen=True, slots=True)
class Reading:
    """A request for a page of the guide, the guide being there and shown by the tenant."""

    request: Visit
    guide: Guide
    audiences: tuple[str, ...]
    manner: Manner

    def audience(self, name: str) -> str:
        """An audience that the tenant shows.  Raises Http404."""
        if name not in self.audiences:
            raise Http404
        return name

    def shown(self, template: str, status: int = 200, **facts: Any) -> HttpResponse:
        """A page; what all of them need is added."""
        known = {
            "base": self.manner.template,
            "framed": self.manner.framed,
            "search_at": self.manner.at("-search"),
            "news_at": self.manner.at("-news"),
            "home_at": self.manner.at(""),
            "audiences": self.named(),
            "sources": [(name_of(one), self.guide.sources[one]) for one in self.audiences],
            "question": "",
        }
        facts = {**known, **facts}
        return render(self.request, f"guichet/guide/{template}", facts, status=status)

    def named(self) -> list[dict[str, str]]:
        """The audiences with their names and addresses."""
        at = self.manner.at
        return [
            {"id": one, "name": name_of(one), "at": at("-audience", one),
             "glossary_at": at("-glossary", one)}
            for one in self.audiences
        ]  # fmt: skip


View = Callable[..., HttpResponse]


def _page(view: Callable[..., HttpResponse]) -> View:
    """For a tenant that shows the guide; with tag and headers, and 304 to who has it already."""

    @require_safe
    def served(request: Visit, *args: str, framed: bool = False, **kwargs: str) -> HttpResponse:
        manner = manner_of(request.tenant, framed=framed)
        if not said_of(request.tenant) or manner is None:
            raise Http404
        guide = opened()
        if guide is None:
            facts = {"base": manner.template, "portal": PORTAL}
            response = render(request, "guichet/guide/away.html", facts, status=503)
            response.headers["Retry-After"] = str(_RETRY)
            return _framed(response, manner)
        reading = Reading(request, guide, audiences(request.tenant, guide), manner)
        tag = _tag(request, guide)
        known = get_conditional_response(request, etag=tag)
        if known is not None:
            return _kept(known, manner, tag)
        try:
            response = view(reading, *args, **kwargs)
        except Http404:
            response = reading.shown("missing.html", 404)
        if response.status_code == HTTPStatus.OK:
            return _kept(response, manner, tag)
        return _framed(response, manner)

    served.__name__, served.__doc__ = view.__name__, view.__doc__
    return served


def _tag(request: Visit, guide: Guide) -> str:
    asked = f"{version(request.tenant, guide)} {timezone.localdate()} {request.get_full_path()}"
    return f'"{hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def _kept(response: HttpResponse, manner: Manner, tag: str) -> HttpResponse:
    """To be kept by anybody, and asked about each time: a switch of the release shows at once."""
    response.for_everybody = True  # type: ignore[attr-defined]
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "public, no-cache"
    return _framed(response, manner)


def _framed(response: HttpResponse, manner: Manner) -> HttpResponse:
    response.framed_by = manner.origin  # type: ignore[attr-defined]
    return response


@_page
def home(reading: Reading) -> HttpResponse:
    """The entrance: search, audiences with their themes; old plugins' ``?xml=F1427`` led on."""
    former = reading.request.GET.get("xml")
    if former is not None:
        found = _FORMER.match(former)
        if found is None:
            raise Http404
        return _sheet_or_move(reading, None, found[1])
    trees = [{**one, "themes": reading.guide.tree(one["id"])} for one in reading.named()]
    return reading.shown("home.html", trees=trees, base_at=reading.manner.base)


@_page
def audience(reading: Reading, audience: str) -> HttpResponse:
    """Themes of an audience, with sub-themes and dossiers."""
    one = reading.audience(audience)
    facts: dict[str, Any] = {
        "audience": next(named for named in reading.named() if named["id"] == one),
        "themes": reading.guide.tree(one),
        "base_at": reading.manner.base,
    }
    return reading.shown("audience.html", **facts)


@_page
def sheet(reading: Reading, audience: str, identifier: str) -> HttpResponse:
    """A sheet, dossier, theme, form or online service, filled for the tenant."""
    asked = reading.request.GET
    page = None
    if audience in reading.audiences:
        answers, path = asked.get("r", ""), asked.get("c", "")
        page = reading.guide.page(audience, identifier, answers=answers, path=path)
    if page is None:
        return _sheet_or_move(reading, audience, identifier)
    local = local_for(reading.request.tenant, reading.guide, reading.manner.base)
    facts: dict[str, Any] = {
        "page": page,
        "body": mark_safe(reading.manner.led_out(fill(page, local))),  # noqa: S308 - fill escapes
        # The whole page is the one to be found.
        "partial": "r" in asked or "c" in asked,
    }
    return reading.shown("sheet.html", **facts)


def _sheet_or_move(reading: Reading, audience: str | None, identifier: str) -> HttpResponse:
    """Where an identifier leads that is no page of `audience`.  Raises Http404 for nowhere."""
    guide = reading.guide
    for one in guide.audiences:
        page = guide.page(one, identifier)
        if page is not None and one != audience:
            return _on(reading, page)
    target = guide.redirected(identifier, audience if audience in guide.audiences else None)
    if isinstance(target, tuple):
        there = guide.page(*target)
        if there is not None:
            return _on(reading, there)
    elif target and target.startswith(("https://", "http://")):
        return redirect(target)
    raise Http404


def _on(reading: Reading, page: Page) -> HttpResponse:
    """Lead to a sheet; to service-public where the tenant does not show its audience."""
    if page.audience not in reading.audiences:
        return redirect(page.canonical)  # for now: the tenant may come to show it
    return HttpResponsePermanentRedirect(reading.manner.at("-sheet", page.audience, page.id))


@_page
def search(reading: Reading) -> HttpResponse:
    """What answers a question, best first, for each audience."""
    question = " ".join(reading.request.GET.get("q", "").split())[:LONGEST]
    found = [
        {"name": name_of(one), "hits": [
            {"at": reading.manner.at("-sheet", one, hit.id), "hit": hit}
            for hit in reading.guide.search(one, question, _SOME)
        ]}
        for one in reading.audiences
    ]  # fmt: skip
    total = sum(len(one["hits"]) for one in found)
    return reading.shown("search.html", question=question, found=found, total=total)


@_page
def news(reading: Reading) -> HttpResponse:
    """What changed in the last seven days."""
    since = timezone.localdate() - dt.timedelta(days=NEWS_DAYS)
    groups = []
    for one in reading.audiences:
        rows = [
            {"change": change, "at": reading.manner.at("-sheet", one, change.id)}
            for change in reading.guide.changes(one, since)
            if _SHEET.match(change.id)  # indexes have nothing for readers
        ]
        groups.append({"name": name_of(one), "rows": rows})
    return reading.shown("news.html", groups=groups, since=since)


@_page
def glossary(reading: Reading, audience: str) -> HttpResponse:
    """Terms and abbreviations, from A to Z."""
    one = reading.audience(audience)
    letters: dict[str, list[dict[str, str]]] = {}
    for term in reading.guide.glossary(one):
        text = reading.manner.led_out(fill_links(term.html, reading.manner.base))
        shown = {"id": term.id, "title": term.title, "html": mark_safe(text)}  # noqa: S308 - of the release
        letters.setdefault(term.letter, []).append(shown)
    named = next(found for found in reading.named() if found["id"] == one)
    return reading.shown("glossary.html", audience=named, letters=letters)
