# SPDX-License-Identifier: GPL-3.0-or-later
"""Terms and abbreviations that a page explains: one list with anchors that its links lead to."""

from __future__ import annotations

from comarquage.render.sheet import Element, Sheet, attribute
from comarquage.render.table import but, title_of


def terms(sheet: Sheet, elements: list[Element]) -> None:
    """`Definition` and `Abreviation` of a sheet as a `dl`."""
    sheet.out.append("<dl>")
    for element in elements:
        entry(sheet, element)
    sheet.out.append("</dl>")


def entry(sheet: Sheet, element: Element) -> None:
    """One term and what it means."""
    identifier = element.get("ID") or ""
    anchor = ""
    if identifier and identifier not in sheet.ids:
        sheet.ids.add(identifier)
        anchor = f' id="{attribute(identifier)}"'
    title = title_of(sheet, element)
    meaning = sheet.captured(lambda s, e: but(s, e, "Titre"), element)
    if identifier:
        sheet.terms[identifier] = (title, meaning)
    sheet.out.append(f"<dt{anchor}>{title}</dt><dd>{meaning}</dd>")


def alone(sheet: Sheet, element: Element) -> None:
    """A definition that stands among blocks, as in the help of a question."""
    sheet.out.append("<dl>")
    entry(sheet, element)
    sheet.out.append("</dl>")
