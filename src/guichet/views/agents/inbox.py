# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests of a town hall: found by state, procedure, agent, age and words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from guichet.agents.rights import ACT, READ, READER, may, published, requests
from guichet.language import own, show_day, worded
from guichet.models import Agent, Request
from guichet.procedures import make
from guichet.procedures.kinds import KINDS
from guichet.requests import acting
from guichet.requests.receipt import listing
from guichet.requests.states import OPEN, STATES, name_of
from guichet.views.agents.doors import agents_only
from guichet.views.agents.spreadsheet import spreadsheet
from guichet.views.agents.told import tell, told
from guichet.views.follow import pdf
from guichet.views.numbers import whole
from guichet.views.visitor import Visit

_PAGE = 50
_MOST_ROWS, _MOST_PRINTED = 20_000, 1_000
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """What the inbox shows; fields are as in the address, cleaned."""

    state: str = "open"
    procedure: str = ""
    assigned: str = ""
    older: int = 0
    words: str = ""

    @classmethod
    def of(cls, sent: QueryDict) -> Filter:
        """A filter of whatever an address says; nonsense filters nothing."""
        state = sent.get("state", "open")
        return cls(
            state=state if state in (*STATES, "open", "all") else "open",
            procedure=sent.get("procedure", "")[:60],
            assigned=sent.get("assigned", "")[:20],
            older=whole(sent.get("older", ""), 4),
            words=" ".join(sent.get("words", "").replace("\0", "").split())[:_LONGEST],
        )

    def rows(self, agent: Agent) -> QuerySet[Request, Any]:
        """The requests, the oldest first."""
        rows = requests(agent).select_related("assigned", "version", "procedure")
        if self.state == "open":
            rows = rows.filter(state__in=OPEN)
        elif self.state != "all":
            rows = rows.filter(state=self.state)
        if self.procedure:
            rows = rows.filter(procedure__slug=self.procedure)
        if self.assigned == "me":
            rows = rows.filter(assigned=agent)
        elif self.assigned == "nobody":
            rows = rows.filter(assigned=None)
        elif self.assigned.isascii() and self.assigned.isdigit():
            rows = rows.filter(assigned=int(self.assigned))
        if self.older:
            rows = rows.filter(filed_at__lte=timezone.now() - dt.timedelta(days=self.older))
        for word in self.words.split():
            found = Q(search__icontains=word) | Q(number__contains=word)
            rows = rows.filter(found | Q(email__icontains=word))
        return rows.order_by("filed_at", "pk")


def _title(definition: str) -> KeyTextTransform:
    return KeyTextTransform("title", definition)


@agents_only(READ)
def inbox(request: Visit) -> HttpResponse:
    """The list."""
    chosen = Filter.of(request.GET)
    # Of definitions the title alone, which PostgreSQL takes out: fifty of them are a megabyte.
    rows = chosen.rows(request.agent).select_related(None).select_related("assigned")
    rows = rows.annotate(title=_title("version__definition")).only(
        *("number", "state", "filed_at", "assigned__email", "assigned__name")
    )
    offered = published(request.agent).annotate(title=_title("current__definition"))
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    sent = request.GET.copy()
    sent.pop("page", None)
    facts = {
        "page": page,
        "rows": [(one, own(one.title), (now - one.filed_at).days) for one in page],
        "filter": chosen,
        "states": [
            ("open", _("En cours")),
            ("all", _("Toutes")),
            *((state, name_of(state)) for state in STATES),
        ],
        "procedures": offered.select_related(None).only("slug"),
        "can_act": may(request.agent.role, ACT),
        "colleagues": Agent.objects.filter(active=True)
        .exclude(role=READER)
        .only("email", "name")
        .order_by("email"),
        "query": sent.urlencode(),
        "told": told(request),
    }
    return render(request, "guichet/agents/inbox.html", facts)


