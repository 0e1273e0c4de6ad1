# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom to ask: national contacts, and slots for the local ones (`<!--slot:pivot:mairie-->`)."""

from __future__ import annotations

from comarquage.pivots import normal
from comarquage.render.links import outward, remark
from comarquage.render.sheet import Element, Sheet
from comarquage.render.table import BLOCK, title_of, unknown


def contact(sheet: Sheet, element: Element) -> None:
    """`OuSAdresser`, `QuiPeutMAider`: name, what for, address or a slot for the local service."""
    out = sheet.out
    title = title_of(sheet, element)
    out.append(f'<div class="contact"{sheet.anchor(element)}>')
    if title:
        out.append(f'<p class="name">{title}</p>')
    for child in element:
        if child.tag == "RessourceWeb":
            _web(sheet, child, title)
        elif child.tag != "Titre":
            BLOCK.get(child.tag, unknown)(sheet, child)
    out.append("</div>")


def _web(sheet: Sheet, element: Element, title: str) -> None:
    url = element.get("URL") or ""
    verb = "Trouver" if "lannuaire" in url else "Contacter"
    label = title_of(sheet, element) or f"{verb} : {title or 'site internet'}"
    sheet.out.append(f"<p>{outward(sheet, url, label, element)}{remark(element, but=title)}</p>")
    for child in element:
        if child.tag != "Titre":
            BLOCK.get(child.tag, unknown)(sheet, child)


def web(sheet: Sheet, element: Element) -> None:
    """`RessourceWeb` that stands alone."""
    _web(sheet, element, "")


def pivot(sheet: Sheet, element: Element) -> None:
    """`PivotLocal`: the kind of local service; a name for machines, and the slot of its address."""
    name = normal(element.text or "")
    if name:
        sheet.out.append(f"<!--slot:pivot:{name}-->")
