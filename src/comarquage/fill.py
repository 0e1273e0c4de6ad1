# SPDX-License-Identifier: GPL-3.0-or-later
"""Local slots of a page filled: a pure function, the same page and data give the same bytes.

All that comes from data is escaped; what agents write is cleaned by :mod:`comarquage.richtext`.
"""

from __future__ import annotations

import re
from html import escape

from comarquage.local import Local, Place, is_address
from comarquage.page import Page
from comarquage.richtext import safe

_SLOT = re.compile(r"<!--slot:([a-z]+):([a-z0-9_]*)-->")
_WEBSITE = re.compile(r"https?://[^\s/]")
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+\Z")


def fill(page: Page, local: Local) -> str:
    """The body of `page` with what `local` adds to it, as an HTML fragment that begins with `h1`.

    Slots for which there is nothing vanish.  Links within the guide get `local.base`.
    """
    base = escape(local.base)
    body = _SLOT.sub(lambda slot: _filled(page, local, slot[1], slot[2]), page.html)
    return body.replace('href="guide:', f'href="{base}')


def fill_links(html: str, base: str) -> str:
    """Links within the guide made real in a fragment that has no slots, as a `Term`'s."""
    return html.replace('href="guide:', f'href="{escape(base.rstrip("/"))}')


def _filled(page: Page, local: Local, kind: str, name: str) -> str:
    if kind == "pivot":
        return _pivot(local, name)
    enrichment = local.enrichments.get(page.id)
    if kind == "before":
        return _before(local, page, enrichment.before if enrichment else "")
    if kind == "after" and enrichment and enrichment.after:
        return (
            f'<section class="local"><h2>Près de chez vous</h2>{safe(enrichment.after)}</section>'
        )
    return ""


def _before(local: Local, page: Page, text: str) -> str:
    written = f'<div class="local">{safe(text)}</div>' if text else ""
    links = "".join(
        f'<p class="local procedure"><a href="{escape(one.url)}">{escape(one.title)}</a></p>'
        for one in local.on(page.id)
        if is_address(one.url)
    )
    return links + written


def _pivot(local: Local, name: str) -> str:
    places = local.pivots.get(name, ())
    extra = local.enrichments.get(f"pivot:{name}")
    written = "".join(_place(place) for place in places)
    if extra is not None:
        written = safe(extra.before) + written + safe(extra.after)
    return f'<div class="local place">{written}</div>' if written else ""


def _place(place: Place) -> str:
    parts = []
    if place.name:
        parts.append(f'<p class="name">{escape(place.name)}</p>')
    if place.address:
        parts.append(f"<p>{'<br>'.join(escape(line) for line in place.address)}</p>")
    if place.phone:
        number = re.sub(r"[^0-9+]", "", place.phone)
        link = f'<a href="tel:{number}">{escape(place.phone)}</a>' if number else ""
        parts.append(f"<p>Téléphone : {link or escape(place.phone)}</p>")
    if place.email:
        address = escape(place.email)
        link = f'<a href="mailto:{address}">{address}</a>'
        parts.append(f"<p>Courriel : {link if _EMAIL.match(place.email) else address}</p>")
    if place.website:
        site = escape(place.website)
        link = f'<a href="{site}" rel="external">{site}</a>'
        parts.append(f"<p>Site : {link if _WEBSITE.match(place.website) else site}</p>")
    if place.hours:
        lines = "".join(f"<li>{escape(line)}</li>" for line in place.hours)
        parts.append(f"<p>Horaires :</p><ul>{lines}</ul>")
    if place.note:
        parts.append(safe(place.note))
    if _WEBSITE.match(place.directory_url):
        url, name = escape(place.directory_url), escape(place.name or "ce service")
        parts.append(f'<p><a href="{url}" rel="external">Fiche de l’annuaire : {name}</a></p>')
    return "".join(parts)
