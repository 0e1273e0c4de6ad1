# SPDX-License-Identifier: GPL-3.0-or-later
"""The dispatch table: which element is rendered by what; `comarquage.render.dispatch` fills it.

An element that nobody knows renders what it holds and raises a counter: flux of one version may
bring new fields any day (DILA's rule for re-users), and none of their words may be lost.
"""

from __future__ import annotations

import re

from comarquage.render.sheet import Element, Handler, Sheet, escape

# Keys are names; lxml types tags wider (those of comments are functions).
BLOCK: dict[object, Handler] = {}
INLINE: dict[object, Handler] = {}


# Tags of blocks with their id, for where only running text may stand.
_NO_TEXT = re.compile(r"<(/?)(?!(?:span|a|strong|q|cite|i|sub|sup|code)\b)[a-z][a-z0-9]*(?:[^>]*?"
                      r"( id=\"[^\"]*\"))?[^>]*>")  # fmt: skip
_SLOT = re.compile(r"<!--slot:[^>]*-->")


def children(sheet: Sheet, element: Element) -> None:
    """Render what `element` holds as blocks; stray text becomes a paragraph."""
    text = element.text
    if text and not text.isspace():
        sheet.out.append(f"<p>{escape(text)}</p>")
    for child in element:
        BLOCK.get(child.tag, unknown)(sheet, child)
        tail = child.tail
        if tail and not tail.isspace():
            sheet.out.append(f"<p>{escape(tail)}</p>")


def but(sheet: Sheet, element: Element, *left_out: str) -> None:
    """Render the children of `element` as blocks, but those of the names `left_out`."""
    text = element.text
    if text and not text.isspace():
        sheet.out.append(f"<p>{escape(text)}</p>")
    for child in element:
        if child.tag not in left_out:
            BLOCK.get(child.tag, unknown)(sheet, child)
        tail = child.tail
        if tail and not tail.isspace():
            sheet.out.append(f"<p>{escape(tail)}</p>")


def inline(sheet: Sheet, element: Element) -> None:
    """Render what `element` holds as running text."""
    out = sheet.out
    text = element.text
    if text:
        out.append(escape(text))
    for child in element:
        INLINE.get(child.tag, unknown_inline)(sheet, child)
        tail = child.tail
        if tail:
            out.append(escape(tail))


def inline_text(sheet: Sheet, element: Element) -> str:
    """:func:`inline` as text of its own; several paragraphs are put behind one another."""
    if len(element) == 0:
        return escape(element.text or "").strip()
    return sheet.captured(inline, element).strip()


def title_of(sheet: Sheet, element: Element, name: str = "Titre") -> str:
    """The running text of the first child `name` of `element`, or nothing."""
    title = element.find(name)
    return "" if title is None else inline_text(sheet, title)


def unknown(sheet: Sheet, element: Element) -> None:
    """An element of which the table knows nothing, among blocks."""
    if not isinstance(element.tag, str):  # a comment or an instruction says nothing to readers
        return
    sheet.unknown[element.tag] += 1
    sheet.out.append("<div>")
    children(sheet, element)
    sheet.out.append("</div>")


def unknown_inline(sheet: Sheet, element: Element) -> None:
    """An element of which the table knows nothing in running text; a block is made flat there."""
    if not isinstance(element.tag, str):
        return
    block = BLOCK.get(element.tag)
    if block is not None:
        written = _SLOT.sub("", sheet.captured(block, element))
        sheet.out.append(f" {_NO_TEXT.sub(_flat, written)} ")
        return
    sheet.unknown[element.tag] += 1
    inline(sheet, element)


def _flat(tag: re.Match[str]) -> str:
    return "</span> " if tag[1] else f"<span{tag[2] or ''}>"


def nothing(sheet: Sheet, element: Element) -> None:
    """An element that holds no words, or whose words stand elsewhere."""
