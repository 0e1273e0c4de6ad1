# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole page from one file of the guide: head, body, sections in a fixed order, mention."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field

import comarquage.render.dispatch  # noqa: F401 - fills the table
from comarquage.corpus import Corpus
from comarquage.dates import day_in
from comarquage.render.about import ABOUT, DC, Origin, about, mention
from comarquage.render.blocks import heading
from comarquage.render.glossary import terms
from comarquage.render.navigation import ENTRIES, entries
from comarquage.render.sheet import Element, Sheet, escape
from comarquage.render.table import BLOCK, inline_text, unknown

# Parts of a sheet that are gathered under a heading, in this order.
_SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("services", "Services en ligne et formulaires",
     ("ServiceEnLigne", "ServiceEnLigneAlternatif")),
    ("contacts", "Où s’adresser ?", ("OuSAdresser", "OuSAdresserSupport")),
    ("help", "Qui peut m’aider ?", ("QuiPeutMAider",)),
    ("questions", "Questions – Réponses", ("QuestionReponse", "FAQ")),
    ("how", "Comment faire si…", ("CommentFaireSi",)),
    ("guided", "Recherches guidées", ("RechercheGuidee", "RechercheGuideePere")),
    ("more", "Pour en savoir plus", ("PourEnSavoirPlus", "RefActualite")),
    ("references", "Textes de référence", ("Reference",)),
    ("partners", "Partenaires", ("Partenaire",)),
    ("near", "Voir aussi",
     ("VoirAussi", "FicheLiee", "FicheConnexe", "FichePrecedente", "FicheSuivante")),
    ("place", "Dans la même rubrique",
     ("Theme", "SousThemePere", "SousDossierPere", "DossierPere")),
    ("glossary", "Définitions", ("Definition", "Abreviation")),
)  # fmt: skip
_SECTION_OF = {tag: key for key, _, tags in _SECTIONS for tag in tags}
_HEAD = frozenset({
    "FilDAriane", "SurTitre", "Avertissement", f"{DC}title", f"{DC}description", f"{DC}date",
})  # fmt: skip
_ID = re.compile(r' id="([^"]*)"')
_INNER = re.compile(r'<a (?:class="term" )?href="#([^"]*)">(.*?)</a>', re.DOTALL)
_STATUS = {
    "enCoursDeMiseAJour": "Cette page est en cours de mise à jour.",
    "miseAJourAVenir": "Cette page sera bientôt mise à jour.",
}
# What tells readers apart a sheet from the others, and is searched; the rest is navigation.
_SEARCHED = frozenset({
    "Introduction", "Texte", "ListeSituations", "Questionnaire", "Problematiques",
    "LienExterneCommente", "Conclusion", "CommentFaireSelf", "Fiche", "SousDossier", "Dossier",
    "SousTheme", "NumeroCerfa", "AutreNumero", "Etapes", "Documents", "ServiceEnLigne",
})  # fmt: skip


@dataclass(slots=True)
class Rendered:
    """One page as it is stored; `themes` are identifiers."""

    audience: str
    id: str
    kind: str
    title: str
    description: str
    day: dt.date | None
    canonical: str
    html: str
    themes: tuple[str, ...]
    steps: dict[str, str] = field(default_factory=dict)
    conditions: int = 0
    terms: dict[str, tuple[str, str]] = field(default_factory=dict)
    external: set[str] = field(default_factory=set)
    unknown: Counter[str] = field(default_factory=Counter)


def render(
    corpus: Corpus, audience: str, identifier: str, root: Element, origin: Origin
) -> Rendered:
    """The page of the file `identifier` of `audience`, whose root element is `root`."""
    sheet = Sheet(corpus, audience, identifier)
    _anchors(sheet, root)
    sheet.conditional = root.find(".//Condition") is not None
    head, body, sections = _sorted(root)
    title = _text(head, f"{DC}title") or corpus.titles.get((audience, identifier), identifier)
    _opening(sheet, root, head, title)
    at = len(sheet.out)
    sheet.out.append("")
    _body(sheet, body)
    sheet.out.append("<!--slot:after:-->")
    _sections(sheet, sections)
    if "about" in sections:
        about(sheet, sections["about"])
    mention(sheet, origin, root)
    if sheet.conditions:
        sheet.out[at] = "<!--slot:answers:-->"
    written = "".join(sheet.out)
    ids = set(_ID.findall(written))
    return Rendered(
        audience=audience,
        id=identifier,
        kind=root.get("type") or str(root.tag),
        title=title,
        description=_text(head, f"{DC}description"),
        day=day_in(_text(head, f"{DC}date")),
        canonical=root.get("spUrl") or corpus.public_url(audience, identifier),
        html=_alive(written, ids),
        themes=tuple(
            theme.get("ID") or "" for theme in sections.get("place", ()) if theme.tag == "Theme"
        ),
        steps={
            path: _alive(step, ids.union(_ID.findall(step))) for path, step in sheet.steps.items()
        },
        conditions=sheet.conditions,
        terms=sheet.terms,
        external=sheet.external,
        unknown=sheet.unknown,
    )


