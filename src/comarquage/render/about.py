# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of every page: what the file says of itself, and the mention that the licence wants."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from comarquage.dates import day_in, in_french
from comarquage.render.links import outward
from comarquage.render.sheet import Element, Sheet, attribute, escape
from comarquage.render.table import inline_text

DC = "{http://purl.org/dc/elements/1.1/}"
_NAMES = {
    "Audience": "Public",
    "Cible": "Cible",
    "Canal": "Canal",
    f"{DC}subject": "Sujet",
    f"{DC}type": "Nature",
    f"{DC}coverage": "Territoire",
    f"{DC}creator": "Auteur",
    f"{DC}publisher": "Éditeur",
    f"{DC}contributor": "Contributeur",
    f"{DC}rights": "Droits",
    f"{DC}language": "Langue",
    f"{DC}format": "Format",
    f"{DC}identifier": "Identifiant",
    f"{DC}relation": "Relation",
    f"{DC}source": "Sources",
}
ABOUT = frozenset(_NAMES)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an archive came from: its address in full, and its day."""

    url: str
    day: dt.date

    @property
    def file(self) -> str:
        """Name of the archive."""
        return self.url.rpartition("/")[2]


def about(sheet: Sheet, elements: list[Element]) -> None:
    """Dublin Core and the rest of the head, folded."""
    out = sheet.out
    out.append('<details class="about"><summary>À propos de cette page</summary><dl>')
    for name, label in _NAMES.items():
        found = [element for element in elements if element.tag == name]
        if not found:
            continue
        out.append(f"<dt>{label}</dt>")
        for element in found:
            out.append(f"<dd>{_value(sheet, element)}</dd>")
    out.append("</dl></details>")


def _value(sheet: Sheet, element: Element) -> str:
    text = inline_text(sheet, element)
    if element.tag == f"{DC}source":
        links = [part.strip() for part in (element.text or "").split(",")]
        return " ".join(
            f"{outward(sheet, link, escape(link))},"
            if link.startswith("http")
            else f"{escape(link)},"
            for link in links
            if link
        ).rstrip(",")
    if element.tag == f"{DC}rights" and text.startswith("http"):
        return outward(sheet, text, text)
    return text


def mention(sheet: Sheet, origin: Origin, root: Element) -> None:
    """Producer, page, address and name of the file, its day: the duties of the open licence."""
    written = root.find(f"{DC}date")
    day = day_in((written.text or "") if written is not None else "")
    public = root.get("spUrl") or sheet.corpus.public_url(sheet.audience, sheet.id)
    checked = f"Vérifié le {in_french(day)} par " if day else "Rédigé par "
    site = outward(sheet, public, "Service-Public.gouv.fr / DILA")
    sheet.out.append(
        f'<p class="mention">{checked}{site}. Source : fichier {escape(sheet.id)}.xml de '
        f'<a href="{attribute(origin.url)}" rel="external">{escape(origin.url)}</a> '
        f"({escape(origin.file)}, {in_french(origin.day)}), sous Licence Ouverte 2.0.</p>"
    )
