# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a sheet stands: breadcrumb, theme, dossier, what is near to it, lists of the indexes."""

from __future__ import annotations

from comarquage.render.blocks import heading
from comarquage.render.links import within
from comarquage.render.sheet import Element, Sheet, attribute, escape
from comarquage.render.table import BLOCK, inline_text, title_of, unknown


def breadcrumb(sheet: Sheet, element: Element) -> None:
    """`FilDAriane`: the last step is the page itself."""
    steps = element.findall("Niveau")
    sheet.out.append('<nav class="breadcrumb" aria-label="Vous êtes ici"><ol>')
    for step in steps:
        label = inline_text(sheet, step)
        identifier = step.get("ID") or ""
        if step is steps[-1]:
            sheet.out.append(f'<li aria-current="page">{label}</li>')
        elif linkable(sheet, identifier):
            sheet.out.append(f"<li>{within(sheet, identifier, label, None)}</li>")
        else:
            sheet.out.append(f"<li>{label}</li>")
    sheet.out.append("</ol></nav>")


def linkable(sheet: Sheet, identifier: str) -> bool:
    """Whether the guide knows a title or a place for `identifier`."""
    corpus, audience = sheet.corpus, sheet.audience
    return bool(corpus.found(audience, identifier) or corpus.place_of(audience, identifier))


def entry(sheet: Sheet, element: Element) -> None:
    """An element that stands for a sheet: its title is its text or a child, the rest below it."""
    identifier = element.get("ID") or ""
    text = escape(element.text or "").strip()
    title = title_of(sheet, element) or text
    if not title and not linkable(sheet, identifier) and len(element) == 0:
        return  # as a `FAQ` of flux 3.5, which is but an identifier
    # Contacts have an identifier, but no file in any flux.
    linked = identifier and element.tag != "Contact"
    label = within(sheet, identifier, title, element.get("audience")) if linked else title
    sheet.out.append(f"<li{sheet.anchor(element)}>{label}")
    if len(element):
        _below(sheet, element)
    sheet.out.append("</li>")


def _below(sheet: Sheet, element: Element) -> None:
    """The parts of an entry: further entries as a list, a theme or an audience as its mention."""
    inner = []
    for child in element:
        if child.tag == "Titre":
            continue
        if child.tag == "Theme" and len(child) == 1 and child[0].tag == "Titre":
            sheet.out.append(f' <span class="where">({inline_text(sheet, child[0])})</span>')
        elif child.tag == "Audience" or (child.tag == "Dossier" and len(child) == 0):
            sheet.out.append(f' <span class="where">({inline_text(sheet, child)})</span>')
        elif child.tag in ENTRIES:
            inner.append(child)
        elif child.tag != "Condition":
            BLOCK.get(child.tag, unknown)(sheet, child)
    if inner:
        entries(sheet, inner)


# The elements that stand for a sheet.
ENTRIES = frozenset({
    "Theme", "SousTheme", "SousThemePere", "Dossier", "SousDossier", "SousDossierPere",
    "DossierPere", "Fiche", "FicheLiee", "FicheConnexe", "FichePrecedente", "FicheSuivante",
    "QuestionReponse", "CommentFaireSi", "RechercheGuidee", "RechercheGuideePere",
    "ItemMenu", "Contact", "FAQ", "Actualite", "Page",
})  # fmt: skip


def entries(sheet: Sheet, elements: list[Element]) -> None:
    """A list of entries; none where they are all but identifiers that nobody knows."""
    at = len(sheet.out)
    for element in elements:
        BLOCK.get(element.tag, unknown)(sheet, element)
    if len(sheet.out) > at:
        sheet.out.insert(at, "<ul>")
        sheet.out.append("</ul>")


def subtheme(sheet: Sheet, element: Element) -> None:
    """`SousTheme` of a theme's sheet: it has no file, and is a part of this page."""
    level = sheet.level
    identifier = element.get("ID") or ""
    anchor = ""
    if identifier and identifier not in sheet.ids:
        sheet.ids.add(identifier)
        anchor = f' id="{attribute(identifier)}"'
    sheet.out.append(f"<section{anchor}>")
    sheet.out.append(heading(sheet, title_of(sheet, element) or "Sous-thème"))
    sheet.level = level + 1
    inner = [child for child in element if child.tag in ENTRIES]
    for child in element:
        if child.tag not in ENTRIES and child.tag != "Titre":
            BLOCK.get(child.tag, unknown)(sheet, child)
    if inner:
        entries(sheet, inner)
    sheet.level = level
    sheet.out.append("</section>")


def group(sheet: Sheet, element: Element) -> None:
    """`Groupe` of an entrance page, `VoirAussi`: a title and a list of entries."""
    level = sheet.level
    title = title_of(sheet, element)
    sheet.out.append("<section>")
    if title:
        sheet.out.append(heading(sheet, title))
        sheet.level = level + 1
    mixed(sheet, element)
    sheet.level = level
    sheet.out.append("</section>")


def mixed(sheet: Sheet, element: Element) -> None:
    """Children of `element`: runs of entries become lists, others stand as they are."""
    run: list[Element] = []
    text = element.text
    if text and not text.isspace():
        sheet.out.append(f"<p>{escape(text)}</p>")
    for child in element:
        if child.tag in ENTRIES:
            run.append(child)
            continue
        if run:
            entries(sheet, run)
            run = []
        if child.tag != "Titre":
            BLOCK.get(child.tag, unknown)(sheet, child)
    if run:
        entries(sheet, run)


def see_also(sheet: Sheet, element: Element) -> None:
    """`VoirAussi`: sheets and dossiers near to this one."""
    mixed(sheet, element)
