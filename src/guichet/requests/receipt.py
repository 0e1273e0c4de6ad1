# SPDX-License-Identifier: GPL-3.0-or-later
"""A request on paper: the acknowledgement for the citizen, the whole for the agent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from guichet.language import current, own, show_day, show_moment, worded
from guichet.models import Message, Request, Tenant
from guichet.procedures import make, visible_steps
from guichet.procedures.filling import visible_fields
from guichet.procedures.words import count
from guichet.requests.states import name_of
from guichet.requests.wording import mentions
from guichet.views.shown import summary

# Embedded, so that the page reads the same everywhere (Debian: fonts-dejavu-core).
FONTS = Path("/usr/share/fonts/truetype/dejavu")
_SIGNS = 0x2500  # from here on, what is no letter is a picture
_MARGIN, _LINE = 18, 5.4  # millimetres
_BODY, _HEADING, _TITLE = 10, 12, 18  # points


class _Sheet(FPDF):
    """A4 with the town's name and page numbers below."""

    def __init__(self, town: str, title: str) -> None:
        super().__init__(format="A4")
        self.town = town
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 4)
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font("DejaVu", style, FONTS / file)
        self.set_title(title)
        self.set_lang(current())
        self.set_creator("Bastide")
        self.add_page()

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-14)
        self.set_font("DejaVu", size=8)
        self.cell(
            0, 5, f"{self.town} – " + _("page %(number)d") % {"number": self.page_no()}, align="C"
        )

    def says(self, text: str, style: str = "", size: int = _BODY, gap: float = 1.5) -> None:
        """A paragraph."""
        self.set_font("DejaVu", style, size)
        height = _LINE * size / _BODY
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(gap)

    def heads(self, text: str) -> None:
        """A heading, which is in the outline too."""
        self.ln(3)
        self.start_section(text)
        self.says(text, "B", _HEADING)


def receipt(request: Request) -> bytes:
    """The acknowledgement of receipt, with what was filed, in the language of the request."""
    tenant = Tenant.objects.get(siren=request.tenant_id)
    with override(request.language):
        title = _("Accusé de réception – demande %(number)s") % {"number": request.number}
        sheet = _begin(tenant, request, title)
        for paragraph in mentions(request, tenant.name):
            sheet.says(paragraph)
        _answers(sheet, request)
        return bytes(sheet.output())


def whole(request: Request) -> bytes:
    """Everything of a request, for the file of the town hall; notes of agents are not in it."""
    tenant = Tenant.objects.get(siren=request.tenant_id)
    sheet = _begin(tenant, request, _("Demande %(number)s") % {"number": request.number})
    sheet.says(_("État : %(state)s") % {"state": name_of(request.state)})
    _answers(sheet, request)
    said = Message.objects.select_related("agent").filter(request=request, internal=False)
    if said:
        sheet.heads(_("Échanges"))
    for one in said:
        who = _("Mairie") if one.agent_id else _("Usager")
        sheet.says(
            _("%(who)s, le %(moment)s") % {"who": who, "moment": show_moment(one.at)}, "B", gap=0
        )
        sheet.says(printable(one.text))
    return bytes(sheet.output())


def listing(tenant: Tenant, lines: Sequence[tuple[str, ...]], cut: str) -> bytes:
    """A list of requests as a table: number, procedure, state, day, agent."""
    title = _("Liste des demandes")
    sheet = _Sheet(tenant.name, title)
    sheet.says(tenant.name, "B", _HEADING)
    sheet.says(
        _("Liste des demandes, le %(day)s") % {"day": show_day(timezone.localdate())},
        "B",
        _TITLE,
        gap=3,
    )
    number = count("%(number)s demande", "%(number)s demandes", len(lines))
    sheet.says(f"{number}. {cut}".strip())
    sheet.set_font("DejaVu", size=_BODY - 1)
    heads = (_("Numéro"), _("Démarche"), _("État"), _("Déposée"), _("Agent"))
    if lines:
        with sheet.table(
            [heads, *[[printable(cell) for cell in line] for line in lines]],
            col_widths=(17, 34, 22, 15, 26),
            text_align="LEFT",
            line_height=_LINE,
        ):
            pass
    return bytes(sheet.output())


def _begin(tenant: Tenant, request: Request, title: str) -> _Sheet:
    sheet = _Sheet(tenant.name, title)
    sheet.says(tenant.name, "B", _HEADING)
    sheet.says(title, "B", _TITLE, gap=3)
    sheet.says(own(request.version.definition["title"]), "B")
    return sheet


def _answers(sheet: _Sheet, request: Request) -> None:
    definition = make(worded(request.version.definition))
    answers: dict[str, Any] = request.answers
    for __, step in visible_steps(definition, answers):
        sheet.heads(step.title)
        for label, lines in summary(visible_fields(step, answers), answers):
            sheet.says(label, "B", gap=0)
            sheet.says(printable("\n".join(lines)))


def printable(text: str) -> str:
    """Without what the font cannot draw (pictographs), which would be empty boxes and a warning."""
    return "".join(one if ord(one) < _SIGNS or one.isalpha() else "□" for one in text)
