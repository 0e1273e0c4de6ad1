# SPDX-License-Identifier: GPL-3.0-or-later
"""Legal references and further reading: links with format and weight, who gives them, comments."""

from __future__ import annotations

from comarquage.render.links import outward, remark, within
from comarquage.render.sheet import Element, Sheet
from comarquage.render.table import BLOCK, but, inline_text, title_of


def reference(sheet: Sheet, element: Element) -> None:
    """`Reference`, `PourEnSavoirPlus`, `RefActualite`."""
    url = element.get("URL")
    title = title_of(sheet, element) or "Texte de référence"
    label = outward(sheet, url, title, element) if url else title
    label += remark(element, but=element.findtext("Titre") or "")
    sheet.out.append(f'<div class="reference"{sheet.anchor(element)}><p>{label}</p>')
    but(sheet, element, "Titre")
    sheet.out.append("</div>")


def partner(sheet: Sheet, element: Element) -> None:
    """`Partenaire`: its name is its text."""
    title = inline_text(sheet, element) or "Partenaire"
    label = outward(sheet, element.get("URL") or "", title, element)
    label += remark(element, but=element.text or "")
    sheet.out.append(f'<div class="reference"{sheet.anchor(element)}><p>{label}</p></div>')


def link(sheet: Sheet, element: Element) -> None:
    """`Lien`: a title, and a link to a sheet or elsewhere that need not have words of its own.

    Where there are both, the title leads elsewhere, and the sheet has a line of its own.
    """
    title = title_of(sheet, element)
    outside, inside = element.find("LienExterne"), element.find("LienInterne")
    first = outside if outside is not None else inside
    label = title
    if outside is not None:
        label = outward(sheet, outside.get("URL") or "", title or "Lien", outside)
    elif inside is not None:
        target = inside.get("LienPublication") or ""
        label = within(sheet, target, title, inside.get("audience"))
    words = "" if first is None else inline_text(sheet, first)
    if first is not None:
        label += remark(first, but=first.text or title)
    sheet.out.append(f'<div class="reference"><p>{label}</p>')
    if words and words != title:
        sheet.out.append(f"<p>{words}</p>")
    if inside is not None and inside is not first:
        BLOCK["LienInterne"](sheet, inside)
    but(sheet, element, "Titre", "LienExterne", "LienInterne")
    sheet.out.append("</div>")