def _anchors(sheet: Sheet, root: Element) -> None:
    """Note what the links of a page may lead to in it."""
    for term in root.iter("Definition", "Abreviation"):
        sheet.defined.add(term.get("ID") or "")
    for link in root.iter("LienIntra"):
        target = link.get("LienID")
        if target and target not in sheet.defined:
            sheet.wanted.add(target)
    if sheet.wanted:
        there = {element.get("ID") for element in root.iterfind(".//*[@ID]")}
        sheet.wanted = {target for target in sheet.wanted if target in there}
        sheet.wanted.discard(sheet.id)


def _alive(written: str, ids: set[str]) -> str:
    """`written` without links to parts that are not in it: some have no place of their own."""
    return _INNER.sub(lambda link: link[0] if link[1] in ids else link[2], written)


def _sorted(
    root: Element,
) -> tuple[dict[str, Element], list[Element], dict[str, list[Element]]]:
    """Parts of the head by name, the body in the order of the source, sections by key."""
    sections: dict[str, list[Element]] = {}
    head: dict[str, Element] = {}
    body: list[Element] = []
    for child in root:
        tag = str(child.tag)
        if tag in _SECTION_OF:
            sections.setdefault(_SECTION_OF[tag], []).append(child)
        elif tag in ABOUT:
            sections.setdefault("about", []).append(child)
        elif tag in _HEAD and tag not in head and tag != "Avertissement":
            head[tag] = child
        else:
            body.append(child)
    return head, body, sections


def _text(head: dict[str, Element], name: str) -> str:
    element = head.get(name)
    return "" if element is None else " ".join((element.text or "").split())


def _opening(sheet: Sheet, root: Element, head: dict[str, Element], title: str) -> None:
    out = sheet.out
    if "FilDAriane" in head:
        BLOCK["FilDAriane"](sheet, head["FilDAriane"])
    if "SurTitre" in head:
        out.append(f'<p class="overline">{inline_text(sheet, head["SurTitre"])}</p>')
    out.append(f"<h1>{escape(title)}</h1>")
    sheet.heading = escape(title)
    status = root.get("statut")
    if status:
        out.append(f'<p class="status">{escape(_STATUS.get(status, status))}</p>')
    description = _text(head, f"{DC}description")
    if description:
        out.append(f'<p class="lead">{escape(description)}</p>')
    out.append("<!--slot:before:-->")


def _body(sheet: Sheet, body: list[Element]) -> None:
    """What is the sheet itself, in the order of the source; runs of entries become lists."""
    run: list[Element] = []
    for child in body:
        if child.tag in ENTRIES and child.tag != "SousTheme":
            run.append(child)
            continue
        if run:
            entries(sheet, run)
            run = []
        BLOCK.get(child.tag, unknown)(sheet, child)
        tail = child.tail
        if tail and not tail.isspace():
            sheet.out.append(f"<p>{escape(tail)}</p>")
    if run:
        entries(sheet, run)


def _sections(sheet: Sheet, sections: dict[str, list[Element]]) -> None:
    for key, name, _ in _SECTIONS:
        elements = sections.get(key)
        if not elements:
            continue
        sheet.level = 2
        at = len(sheet.out)
        sheet.out.append(f'<section class="{key}">')
        sheet.out.append(heading(sheet, name))
        sheet.level = 3
        if key == "glossary":
            terms(sheet, elements)
        else:
            _body(sheet, elements)
        if len(sheet.out) > at + 2:
            sheet.out.append("</section>")
        else:
            del sheet.out[at:]
    sheet.level = 2


def searched(root: Element, identifier: str) -> str:
    """The words of the sheet itself; on lists of everything, only their title is of use."""
    if not identifier[:1].isupper():
        return ""
    return " ".join(" ".join(child.itertext()) for child in root if child.tag in _SEARCHED)
