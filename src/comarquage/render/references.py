# SPDX-License-Identifier: GPL-3.0-or-later
"""Legal references and further reading: links with format and weight, who gives them, comments."""

from __future__ import annotations

from comarquage.render.links import outward
from comarquage.render.sheet import Element, Sheet
from comarquage.render.table import but, title_of


def reference(sheet: Sheet, element: Element) -> None:
    """`Reference`, `PourEnSavoirPlus`, `RefActualite`."""
    url = element.get("URL")
    title = title_of(sheet, element) or "Texte de référence"
    label = outward(sheet, url, title, element) if url else title
    sheet.out.append(f'<div class="reference"{sheet.anchor(element)}><p>{label}</p>')
    but(sheet, element, "Titre")
    sheet.out.append("</div>")
