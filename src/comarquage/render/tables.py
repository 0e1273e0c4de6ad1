# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables: a caption, headers with a scope, cells that span (RGAA 5.4 to 5.7)."""

from __future__ import annotations

import re

from comarquage.render.sheet import Element, Sheet, is_blank
from comarquage.render.table import BLOCK, inline, inline_text, title_of, unknown

_HEADING = re.compile(r"<h[1-6]\b")
_MOST_SPANNED, _DIGITS = 100, 4


def table(sheet: Sheet, element: Element) -> None:
    """`Tableau`.  Its columns may be of type header: their cells head a row."""
    sheet.tables += 1
    name = f"t{sheet.tables}"
    out = sheet.out
    out.append(
        f'<div class="table" role="group" tabindex="0" aria-labelledby="{name}"><table>'
        f'<caption id="{name}">'
    )
    title = title_of(sheet, element) or title_of(sheet, element, "TitreRiche")
    out.append(title or f"Tableau {sheet.tables} : {sheet.heading or 'données'}")
    summary = element.find("Resume")
    if summary is not None:
        out.append(f' <span class="summary">{inline_text(sheet, summary)}</span>')
    out.append("</caption>")
    heads_row = [column.get("type") == "header" for column in element.findall("Colonne")]
    rows = [child for child in element if child.tag == "Rangée"]
    _rows(sheet, rows, heads_row)
    out.append("</table></div>")
    for child in element:
        if child.tag not in {"Titre", "TitreRiche", "Resume", "Colonne", "Rangée", "Affichage"}:
            BLOCK.get(child.tag, unknown)(sheet, child)


def _rows(sheet: Sheet, rows: list[Element], heads_row: list[bool]) -> None:
    out = sheet.out
    first = 0
    while first < len(rows) and rows[first].get("type") == "header":
        first += 1
    first = _whole_head(rows, first)
    taken: dict[int, int] = {}  # column -> further rows that a cell above takes
    for number, row in enumerate(rows):
        if number == 0:
            out.append("<thead>" if first else "<tbody>")
        elif number == first:
            out.append("</thead><tbody>")
        out.append("<tr>")
        taken = _row(sheet, row, heads_row, taken)
        out.append("</tr>")
    if rows:
        out.append("</thead>" if first >= len(rows) else "</tbody>")


def _whole_head(rows: list[Element], first: int) -> int:
    """How many rows stand in `thead`: none where one of their cells reaches out of it."""
    for number, row in enumerate(rows[:first]):
        for cell in row:
            if _span(cell, "fusionVerticale") > first - number:
                return 0
    return first


def _row(
    sheet: Sheet, row: Element, heads_row: list[bool], taken: dict[int, int]
) -> dict[int, int]:
    head = row.get("type") == "header"
    column = 0
    left = {at: rows - 1 for at, rows in taken.items() if rows > 1}
    for cell in row:
        while column in taken:
            column += 1
        wide, high = _span(cell, "fusionHorizontale"), _span(cell, "fusionVerticale")
        heads = column < len(heads_row) and heads_row[column]
        _cell(sheet, cell, "col" if head else "row" if heads else "", wide, high)
        for at in range(column, column + wide):
            if high > 1:
                left[at] = high - 1
        column += wide
    return left


def _bare(cell: Element) -> bool:
    """Whether there are no words beside the only child of `cell`."""
    return is_blank(cell.text) and is_blank(cell[0].tail)


def _span(cell: Element, name: str) -> int:
    text = cell.get(name) or "1"
    known = text.isdecimal() and len(text) <= _DIGITS
    return min(max(int(text), 1), _MOST_SPANNED) if known else 1


def _cell(sheet: Sheet, cell: Element, scope: str, wide: int, high: int) -> None:
    spans = (f' colspan="{wide}"' if wide > 1 else "") + (f' rowspan="{high}"' if high > 1 else "")
    written = sheet.captured(_cell_text, cell)
    # A header without words heads nothing, and a heading may not stand in one.
    heads = scope and not is_blank("".join(cell.itertext())) and not _HEADING.search(written)
    start, end = (f'<th scope="{scope}"{spans}>', "</th>") if heads else (f"<td{spans}>", "</td>")
    sheet.out.append(f"{start}{written}{end}")


def _cell_text(sheet: Sheet, cell: Element) -> None:
    if len(cell) == 1 and cell[0].tag == "Paragraphe" and _bare(cell):
        inline(sheet, cell[0])
    else:
        BLOCK["Cellule"](sheet, cell)
