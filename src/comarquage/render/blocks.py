# SPDX-License-Identifier: GPL-3.0-or-later
"""Chapters, lists, situations and cases.  Tabs and radio buttons become details/summary."""

from __future__ import annotations

from comarquage.render.sheet import Element, Handler, Sheet, attribute, escape, is_blank
from comarquage.render.table import BLOCK, but, children, inline, inline_text, title_of, unknown

_LAST_LEVEL = 6


def heading(sheet: Sheet, text: str) -> str:
    """A heading of the level that is due, which names what follows."""
    level = min(sheet.level, _LAST_LEVEL)
    sheet.heading = text
    return f"<h{level}>{text}</h{level}>"


def chapter(sheet: Sheet, element: Element) -> None:
    """`Chapitre`, `SousChapitre` and what else has a title and is a section of its own."""
    title = title_of(sheet, element)
    kind = element.get("type")
    mark = f' class="{attribute(kind)}"' if kind else ""
    sheet.out.append(f"<section{mark}{sheet.anchor(element)}>")
    level = sheet.level
    if title:
        sheet.out.append(heading(sheet, title))
        sheet.level = level + 1
    but(sheet, element, "Titre")
    sheet.level = level
    sheet.out.append("</section>")


def other_title(sheet: Sheet, element: Element) -> None:
    """`TitreAlternatif`: what a chapter is called under a condition, or a service beside."""
    text = inline_text(sheet, element)
    if text:
        sheet.out.append(f'<p class="other-title">{text}</p>')


def floating_title(sheet: Sheet, element: Element) -> None:
    """`TitreFlottant`: a heading below that of the section it stands in, whose parts follow it."""
    text = inline_text(sheet, element)
    if text:
        sheet.out.append(heading(sheet, text))


def numbered(sheet: Sheet, element: Element) -> None:
    """`Liste`: bullets or numbers."""
    tag = "ol" if element.get("type") == "numero" else "ul"
    sheet.out.append(f"<{tag}>")
    outside = []
    for child in element:
        if child.tag == "Item":
            BLOCK["Item"](sheet, child)
        else:
            outside.append(child)
    sheet.out.append(f"</{tag}>")
    for child in outside:
        BLOCK.get(child.tag, unknown)(sheet, child)


def item(sheet: Sheet, element: Element) -> None:
    """`Item` of a list; a single paragraph needs no `p`."""
    out = sheet.out
    only = element[0] if len(element) == 1 and element[0].tag == "Paragraphe" else None
    if only is not None and is_blank(element.text) and is_blank(only.tail):
        if len(only) == 0:
            out.append(f"<li>{escape(only.text or '')}</li>")
            return
        out.append("<li>")
        inline(sheet, only)
        out.append("</li>")
        return
    out.append("<li>")
    children(sheet, element)
    out.append("</li>")


def situations(sheet: Sheet, element: Element) -> None:
    """`ListeSituations`: to be opened one by one, unless they follow one another in time."""
    single = len(element.findall("Situation")) == 1 or element.get("affichage") == "sequentiel"
    sheet.out.append('<div class="situations">')
    title = title_of(sheet, element)
    if title:
        sheet.out.append(f'<p class="title">{title}</p>')
    for child in element:
        if child.tag == "Situation" and single:
            section(sheet, child)
        elif child.tag != "Titre":
            BLOCK.get(child.tag, unknown)(sheet, child)
    sheet.out.append("</div>")


def section(sheet: Sheet, element: Element) -> None:
    """A `Situation` that needs no opening."""
    BLOCK["Chapitre"](sheet, element)


def situation(sheet: Sheet, element: Element) -> None:
    """`Situation`: opened by its title, which stays a heading."""
    sheet.out.append('<details class="situation"><summary>')
    level = sheet.level
    title = title_of(sheet, element) or "Situation"
    sheet.out.append(heading(sheet, title))
    sheet.out.append("</summary>")
    sheet.level = level + 1
    but(sheet, element, "Titre")
    sheet.level = level
    sheet.out.append("</details>")


def cases(sheet: Sheet, element: Element) -> None:
    """`BlocCas`: the cases one chooses from, with the question before them, if any."""
    sheet.out.append('<div class="cases">')
    title = title_of(sheet, element)
    if title:
        sheet.out.append(f'<p class="title">{title}</p>')
    but(sheet, element, "Titre")
    sheet.out.append("</div>")


def case(sheet: Sheet, element: Element) -> None:
    """`Cas`: opened by its title."""
    title = title_of(sheet, element) or "Cas"
    kept = sheet.heading
    sheet.heading = title
    sheet.out.append(f'<details class="case"><summary>{title}</summary>')
    but(sheet, element, "Titre")
    sheet.out.append("</details>")
    sheet.heading = kept


def box(kind: str, name: str) -> Handler:
    """A handler of the boxes `ANoter`, `ASavoir`…; `name` is their title where they bear none."""

    def handler(sheet: Sheet, element: Element) -> None:
        title = title_of(sheet, element) or name
        sheet.out.append(f'<div class="box {kind}"><p class="title">{title}</p>')
        but(sheet, element, "Titre")
        sheet.out.append("</div>")

    return handler


def division(kind: str) -> Handler:
    """A handler that keeps what belongs together in one `div`."""

    def handler(sheet: Sheet, element: Element) -> None:
        sheet.out.append(f'<div class="{kind}"{sheet.anchor(element)}>')
        children(sheet, element)
        sheet.out.append("</div>")

    return handler


def titled(kind: str, name: str) -> Handler:
    """A handler of parts with a heading of their own; `name` where the source gives none."""

    def handler(sheet: Sheet, element: Element) -> None:
        level = sheet.level
        sheet.out.append(f'<section class="{kind}">')
        sheet.out.append(heading(sheet, title_of(sheet, element) or name))
        sheet.level = level + 1
        but(sheet, element, "Titre")
        sheet.level = level
        sheet.out.append("</section>")

    return handler


def complement(sheet: Sheet, element: Element) -> None:
    """`Complement`: plain words, or blocks."""
    if len(element) == 0:
        text = element.text
        if text and not text.isspace():
            sheet.out.append(f'<p class="more">{escape(text)}</p>')
        return
    sheet.out.append('<div class="more">')
    children(sheet, element)
    sheet.out.append("</div>")
