# SPDX-License-Identifier: GPL-3.0-or-later
"""Running text: emphasis, amounts, indices, foreign words, citations, fields of model letters."""

from __future__ import annotations

import re

from comarquage.render.sheet import Element, Handler, Sheet, escape
from comarquage.render.table import inline

_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}\Z")


def tagged(start: str, end: str) -> Handler:
    """A handler that puts `start` and `end` around running text, unless there is none."""

    def handler(sheet: Sheet, element: Element) -> None:
        if len(element) == 0:
            text = element.text
            if text and not text.isspace():
                sheet.out.append(f"{start}{escape(text)}{end}")
            elif text:
                sheet.out.append(text)
            return
        sheet.out.append(start)
        inline(sheet, element)
        sheet.out.append(end)

    return handler


def foreign(sheet: Sheet, element: Element) -> None:
    """`TermeEtranger`: its language is said, so that it is read aloud as it should (RGAA 8.7)."""
    language = element.get("langue") or "en"
    sheet.out.append(f'<i lang="{language}">' if _LANGUAGE.match(language) else "<i>")
    inline(sheet, element)
    sheet.out.append("</i>")


def paragraph(sheet: Sheet, element: Element) -> None:
    """`Paragraphe` among blocks."""
    if len(element) == 0:
        text = element.text
        if text and not text.isspace():
            sheet.out.append(f"<p>{escape(text)}</p>")
        return
    sheet.out.append("<p>")
    inline(sheet, element)
    sheet.out.append("</p>")


def paragraph_in_text(sheet: Sheet, element: Element) -> None:
    """`Paragraphe` within a title or another paragraph: set off by a blank."""
    if sheet.out and not sheet.out[-1].endswith((" ", ">")):
        sheet.out.append(" ")
    inline(sheet, element)
    sheet.out.append(" ")
