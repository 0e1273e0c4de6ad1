# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers for each procedure, on a page and as CSV."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Avg, Case, Count, F, OuterRef, Q, Subquery, TextField, When
from django.db.models.fields.json import KT
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from guichet.agents.rights import READ, published, requests
from guichet.language import own
from guichet.models import Event
from guichet.procedures.words import decimal, mark, say
from guichet.requests.states import ACCEPTED, CLOSED, FORWARDED, OPEN, REFUSED, WAITING
from guichet.views.agents.doors import agents_only
from guichet.views.agents.spreadsheet import spreadsheet
from guichet.views.visitor import Visit

PERIODS = {
    "30": mark("30 derniers jours"),
    "90": mark("90 derniers jours"),
    "365": mark("Un an"),
    "": mark("Depuis le début"),
}
COLUMNS = {
    "all": mark("Déposées"),
    "open": mark("En cours"),
    "waiting": mark("Dont en attente de l’usager"),
    "nobody": mark("Dont sans agent"),
    "accepted": mark("Acceptées"),
    "refused": mark("Refusées"),
    "forwarded": mark("Transmises"),
    "closed": mark("Closes"),
    "takes": mark("Jours jusqu’à la clôture, en moyenne"),
}


@agents_only(READ)
def statistics(request: Visit) -> HttpResponse:
    """Of the requests filed in a period, for each procedure that the agent sees."""
    period = request.GET.get("periode", "")
    period = period if period in PERIODS else ""
    table = _table(request, period)
    columns = [say(one) for one in COLUMNS.values()]
    if "csv" in request.GET:
        rows = [[title, *[_cell(one, key) for key in COLUMNS]] for title, one in table]
        return spreadsheet("statistiques", [_("Démarche"), *columns], rows)
    facts = {
        "table": [(title, [_cell(one, key) for key in COLUMNS]) for title, one in table],
        "columns": columns,
        "periods": [(value, say(name)) for value, name in PERIODS.items()],
        "period": period,
    }
    return render(request, "guichet/agents/statistics.html", facts)


def _table(request: Visit, period: str) -> list[tuple[str, dict[str, Any]]]:
    rows = requests(request.agent)
    if period:
        rows = rows.filter(filed_at__gte=timezone.now() - dt.timedelta(days=int(period)))
    # What a closed request was decided to be is in the event that closed it.
    closing = Event.objects.filter(request=OuterRef("pk"), kind="moved", facts__to=CLOSED)
    decided = Subquery(closing.order_by("-pk").values(was=KT("facts__from"))[:1])
    outcome = Case(When(state=CLOSED, then=decided), default=F("state"), output_field=TextField())
    rows = rows.annotate(outcome=outcome)
    counts = {
        "all": Count("pk"),
        "open": Count("pk", filter=Q(state__in=OPEN)),
        "waiting": Count("pk", filter=Q(state=WAITING)),
        "nobody": Count("pk", filter=Q(state__in=OPEN, assigned=None)),
        "accepted": Count("pk", filter=Q(outcome=ACCEPTED)),
        "refused": Count("pk", filter=Q(outcome=REFUSED)),
        "forwarded": Count("pk", filter=Q(outcome=FORWARDED)),
        "closed": Count("pk", filter=Q(state=CLOSED)),
        "takes": Avg(F("closed_at") - F("filed_at")),
    }
    counted = {one["procedure"]: dict(one) for one in rows.values("procedure").annotate(**counts)}
    table = [
        (own(one.current.definition["title"]), counted.get(one.pk, {}))
        for one in published(request.agent)
        if one.current
    ]
    return [*table, (_("Ensemble"), rows.aggregate(**counts))] if len(table) > 1 else table


def _cell(one: dict[str, Any], key: str) -> str:
    value = one.get(key)
    if isinstance(value, dt.timedelta):
        return decimal(f"{value.total_seconds() / 86_400:.1f}")
    return str(value or ("–" if key == "takes" else 0))
