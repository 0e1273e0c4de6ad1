# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests of a town hall: found by state, procedure, agent, age and words."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from guichet.agents.rights import READ, procedures, requests
from guichet.language import own, worded
from guichet.models import Agent, Request
from guichet.procedures import make
from guichet.procedures.kinds import KINDS
from guichet.requests.states import OPEN, STATES, name_of
from guichet.views.agents.doors import agents_only
from guichet.views.visitor import Visit

_PAGE = 50
_MOST_ROWS = 20_000
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
        older = sent.get("older", "")
        return cls(
            state=state if state in (*STATES, "open", "all") else "open",
            procedure=sent.get("procedure", "")[:60],
            assigned=sent.get("assigned", "")[:20],
            older=int(older) if older.isascii() and older.isdigit() and len(older) < 5 else 0,  # noqa: PLR2004
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


@agents_only(READ)
def inbox(request: Visit) -> HttpResponse:
    """The list."""
    chosen = Filter.of(request.GET)
    rows = chosen.rows(request.agent).only(
        *("number", "state", "filed_at", "email", "assigned__email", "assigned__name"),
        *("version__definition", "procedure__slug"),
    )
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    sent = request.GET.copy()
    sent.pop("page", None)
    facts = {
        "page": page,
        "rows": [
            (one, own(one.version.definition["title"]), (now - one.filed_at).days) for one in page
        ],
        "filter": chosen,
        "states": [
            ("open", _("En cours")),
            ("all", _("Toutes")),
            *((state, name_of(state)) for state in STATES),
        ],
        "procedures": procedures(request.agent).select_related("current"),
        "colleagues": Agent.objects.filter(active=True).order_by("email"),
        "query": sent.urlencode(),
    }
    return render(request, "guichet/agents/inbox.html", facts)


@agents_only(READ)
def export(request: Visit) -> HttpResponse:
    """The list as CSV, with the answers when it is of one procedure."""
    chosen = Filter.of(request.GET)
    rows = list(chosen.rows(request.agent)[:_MOST_ROWS])
    labels = _labels(rows) if chosen.procedure else {}
    text = io.StringIO()
    # Excel tells UTF-8 by the mark, and takes a semicolon where the comma is for decimals.
    text.write("\ufeff")
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    heads = (
        *(_("Numéro"), _("Démarche"), _("État"), _("Déposée le"), _("Close le"), _("Agent")),
        _("Courriel"),
    )
    writer.writerow([safe(head) for head in (*heads, *labels.values())])
    for one in rows:
        writer.writerow([safe(cell) for cell in _cells(one, labels)])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"demandes-{timezone.localdate():%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


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
    return f"{timezone.localtime(moment):%d/%m/%Y %H:%M}" if moment else ""


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else cell
