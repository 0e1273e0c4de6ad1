# SPDX-License-Identifier: GPL-3.0-or-later
"""Links: within the guide (`guide:/part/F1427`, made real by `fill`), within the page, outward."""

from __future__ import annotations

import re

from comarquage.corpus import audience_of
from comarquage.render.sheet import Element, Handler, Sheet, attribute, escape
from comarquage.render.table import BLOCK, inline, unknown

_FORMATS = {
    "pdf": "PDF",
    "application/pdf": "PDF",
    "portable document format (pdf)": "PDF",
    "format pdf": "PDF",
    "application/msword": "Word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/rtf": "RTF",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "application/zip": "ZIP",
    "text/csv": "CSV",
    "image/gif": "image GIF",
    "image/png": "image PNG",
    "image/jpeg": "image JPEG",
}
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\Z")
_LINK = re.compile(r"<a .*?</a>", re.DOTALL)
_TAG = re.compile(r"</?a\b[^>]*>")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\Z")
_GLOSSARY = frozenset({"Sigle", "Acronyme"})


def details_of(element: Element) -> str:
    """``(PDF, 67,2 Ko)`` of the document behind a link, as RGAA 13.3 asks, or nothing."""
    parts = []
    kind = (element.get("format") or "").partition(";")[0].strip().lower()
    if kind in _FORMATS:
        parts.append(_FORMATS[kind])
    weight = element.get("poids")
    if weight:
        parts.append(_weight(weight))
    return f' <span class="document">({escape(", ".join(parts))})</span>' if parts else ""


def _weight(text: str) -> str:
    """``67.2 KB`` as French readers write it."""
    number, _, unit = text.strip().partition(" ")
    unit = {"KB": "Ko", "MB": "Mo", "GB": "Go", "B": "octets", "": "Ko"}.get(unit, unit)
    return f"{number.replace('.', ',')} {unit}"


def remark(element: Element, *, but: str = "", numbered: bool = False) -> str:
    """``(cerfa n° 12345*01, a comment)``: what attributes of a link say of it, after the link.

    A comment that only repeats `but`, the words of the link itself, is left out; so is the number
    of the form where the link is `numbered`.
    """
    number = None if numbered else element.get("numerocerfa")
    other = element.get("autrenumero")
    parts = [f"cerfa n° {number}" if number else "", f"n° {other}" if other else ""]
    comment = element.get("commentaireLien") or ""
    if comment.split() != but.split():
        parts.append(comment.strip())
    told = ", ".join(part for part in parts if part)
    return f' <span class="remark">({escape(told)})</span>' if told else ""


def parted(label: str) -> tuple[str, str]:
    """`label` (HTML) for a link, and the links it holds for after it: none may hold another.

    Those within the page are not repeated: the glossary is below anyway.
    """
    if "<a " not in label:
        return label, ""
    inner = (link for link in _LINK.findall(label) if 'href="#' not in link)
    return _TAG.sub("", label), "".join(f" {link}" for link in inner)


def outward(sheet: Sheet, url: str, label: str, element: Element | None = None) -> str:
    """A link out of the guide around `label` (HTML); an address of an odd kind leaves the label.

    Addresses of hosts that the guide itself calls by https are upgraded, `hreflang` and format
    are those of `element`.
    """
    address = upgraded(sheet, url)
    if address is None:
        sheet.unknown[f"address {url[:40]}"] += 1
        return label
    more = ""
    extra = ""
    if element is not None:
        language = element.get("langue")
        if language and language != "fr" and _LANGUAGE.match(language):
            more = f' hreflang="{language}"'
        extra = details_of(element)
    label, inner = parted(label)
    return f'<a href="{attribute(address)}"{more} rel="external">{label}{extra}</a>{inner}'


def upgraded(sheet: Sheet, url: str) -> str | None:
    """`url` by https where its host is known to speak it; None for what is no address."""
    url = url.strip()
    if url.startswith("http://"):
        host = url[7:].partition("/")[0].partition("?")[0].lower()
        if host in sheet.corpus.secure_hosts:
            url = "https://" + url[7:]
    elif not url.startswith(("https://", "mailto:", "tel:")):
        if _MAIL.match(url):
            return f"mailto:{url}"
        if re.match(r"[a-z]+:", url, re.IGNORECASE) or "." not in url.partition("/")[0]:
            return None
        url = "https://" + url
    if url.startswith("http"):
        sheet.external.add(url)
    return url


