# SPDX-License-Identifier: GPL-3.0-or-later
"""Flux 3.5 is read as its schemas describe it: documents made from them, valid by them, rendered.

No archive of flux 3.5 is at hand; its schemas are (tests/data/comarquage/xsd-3.5), and the real
archive of flux 3.4, of which every sheet is valid by them once five differences are mended.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import from_schema
import pytest
import rules
import words
from lxml import etree

from comarquage import indexes
from comarquage.corpus import Corpus
from comarquage.parse import parsed
from comarquage.render.about import Origin
from comarquage.render.page import render
from comarquage.vocabulary import unknown_attributes

DATA = Path(__file__).parents[2] / "data" / "comarquage"
SCHEMAS = DATA / "xsd-3.5"
# Roots of what becomes a page, and how many documents of each are made.
ROOTS = {"Publication": 100, "ServiceComplementaire": 60, "CentresDeContact": 10, "PgFAQ": 30,
         "PgTech": 30}  # fmt: skip
SHEETS = {"Publication": 139, "ServiceComplementaire": 132}  # names of elements in them
FILES = {"CentresDeContact": "indexes", "PgFAQ": "tech", "PgTech": "tech"}
KNOWN = {("part", "F1"): "Une", ("part", "F2"): "Deux & deux", ("pro", "F3"): "Trois",
         ("part", "N1"): "Quatre", ("part", "R1"): "Cinq"}  # fmt: skip
_ORIGIN = Origin("https://lecomarquage.service-public.gouv.fr/a.zip", dt.date(2026, 11, 1))


def _file(schemas: Path, root: str) -> Path:
    return schemas / FILES.get(root, "") / f"{root}.xsd"


@pytest.fixture(scope="module")
def validators(tmp_path_factory) -> dict[str, etree.XMLSchema]:
    """The schemas, with one model of content written otherwise: it allows exactly the same.

    libxml2 gets lost in `Texte`, a repeated sequence of a repeated choice and of chapters, all of
    which may be absent: it takes half a second and then refuses a paragraph followed by a box.
    ``(A* C*)*`` is ``(A|C)*``, with which it has no trouble.
    """
    folder = tmp_path_factory.mktemp("xsd") / "3.5"
    shutil.copytree(SCHEMAS, folder)
    path = folder / "librairie" / "commun.texte.xsd"
    tree = etree.parse(path, from_schema.PARSER)
    text = tree.find(f"{from_schema.XSD}element[@name='Texte']/{from_schema.XSD}complexType")
    (sequence,) = text.findall(f"{from_schema.XSD}sequence")
    group, chapter = sequence
    assert (sequence.get("maxOccurs"), group.get("ref")) == (
        "unbounded",
        "GroupeContenusStructures",
    )
    assert (chapter.get("minOccurs"), chapter.get("maxOccurs")) == ("0", "unbounded")
    sequence.tag = f"{from_schema.XSD}choice"
    sequence.set("minOccurs", "0")
    tree.write(path, encoding="utf-8")
    return {root: etree.XMLSchema(etree.parse(_file(folder, root), from_schema.PARSER))
            for root in ROOTS}  # fmt: skip


@pytest.fixture(scope="module")
def makers() -> dict[str, from_schema.Maker]:
    return {root: from_schema.Maker(from_schema.Schema(_file(SCHEMAS, root)), 2026)
            for root in ROOTS}  # fmt: skip


@pytest.fixture(scope="module")
def documents(makers) -> list[bytes]:
    return [etree.tostring(makers[root].document(root), encoding="utf-8")
            for root, count in ROOTS.items() for _ in range(count)]  # fmt: skip


def _rendered(source: bytes):
    root = parsed(source)
    corpus = Corpus(dict(KNOWN), {("part", "F9"): "F2"}, secure_hosts={"www.a.example"})
    return render(corpus, "part", root.get("ID") or "F1", root, _ORIGIN)


@pytest.fixture(scope="module")
def pages(documents):
    return [_rendered(source) for source in documents]


def test_the_schemas_ask_for_no_network():
    for path in SCHEMAS.rglob("*.xsd"):
        for node in etree.parse(path, from_schema.PARSER).iterfind("{*}*[@schemaLocation]"):
            assert (path.parent / node.get("schemaLocation")).is_file(), path


def test_what_is_made_is_valid_by_the_official_schemas(validators, documents):
    wrong = []
    for number, source in enumerate(documents):
        root = etree.fromstring(source)
        if not validators[root.tag].validate(root):
            wrong.append((number, validators[root.tag].error_log[0].message))
    assert wrong == []
    assert len(documents) == sum(ROOTS.values())


def test_what_the_schemas_do_not_have_is_refused(validators):
    def allowed(text: str) -> bool:
        return validators["Publication"].validate(etree.fromstring(text))

    text = "<Publication><Texte><Paragraphe>a</Paragraphe>{}</Texte></Publication>"
    assert allowed(text.format("<Exemple/><Chapitre/><Liste><Item/></Liste>"))
    assert not allowed(text.format("<Nouveau2027/>"))
    assert not allowed(text.format("<Exemple nouveau='a'/>"))
    assert not allowed(text.format("<Liste/>"))
    assert not allowed(text.format("<BlocCas><Cas><Titre/></Cas></BlocCas>"))
    assert not allowed(text.format("mot"))


@pytest.mark.parametrize("root", ROOTS)
def test_all_that_the_schema_allows_occurs(makers, documents, root):
    """Every element in every place, and every attribute; what pages share, on sheets."""
    labels, names, attributes = makers[root].schema.reachable(root)
    by = {root} if root in SHEETS else {root, *SHEETS}
    made = {label for one in by for label in makers[one].made}
    assert (labels | attributes) - made == set()
    there = {element.tag for source in documents for element in etree.fromstring(source).iter()
             if element.getroottree().getroot().tag in by}  # fmt: skip
    assert names - there == set()
    assert len(names) == SHEETS.get(root, len(names))


def test_all_of_it_is_known(documents, pages):
    unknown = {}
    for number, (source, page) in enumerate(zip(documents, pages, strict=True)):
        new = page.unknown + unknown_attributes(source, parsed(source))
        if new:
            unknown[number] = dict(new)
    assert unknown == {}


def test_the_cases_of_flux_3_5_are_valid_but_for_the_element_that_nobody_knows(validators):
    for path in sorted((DATA / "cases").glob("flux-3.5*.xml")):
        root = etree.parse(path).getroot()
        for new in root.findall("Nouveau2027"):
            root.remove(new)
        assert validators[root.tag].validate(root), validators[root.tag].error_log


def test_no_word_is_lost(documents, pages):
    lost = {}
    for number, (source, page) in enumerate(zip(documents, pages, strict=True)):
        gone = words.lost(source, page.html, *page.steps.values())
        if gone:
            lost[number] = dict(gone)
    assert lost == {}


def test_no_address_is_lost(documents, pages):
    lost = {}
    for number, (source, page) in enumerate(zip(documents, pages, strict=True)):
        gone = words.lost_addresses(source, page.html, *page.steps.values())
        if gone:
            lost[number] = gone
    assert lost == {}


def test_the_pages_keep_the_rules_of_all_pages(pages):
    wrong = {}
    for number, page in enumerate(pages):
        found = [*rules.broken(page.html, KNOWN)]
        for step in page.steps.values():
            found += rules.misplaced(step)
        if found:
            wrong[number] = found
    assert wrong == {}


def test_every_file_that_has_a_schema_is_a_page_or_data():
    for folder in ("", "indexes", "tech"):
        for path in (SCHEMAS / folder).glob("*.xsd"):
            roots = {node.get("name") for node in etree.parse(path).iterfind("{*}element")}
            assert roots & {*ROOTS, *indexes.DATA}, path


def test_menus_and_redirections_are_read_whole():
    menus = from_schema.Maker(from_schema.Schema(SCHEMAS / "indexes" / "Menu.xsd"), 2026)
    moves = from_schema.Maker(from_schema.Schema(SCHEMAS / "indexes" / "Redirections.xsd"), 2026)
    for _ in range(20):
        menu, moved = menus.document("Menu"), moves.document("Redirections")
        table = indexes.read(menu, moved)
        assert [title for *_, title in table.nodes] == [
            " ".join((item.findtext("Titre") or "").split()) for item in menu.iter("ItemMenu")
        ]
        assert len(table.moved) == sum(1 for one in moved.iter() if (one.get("from") or "")
                                       and (one.get("to") or one.get("toUrl") or ""))  # fmt: skip


def _as_3_5(root) -> None:
    """A sheet of flux 3.4 as 3.5 writes it: all in which the two differ on real sheets."""
    for contact in root.iter("OuSAdresser", "QuiPeutMAider"):
        contact.attrib.pop("sve", None)
    for parent in root.findall("SousDossierPere"):
        root.remove(parent)
    for notice in root.iter("NoticeLiee"):
        _wrapped(notice, "Titre")
    for title in root.iterfind(".//Tableau/Titre"):
        title.tag = "TitreRiche"
        _wrapped(title, "Paragraphe")
    for image in root.iter("Illustration"):
        image.tag = "ImageIllustration"


def _wrapped(element, name: str) -> None:
    """Put the text of `element` into a child of its own."""
    if (element.text or "").strip():
        child = etree.Element(name)
        child.text, element.text = element.text, None
        element.insert(0, child)


@pytest.mark.slow
def test_every_real_sheet_written_as_3_5_is_valid_and_loses_nothing(validators, files):
    wrong = {}
    seen = 0
    for audience, documents in files.items():
        for name, data in documents.items():
            root = etree.fromstring(data)
            if root.tag not in SHEETS:
                continue
            _as_3_5(root)
            source = etree.tostring(root, encoding="utf-8")
            root = etree.fromstring(source)
            page = _rendered(source)
            shown = page.html, *page.steps.values()
            found = (
                not validators[root.tag].validate(root),
                [one for one in page.unknown + unknown_attributes(source, root)
                 if not one.startswith("address ")],  # which the source has wrong
                words.lost(source, *shown),
                words.lost_addresses(source, *shown),
            )  # fmt: skip
            if any(found):
                wrong[f"{audience}/{name}"] = found
            seen += 1
    assert wrong == {}
    assert seen == 7667
