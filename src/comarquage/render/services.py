# SPDX-License-Identifier: GPL-3.0-or-later
"""Online services, forms, model letters, simulators, their annexes and notices."""

from __future__ import annotations

from comarquage.render.links import outward, remark, within
from comarquage.render.sheet import Element, Sheet, escape
from comarquage.render.table import but, inline_text, title_of

_GUIDED = "Remplir le formulaire en étant guidé"


def service(sheet: Sheet, element: Element) -> None:
    """`ServiceEnLigne`, `ServiceEnLigneAlternatif`: a card with the way to it."""
    out = sheet.out
    kind = element.get("type") or "Service en ligne"
    title = title_of(sheet, element) or "Service en ligne"
    identifier = element.get("ID") or ""
    url = element.get("URL")
    out.append(f'<div class="service"{sheet.anchor(element)}><p class="kind">{escape(kind)}</p>')
    if url:
        out.append(f'<p class="name">{outward(sheet, url, title, element)}</p>')
        if identifier != sheet.id and sheet.corpus.found(sheet.audience, identifier):
            link = within(sheet, identifier, f"En savoir plus : {title}", element.get("audience"))
            out.append(f"<p>{link}</p>")
    else:
        link = within(sheet, identifier, title, element.get("audience"))
        out.append(f'<p class="name">{link}</p>')
    _numbers(sheet, element)
    comment = element.get("commentaireLien")
    if comment and comment.split() != (element.findtext("Titre") or "").split():
        out.append(f"<p>{escape(comment)}</p>")
    guided = element.get("URLcerfaGuide")
    if guided:
        out.append(f"<p>{outward(sheet, guided, f'{_GUIDED} : {title}')}</p>")
    if element.get("indisponible") in {"true", "1"}:
        out.append("<p>Ce service est momentanément indisponible.</p>")
    but(sheet, element, "Titre")
    out.append("</div>")


def annex(sheet: Sheet, element: Element) -> None:
    """`ServiceEnLigneAnnexe`: a form to be sent with the first, bound to it or not."""
    out = sheet.out
    group = {
        "obligatoire": "Document à joindre (obligatoire)",
        "facultatif": "Document à joindre (facultatif)",
        "autresPublics": "Pour d’autres publics",
    }.get(element.get("groupe") or "", "Document annexe")
    title = title_of(sheet, element)
    identifier = element.get("ID")
    out.append(f'<div class="annex"><p class="kind">{group}</p>')
    if title:
        label = within(sheet, identifier, title, element.get("audience")) if identifier else title
        out.append(f"<p>{label}</p>")
    _numbers(sheet, element)
    but(sheet, element, "Titre")
    out.append("</div>")


def _numbers(sheet: Sheet, element: Element) -> None:
    number = element.get("numerocerfa")
    other = element.get("autrenumero")
    if number:
        sheet.out.append(f"<p>Cerfa n° {escape(number)}</p>")
    if other:
        sheet.out.append(f"<p>Autre numéro : {escape(other)}</p>")


def notice(sheet: Sheet, element: Element) -> None:
    """`NoticeLiee`: how to fill a form in; text in flux 3.4, children in 3.5."""
    out = sheet.out
    title = title_of(sheet, element) or escape(element.text or "").strip()
    label = f"Notice : {title}"
    number = element.get("numerocerfa")
    if number:
        label += f" (cerfa n° {escape(number)})"
    url = element.get("URL")
    label = outward(sheet, url, label, element) if url else label
    comment = remark(element, but=element.findtext("Titre") or "", numbered=True)
    out.append(f"<p>{label}{comment}</p>")
    if len(element):
        kept, element.text = element.text, None
        but(sheet, element, "Titre")
        element.text = kept


def web_link(sheet: Sheet, element: Element) -> None:
    """`LienWeb`, `LienCerfaGuide`: where the service or the document is."""
    out = sheet.out
    url = element.get("URL") or ""
    title = title_of(sheet, element) or sheet.corpus.titles.get((sheet.audience, sheet.id), "")
    label = {
        "LienCerfaGuide": _GUIDED,
    }.get(
        str(element.tag), "Accéder au document" if element.get("format") else "Accéder au service"
    )
    if sheet.tables == 0 and title:
        label = f"{label} : {title if element.find('Titre') is not None else escape(title)}"
    out.append(f'<div class="access"><p>{outward(sheet, url, label, element)}</p>')
    comment = element.get("commentaireLien")
    if comment:
        out.append(f"<p>{escape(comment)}</p>")
    but(sheet, element, "Titre")
    out.append("</div>")


def source(sheet: Sheet, element: Element) -> None:
    """`Source`: who gives it."""
    text = inline_text(sheet, element)
    if text:
        sheet.out.append(f'<p class="source">Source : {text}</p>')


def number(sheet: Sheet, element: Element) -> None:
    """`NumeroCerfa`, `AutreNumero` of a form's own sheet."""
    text = inline_text(sheet, element)
    if text:
        name = "Cerfa n°" if element.tag == "NumeroCerfa" else "Numéro :"
        sheet.out.append(f"<p>{name} {text}</p>")


def france_connect(sheet: Sheet, element: Element) -> None:
    """`FranceConnect`: whether one may sign in with it; the element holds `true` or `false`."""
    text = (element.text or "").strip()
    yes = {"true": "oui", "1": "oui", "false": "non", "0": "non"}.get(text, text)
    sheet.out.append(f"<p>FranceConnect : {escape(yes)}</p>")
