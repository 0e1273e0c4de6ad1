# SPDX-License-Identifier: GPL-3.0-or-later
"""Images and films.  Neither is loaded from elsewhere: a page asks nobody but its own server.

Images are no part of the archive, and those of the State are not under the open licence (their
credits say whose they are): their text stands in the page, with a link to where they are.
"""

from __future__ import annotations

from comarquage.render.links import outward, remark
from comarquage.render.sheet import Element, Sheet, escape
from comarquage.render.table import BLOCK, but, inline_text, title_of, unknown

_IMAGES = "https://www.service-public.gouv.fr/resources-vdd/"
_SHOWN = ("Titre", "TexteDeRemplacement", "Legende")


def image(sheet: Sheet, element: Element) -> None:
    """`Image`, `Illustration`…: title, replacement text, caption, credits, a link."""
    out = sheet.out
    out.append('<div class="figure">')
    _words(sheet, element)
    out.append("</div>")


def image_in_text(sheet: Sheet, element: Element) -> None:
    """An image within a paragraph, where no block may stand; set off by blanks."""
    out = sheet.out
    if out and not out[-1].endswith(" "):
        out.append(" ")
    out.append('<span class="figure">')
    texts = [inline_text(sheet, child) for child in element]
    out.append(" – ".join(text for text in texts if text))
    out.append(" ")
    out.append(_link(sheet, element))
    out.append("</span> ")


def _words(sheet: Sheet, element: Element) -> None:
    for name in _SHOWN:
        text = title_of(sheet, element, name)
        if text:
            sheet.out.append(f"<p>{text}</p>")
    but(sheet, element, *_SHOWN)
    sheet.out.append(f"<p>{_link(sheet, element)}</p>")


def _link(sheet: Sheet, element: Element) -> str:
    name = element.get("LienPublication") or ""
    if not name:
        return ""
    text = title_of(sheet, element, "TexteDeRemplacement") or title_of(sheet, element)
    kind = element.get("format") or ""
    document = (
        element.tag == "LienRessource" and "image" not in (element.get("type") or kind).lower()
    )
    what = "le document" if document else "l’image"
    label = f"Voir {what} sur service-public{f' : {text}' if text else f' ({escape(name)})'}"
    return outward(sheet, _IMAGES + name, label, element) + remark(element)


def film(sheet: Sheet, element: Element) -> None:
    """`Video`: a link, never a frame of a third party (no cookie, no request unasked)."""
    out = sheet.out
    title = title_of(sheet, element)
    provider = element.get("fournisseur") or ""
    provider = {"youTube": "YouTube", "dailyMotion": "Dailymotion"}.get(provider, provider)
    out.append('<div class="figure">')
    label = f"Vidéo : {title or 'voir le film'}"
    if provider:
        label += f' <span class="document">(sur {escape(provider)})</span>'
    out.append(f"<p>{outward(sheet, element.get('URL') or '', label)}</p>")
    but(sheet, element, "Titre")
    out.append("</div>")


def credit(sheet: Sheet, element: Element) -> None:
    """`Credits`: whose the image or film is."""
    out = sheet.out
    out.append('<div class="credits"><p>Crédits :</p>')
    but(sheet, element)
    out.append("</div>")


def description(sheet: Sheet, element: Element) -> None:
    """`Description`: what the image or film shows, in full, as RGAA 1.6 and 4.1 ask."""
    out = sheet.out
    out.append('<details class="description"><summary>Description détaillée</summary>')
    but(sheet, element)
    out.append("</details>")


def illustrated(sheet: Sheet, element: Element) -> None:
    """`ContenuIllustre`: what is illustrated first, then the image's text."""
    for name in ("Contenu", "Illustration"):
        for child in element.findall(name):
            BLOCK.get(child.tag, unknown)(sheet, child)
    but(sheet, element, "Contenu", "Illustration")
