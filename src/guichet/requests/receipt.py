# SPDX-License-Identifier: GPL-3.0-or-later
"""A request on paper: the acknowledgement for the citizen, the whole for the agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from guichet.language import current, own, show_day, show_moment, worded
from guichet.models import Message, Request, Tenant
from guichet.printing import Paper
from guichet.procedures import make, visible_steps
from guichet.procedures.filling import visible_fields
from guichet.procedures.words import count
from guichet.requests.states import name_of
from guichet.requests.wording import mentions
from guichet.views.shown import summary

_SIGNS = 0x2500  # from here on, what is no letter is a picture
Parts = list[tuple[str, Any]]


def receipt(request: Request) -> Paper:
    """The acknowledgement of receipt, with what was filed, in the language of the request."""
    tenant = Tenant.objects.get(siren=request.tenant_id)
    with override(request.language):
        title = _("Accusé de réception – demande %(number)s") % {"number": request.number}
        said: Parts = [("text", one) for one in mentions(request, tenant.name)]
        return _paper(tenant, title, [*_begin(request, title), *said, *_answers(request)])


def whole(request: Request) -> Paper:
    """Everything of a request, for the file of the town hall; notes of agents are not in it."""
    tenant = Tenant.objects.get(siren=request.tenant_id)
    title = _("Demande %(number)s") % {"number": request.number}
    parts = _begin(request, title)
    parts.append(("text", _("État : %(state)s") % {"state": name_of(request.state)}))
    parts += _answers(request)
    said = Message.objects.select_related("agent").filter(request=request, internal=False)
    if said:
        parts.append(("heading", _("Échanges")))
    for one in said:
        who = _("Mairie") if one.agent_id else _("Usager")
        moment = _("%(who)s, le %(moment)s") % {"who": who, "moment": show_moment(one.at)}
        parts += [("label", moment), ("text", printable(one.text))]
    return _paper(tenant, title, parts)


def listing(tenant: Tenant, lines: Sequence[tuple[str, ...]], cut: str) -> Paper:
    """A list of requests as a table: number, procedure, state, day, agent."""
    day = _("Liste des demandes, le %(day)s") % {"day": show_day(timezone.localdate())}
    number = count("%(number)s demande", "%(number)s demandes", len(lines))
    parts: Parts = [("title", day), ("text", f"{number}. {cut}".strip())]
    heads = (_("Numéro"), _("Démarche"), _("État"), _("Déposée"), _("Agent"))
    if lines:
        parts.append(("table", [heads, *([printable(cell) for cell in line] for line in lines)]))
    return _paper(tenant, _("Liste des demandes"), parts, (17, 34, 22, 15, 26))


def _paper(tenant: Tenant, title: str, parts: Parts, widths: tuple[int, ...] = ()) -> Paper:
    """With the town's name above and below."""
    page = f"{tenant.name.replace('%', '%%')} – " + _("page %(number)d")
    return Paper(title, current(), page, [("town", tenant.name), *parts], widths)


def _begin(request: Request, title: str) -> Parts:
    return [("title", title), ("name", own(request.version.definition["title"]))]


def _answers(request: Request) -> Parts:
    definition = make(worded(request.version.definition))
    answers: dict[str, Any] = request.answers
    parts: Parts = []
    for __, step in visible_steps(definition, answers):
        parts.append(("heading", step.title))
        for label, lines in summary(visible_fields(step, answers), answers):
            parts += [("label", label), ("text", printable("\n".join(lines)))]
    return parts


def printable(text: str) -> str:
    """Without what the font cannot draw (pictographs), which would be empty boxes and a warning."""
    return "".join(one if ord(one) < _SIGNS or one.isalpha() else "□" for one in text)
