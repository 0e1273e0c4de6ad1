# SPDX-License-Identifier: GPL-3.0-or-later
"""What a local government adds: the nearest level wins, and nothing of it can do harm."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from comarquage import Local, Page, Place, directory, fill, local_of, safe
from comarquage.messages import Refused

_RECORD = Path(__file__).parents[2] / "data" / "comarquage" / "annuaire-mairie-77188.json"
_LEVELS = [
    {"pivots": {"mairie": {"hours": ["Lundi : 9 h à 12 h"], "phone": "05 00 00 00 00"}},
     "enrichments": {"F1427": {"before": "du département"},
                     "pivot:mairie": {"after": "<p>46</p>"}}},
    {"pivots": {"Mairie": {"name": "Mairie de Cahors", "phone": "05 65 20 87 87"}},
     "enrichments": {"F1427": {"before": "de la commune", "procedure": "acte"}},
     "procedures": {"acte": {"title": "Demander un acte", "url": "/demarches/acte/"}}},
]  # fmt: skip


def _page(body: str = "", name: str = "F1427") -> Page:
    text = f"<h1>t</h1><!--slot:before:-->{body}<!--slot:pivot:mairie--><!--slot:after:-->"
    return Page("part", name, "", "t", "", None, "", "", (), text)


def test_the_nearest_level_wins_field_by_field():
    local, problems = local_of(_LEVELS)
    assert problems == []
    place = local.pivots["mairie"][0]
    assert (place.name, place.phone, place.hours) == (
        "Mairie de Cahors",
        "05 65 20 87 87",
        ("Lundi : 9 h à 12 h",),
    )
    assert local.enrichments["F1427"].before == "de la commune"
    body = fill(_page(), local)
    assert "de la commune" in body
    assert "du département" not in body
    assert '<a href="tel:0565208787">05 65 20 87 87</a>' in body
    assert "<p>46</p>" in body


def test_from_the_sheet_to_the_procedure_and_back():
    local, _ = local_of(_LEVELS)
    assert '<a href="/demarches/acte/">Demander un acte</a>' in fill(_page(), local)
    assert "Demander un acte" not in fill(_page(name="F1432"), local)
    assert local.sheets_of("acte") == ("F1427",)
    assert local.attached() == ("F1427",)


def test_the_mairie_of_a_real_sheet_is_the_one_of_the_commune(guide):
    local, _ = local_of(_LEVELS)
    page = guide.page("part", "F24345")
    assert "Mairie de Cahors" in fill(page, local)
    assert "Mairie de Cahors" not in fill(page, Local())


def test_links_of_a_page_stand_where_the_guide_stands():
    page = _page('<a href="guide:/part/F1">x</a>')
    assert 'href="/guide/part/F1"' in fill(page, Local())
    local, _ = local_of([], base="https://www.cahors.fr/droits/")
    assert 'href="https://www.cahors.fr/droits/part/F1"' in fill(page, local)


@pytest.mark.parametrize(
    ("level", "path"),
    [
        ({"pivots": ["mairie"]}, "0.pivots"),
        ({"pivots": {"mairie": "Cahors"}}, "0.pivots.mairie"),
        ({"pivots": {"mairie": {"chef": "x"}}}, "0.pivots.mairie.0.chef"),
        ({"pivots": {"mairie": {"name": 3}}}, "0.pivots.mairie.0.name"),
        ({"enrichments": {"mairie": {"before": "x"}}}, "0.enrichments.mairie"),
        ({"enrichments": {"F1": {"top": "x"}}}, "0.enrichments.F1.top"),
        ({"enrichments": {"F1": {"before": ["x"]}}}, "0.enrichments.F1.before"),
        ({"enrichments": {"F1": {"procedure": "x"}}}, "enrichments.F1.procedure"),
        ({"procedures": {"x": {"title": "x", "url": "javascript:alert(1)"}}}, "0.procedures.x"),
        ({"procedures": {"x": {"title": "x", "url": "//evil.example/"}}}, "0.procedures.x"),
    ],
)
def test_local_data_that_cannot_be_used_is_told_and_left_out(level, path):
    local, problems = local_of([level])
    assert [one.path for one in problems] == [path]
    assert fill(_page(name="F1"), local) == "<h1>t</h1>"


_NASTY = st.one_of(
    st.sampled_from([
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)",
        "<a href='javascript:x'>y</a>", "-->", "<!--slot:pivot:mairie-->", "&lt;script&gt;",
        '<p style="position:fixed">x</p>', "<iframe src=//x>", 'https://x.example/" onclick="y',
        "<svg><animate onbegin=alert(1)>", "data:text/html,x", 'a@b.example"onfocus=x',
        'href="guide:/x"', "<a href='guide:/x'>y</a>", "<form action=x><input>",
    ]),
    st.text(max_size=40),
)  # fmt: skip
_ALLOWED = {"div", "section", "p", "br", "a", "ul", "ol", "li", "h1", "h2", "strong", "em", "b",
            "i", "abbr", "sup", "sub"}  # fmt: skip


@given(st.lists(_NASTY, min_size=14, max_size=14))
def test_nothing_that_data_say_can_run_or_load_or_break_out(texts):
    name, line, phone, email, site, hour, note, url, before, after, top, low, title, to = texts
    local = Local(
        pivots={"mairie": (Place(name, (line,), phone, email, site, (hour,), note, url),)},
        enrichments=local_of([{
            "enrichments": {"F1427": {"before": before, "after": after, "procedure": "p"},
                            "pivot:mairie": {"before": top, "after": low}},
        }])[0].enrichments,
        procedures=local_of([{"procedures": {"p": {"title": title, "url": to}}}])[0].procedures,
    )  # fmt: skip
    body = fill(_page('<p class="end">e</p>'), local)
    root = html.fragment_fromstring(body, create_parent="div")
    assert {element.tag for element in root.iter() if isinstance(element.tag, str)} <= _ALLOWED
    for element in root.iter():
        for key, value in element.attrib.items():
            assert key in {"class", "href", "rel", "title", "hreflang"}
            if key == "href":
                assert re.match(r"(https?://|mailto:|tel:|/(?!/))", value, re.IGNORECASE), value
    assert len(root.find_class("end")) == 1


def test_what_agents_may_write_is_kept():
    text = '<p>Le <strong>lundi</strong>, <a href="https://www.cahors.fr/">ici</a></p>'
    assert safe(text) == text.replace('/">', '/" rel="external">')
    assert safe("Un\n\nDeux & trois\nquatre") == "<p>Un</p><p>Deux &amp; trois<br>quatre</p>"


def test_the_directory_gives_places_by_commune_and_kind(tmp_path):
    assert directory.store(_RECORD, tmp_path, ("77",)) == 1
    places = directory.places(tmp_path, "77188")
    (place,) = places["mairie"]
    assert place.name == "Mairie - Fontaine-le-Port"
    assert place.address == ("3 rue du Général-Roux", "77590 Fontaine-le-Port")
    assert place.hours[1] == "Mercredi : de 9 h à 12 h"
    assert directory.places(tmp_path, "77189") == {}
    assert "Fontaine-le-Port" in fill(_page(), local_of([], directory=places)[0])
    assert directory.store(_RECORD, tmp_path, ("46",)) == 0
    assert directory.places(tmp_path, "77188") == {}


def test_names_of_people_stay_out_of_the_directory(tmp_path):
    data = json.loads(_RECORD.read_text("utf-8"))
    data["service"][0]["affectation_personne"] = [{"personne": {"nom": "Dupont", "prenom": "X"}}]
    data["service"][0]["organigramme"] = [{"libelle": "Dupont"}]
    path = tmp_path / "d.json"
    path.write_text(json.dumps(data), "utf-8")
    directory.store(path, tmp_path, ("77",))
    assert b"Dupont" not in (tmp_path / "directory.sqlite").read_bytes()


@pytest.mark.parametrize(
    ("site", "shown"),
    [("www.cahors.fr", "https://www.cahors.fr"), ("mairie@cahors.fr", ""), ("non", ""),
     ("javascript:alert(1).x", ""), ("http://www.cahors.fr", "http://www.cahors.fr")],
)  # fmt: skip
def test_odd_addresses_of_the_directory_are_completed_or_left_out(site, shown):
    assert directory.place_of({"site_internet": [{"valeur": site}]}).website == shown


@pytest.mark.parametrize("text", ["", "[]", '{"service": [', '{"service": [{"nom": ', "\xff"])
def test_a_broken_directory_leaves_the_former_one(tmp_path, text):
    directory.store(_RECORD, tmp_path, ("77",))
    path = tmp_path / "broken.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(Refused) as refused:
        directory.store(path, tmp_path, ("77",))
    assert refused.value.findings[0].kind.code == "G060"
    assert "mairie" in directory.places(tmp_path, "77188")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["broken.json", "directory.sqlite"]


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["nom", "adresse", "telephone", "valeur", "pivot", "plage_ouverture",
                         "code_insee_commune", "site_internet", "numero_voie"]), inner, max_size=4),
    max_leaves=20,
))  # fmt: skip
def test_any_record_of_the_directory_is_read(value):
    record = value if isinstance(value, dict) else {"adresse": value, "pivot": value}
    directory.place_of(record)
    directory.pivots_of(record)