@agents_only(READ)
def export(request: Visit) -> HttpResponse:
    """The list as CSV, with the answers when it is of one procedure."""
    chosen = Filter.of(request.GET)
    rows = list(chosen.rows(request.agent)[:_MOST_ROWS])
    labels = _labels(rows) if chosen.procedure else {}
    heads = (
        *(_("Numéro"), _("Démarche"), _("État"), _("Déposée le"), _("Close le"), _("Agent")),
        _("Courriel"),
    )
    cells = [_cells(one, labels) for one in rows]
    return spreadsheet("demandes", [*heads, *labels.values()], cells)


@agents_only(READ)
def print_out(request: Visit) -> HttpResponse:
    """The list as PDF, without answers."""
    chosen = Filter.of(request.GET)
    rows = list(chosen.rows(request.agent)[: _MOST_PRINTED + 1])
    lines = [
        (
            one.number,
            own(one.version.definition["title"]),
            name_of(one.state),
            show_day(timezone.localtime(one.filed_at)),
            str(one.assigned or "–"),
        )
        for one in rows[:_MOST_PRINTED]
    ]
    cut = (
        _("Les %(number)d premières seulement.") % {"number": _MOST_PRINTED}
        if len(rows) > _MOST_PRINTED
        else ""
    )
    paper = listing(request.tenant, lines, cut)
    return pdf(paper, f"demandes-{timezone.localdate():%Y-%m-%d}.pdf")


@require_POST
@agents_only(ACT)
def assign(request: Visit) -> HttpResponse:
    """Several requests of the list to one agent, or to nobody."""
    post = request.POST
    to = None
    if chosen := post.get("agent", ""):
        known = chosen.isascii() and chosen.isdigit()
        to = Agent.objects.filter(pk=int(chosen[:15]), active=True).first() if known else None
        if to is None or not may(to.role, ACT):
            raise PermissionDenied
    numbers = post.getlist("number")[:_PAGE]
    rows = requests(request.agent).filter(number__in=numbers).exclude(assigned=to)
    able = rows if to is None else rows.filter(pk__in=requests(to).values("pk"))
    found = list(able)
    for one in found:
        acting.assign(one, to, request.agent)
    left = rows.count() if to is not None else 0
    counted = {"number": len(found), "agent": to or _("personne")}
    text = (
        ngettext(
            "%(number)d demande attribuée à %(agent)s.",
            "%(number)d demandes attribuées à %(agent)s.",
            len(found),
        )
        % counted
    )
    if left:
        more = ngettext(
            "%(number)d autre : cet agent n’est pas chargé de sa démarche.",
            "%(number)d autres : cet agent n’est pas chargé de leur démarche.",
            left,
        )
        text = f"{text} {more % {'number': left}}"
    tell(request, text)
    query = QueryDict(post.get("query", "")[:1000]).urlencode()
    return redirect(reverse("inbox") + (f"?{query}" if query else ""))


def _labels(rows: list[Request]) -> dict[str, str]:
    """Columns of answers: the fields of all versions that there are, by id."""
    found: dict[str, str] = {}
    for one in sorted({row.version for row in rows}, key=lambda version: -version.number):
        for field in make(worded(one.definition)).fields():
            if field.type != "information":
                found.setdefault(field.id, field.label)
    return found


def _cells(one: Request, labels: dict[str, str]) -> list[str]:
    definition = make(worded(one.version.definition))
    fields = {field.id: field for field in definition.fields()}
    cells = [
        one.number,
        definition.title,
        name_of(one.state),
        _day(one.filed_at),
        _day(one.closed_at),
        one.assigned.email if one.assigned else "",
        one.email,
    ]
    for key in labels:
        field = fields.get(key)
        known = field is not None and key in one.answers
        lines = KINDS[field.type].lines(field, one.answers[key]) if known and field else []
        cells.append("\n".join(lines))
    return cells


def _day(moment: dt.datetime | None) -> str:
    # Translators: a format of Django's `date`, for spreadsheets.
    form = _("d/m/Y H:i")
    return formats.date_format(timezone.localtime(moment), form) if moment else ""
