# SPDX-License-Identifier: GPL-3.0-or-later
"""What a visitor finds: the procedures, and a page about each."""

from __future__ import annotations

import functools
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from guichet.guide.local import audiences
from guichet.guide.opened import opened
from guichet.language import own, worded
from guichet.models import Procedure, Tenant
from guichet.procedures import Definition, make
from guichet.procedures.categories import CATEGORIES
from guichet.procedures.words import say
from guichet.tenancy.theme import style
from guichet.views.visitor import Visit

_NATIONAL = "https://www.service-public.gouv.fr/particuliers/vosdroits/"
_STYLE = Path(__file__).parents[1] / "styles" / "desk.css"
_YEAR = "public, max-age=31536000, immutable"


def offered() -> list[tuple[str, Definition]]:
    """Name and definition of what the tenant offers, in its order."""
    rows = Procedure.objects.select_related("current").filter(offered=True, current__isnull=False)
    found = []
    for row in rows.order_by("position", "slug"):
        assert row.current is not None  # noqa: S101 - the query says so
        found.append((row.slug, make(worded(row.current.definition))))
    return found


def home(request: HttpRequest) -> HttpResponse:
    """All procedures, by category."""
    found = offered()
    groups = [
        (say(title), [one for one in found if one[1].category == key])
        for key, title in CATEGORIES.items()
    ]
    facts = {"groups": [group for group in groups if group[1]]}
    return render(request, "guichet/home.html", facts)


def one_offered(slug: str) -> Procedure:
    """A procedure that is offered, or 404."""
    row = Procedure.objects.select_related("current").filter(slug=slug, offered=True).first()
    if row is None or row.current is None:
        raise Http404
    return row


def procedure(request: Visit, slug: str) -> HttpResponse:
    """What it is, what to have at hand, and where to begin."""
    row = one_offered(slug)
    assert row.current is not None  # noqa: S101 - one_offered says so
    definition = make(worded(row.current.definition))
    if definition.type == "link":
        return redirect(definition.data["url"])
    if definition.type == "sheet" and (here := _here(request.tenant, definition.data["sheet"])):
        return redirect(here[0])
    facts = {
        "slug": slug,
        "definition": definition,
        "data": definition.data,
        "open": request.tenant.open,
        "sheets": national(request.tenant, definition),
    }
    return render(request, "guichet/procedure.html", facts)


def national(tenant: Tenant, definition: Definition) -> list[dict[str, str]]:
    """The sheets of the national guide about a procedure, as links."""
    sheets = [definition.data["sheet"]] if definition.type == "sheet" else []
    sheets += definition.data.get("sheets", [])
    return [_sheet_link(tenant, sheet) for sheet in sheets]


def _here(tenant: Tenant, sheet: str) -> tuple[str, str] | None:
    """Address and title of a sheet on this desk; None where it shows no guide that has it."""
    guide = opened()
    for audience in audiences(tenant, guide) if guide else ():
        page = guide.page(audience, sheet) if guide else None
        if page is not None:
            return reverse("guide-sheet", args=[audience, sheet]), own(page.title)
    return None


def _sheet_link(tenant: Tenant, sheet: str) -> dict[str, str]:
    """A link to a sheet: on this desk where it can be, else to service-public."""
    here = _here(tenant, sheet)
    if here is None:
        text = gettext("Fiche %(name)s sur service-public.gouv.fr") % {"name": sheet}
        return {"name": sheet, "at": _NATIONAL + sheet, "text": text}
    return {"name": sheet, "at": here[0], "text": here[1]}


@functools.cache
def _sheet() -> bytes:
    return _STYLE.read_bytes()


def style_sheet(request: HttpRequest) -> HttpResponse:
    """The one style sheet."""
    del request
    answer = HttpResponse(_sheet(), content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = _YEAR
    return answer


def theme(request: Visit) -> HttpResponse:
    """The colours of the tenant."""
    answer = HttpResponse(style(request.tenant), content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = _YEAR
    return answer


def banner(request: Visit) -> HttpResponse:
    """The picture of the tenant."""
    if not request.tenant.banner:
        raise Http404
    content, media = bytes(request.tenant.banner), request.tenant.banner_type
    answer = HttpResponse(content, content_type=media)
    answer.headers["Cache-Control"] = _YEAR
    return answer