def within(sheet: Sheet, identifier: str, label: str, audience: str | None, query: str = "") -> str:
    """A link to a sheet of the guide around `label` (HTML), which may be empty.

    An empty label becomes the title of the target.  What this copy of the guide does not have
    is linked to where it certainly is, on service-public.
    """
    wished = audience_of(audience) or sheet.audience
    label, inner = parted(label)
    found = sheet.corpus.found(wished, identifier)
    if found is None:
        place = sheet.corpus.place_of(wished, identifier)
        if place is not None:
            return f'<a href="{place}">{label or escape(identifier)}</a>{inner}'
        if identifier[:1] not in "FNR" or not identifier[1:].isdigit():
            return label + inner
        sheet.corpus.missing.add((wished, identifier))
        url = sheet.corpus.public_url(wished, identifier)
        return f'<a href="{url}" rel="external">{label or escape(identifier)}</a>{inner}'
    if not label:
        label = escape(sheet.corpus.titles[found])
    return f'<a href="guide:/{found[0]}/{attribute(found[1])}{query}">{label}</a>{inner}'


def _label(sheet: Sheet, element: Element) -> str:
    """Running text of a link, blanks at its ends included: words stand on both sides of it."""
    return sheet.captured(inline, element) if len(element) else escape(element.text or "")


def _remark(element: Element) -> str:
    return remark(element, but=element.text or "")


def to_publication(sheet: Sheet, element: Element) -> None:
    """`LienInterne`: a sheet, or an abbreviation that the page explains below."""
    label = _label(sheet, element)
    target = element.get("LienPublication") or ""
    if element.get("type") in _GLOSSARY or target in sheet.defined:
        if target in sheet.defined and label.strip():
            label = f'<a class="term" href="#{attribute(target)}">{label}</a>'
        sheet.out.append(label + _remark(element))
        return
    if label.strip():
        sheet.out.append(within(sheet, target, label, element.get("audience")) + _remark(element))
        return
    # An empty link becomes the title of its target, which needs blanks around it.
    before = sheet.out[-1][-1:] if sheet.out else ""
    after = (element.tail or "")[:1]
    link = within(sheet, target, "", element.get("audience")) + _remark(element)
    sheet.out.append(
        f"{' ' * (before.isalnum() or before == '>')}{link}{' ' * (after.isalnum() or not after)}"
    )


def within_page(sheet: Sheet, element: Element) -> None:
    """`LienIntra`: to the glossary, a chapter or a service of the same page."""
    target = element.get("LienID") or ""
    label = _label(sheet, element)
    if label.strip():
        if target in sheet.defined:
            label = f'<a class="term" href="#{attribute(target)}">{label}</a>'
        elif target in sheet.wanted:
            label = f'<a href="#{attribute(target)}">{label}</a>'
        elif target == sheet.id or sheet.corpus.found(sheet.audience, target):
            label = within(sheet, target, label, None)
    sheet.out.append(label + _remark(element))


def to_the_web(sheet: Sheet, element: Element) -> None:
    """`LienExterne`: a page or document elsewhere."""
    label = _label(sheet, element)
    url = element.get("URL") or ""
    if not label.strip():
        sheet.out.append(f" {outward(sheet, url, escape(url), element)}{_remark(element)} ")
        return
    sheet.out.append(outward(sheet, url, label, element) + _remark(element))


def telephone(sheet: Sheet, element: Element) -> None:
    """`Tel`: a number that a telephone can dial."""
    text = element.text or ""
    number = re.sub(r"[^0-9+]", "", text)
    label = escape(text)
    sheet.out.append(f'<a href="tel:{number}">{label}</a>' if number else label)


def with_comment(sheet: Sheet, element: Element) -> None:
    """`LienExterneCommente`: a link and what is said about it."""
    sheet.out.append("<div>")
    text = element.text
    if text and not text.isspace():
        sheet.out.append(f"<p>{escape(text)}</p>")
    for child in element:
        BLOCK.get(child.tag, unknown)(sheet, child)
    sheet.out.append("</div>")


def alone(handler: Handler) -> Handler:
    """`handler` of running text, for where it stands among blocks: as a paragraph."""

    def paragraph(sheet: Sheet, element: Element) -> None:
        sheet.out.append("<p>")
        handler(sheet, element)
        sheet.out.append("</p>")

    return paragraph
