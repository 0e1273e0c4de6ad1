# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference values (minimum wage, indexes…) of flux 3.5: their words stand in attributes."""

from __future__ import annotations

from comarquage.dates import day_in, in_french
from comarquage.render.sheet import Element, Sheet, escape
from comarquage.render.table import but


def value(sheet: Sheet, element: Element) -> None:
    """`ValeurRfr`: what it is, how much, of what."""
    title = element.get("titre")
    amount = f"{element.get('valeur') or ''} {element.get('unite') or ''}".strip()
    name = f"{escape(title)} : " if title else ""
    sheet.out.append(f'<p>{name}<span class="value">{escape(amount)}</span></p>')


def values(sheet: Sheet, element: Element) -> None:
    """`ValeurRfrHisto`: one value after the other, each with its period."""
    title = element.get("titre")
    if title:
        sheet.out.append(f'<p class="title">{escape(title)}</p>')
    but(sheet, element)


def period(sheet: Sheet, element: Element) -> None:
    """`Periode`: from when to when a value holds."""
    begin, end = day_in(element.get("dateDebut") or ""), day_in(element.get("dateFin") or "")
    words = f"Depuis le {in_french(begin)}" if begin else ""
    if begin and end:
        words = f"Du {in_french(begin)} au {in_french(end)}"
    sheet.out.append(f"<p>{words} :</p>" if words else "")
    but(sheet, element)
