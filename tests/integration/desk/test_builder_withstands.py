# SPDX-License-Identifier: GPL-3.0-or-later
"""What the builder withstands: two at once, the same twice, too much, hostile input."""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from integration.desk.making import ROOT, ids, inputs
from integration.desk.towns import Town


@pytest.fixture(scope="module")
def town(share, desk):
    """A town whose manager makes procedures."""
    town = Town("larnagol")
    share.declare(town, *town.all())
    assert share.converge()["failed_changes"] == []
    return town


@pytest.mark.parametrize("bad", ["__class__", "Été", "csrfmiddlewaretoken", "1a", "a b", "a-b"])
def test_a_bad_identifier_is_refused_at_its_input(canteen, bad):
    answer = canteen.fill("champs/regime/", 422, id=bad)
    assert 'id="e-id-problem"' in answer.text
    assert ids(canteen)[0][1] == "regime"


def test_of_two_agents_the_second_is_told_and_loses_nothing(canteen, enter, town, share):
    stale = canteen.edition()
    canteen.do("up:regime")
    told = canteen.do("up:certificat", 409, edition=stale)
    assert f"dernière modification : gestion@{town.domain}" in told.text
    assert ids(canteen)[0] == ["regime", "prenom_de_lenfant", "certificat"]
    late = canteen.fill("champs/regime/", 409, edition=stale, label="Régime alimentaire")
    assert "Rien n’a été enregistré" in late.text
    # What was typed is there, with the edition of now: sent again, it is kept.
    form = inputs(late.text)
    assert form["label"] == "Régime alimentaire"
    assert canteen.visitor.post(f"{canteen.at}champs/regime/", form).status_code == 302
    assert canteen.definition()["steps"][0]["fields"][0]["label"] == "Régime alimentaire"


def test_a_double_click_and_a_replayed_post_are_done_once(canteen, scope, town):
    edition = canteen.edition()
    first = canteen.do("copy:regime", edition=edition)
    second = canteen.do("copy:regime", edition=edition)
    assert first.headers["Location"] == second.headers["Location"]
    assert ids(canteen)[0] == ["prenom_de_lenfant", "regime", "regime_2", "certificat"]
    # Later it is no double click any more.
    canteen.do("remove:regime_2")
    canteen.do("copy:regime", 409, edition=edition)
    sent = {"edition": canteen.edition("publier/")}
    for _ in range(2):
        assert canteen.visitor.post(f"{canteen.at}publier/", sent).status_code == 302
    from guichet.models import Version

    with scope(town):
        assert Version.objects.filter(procedure__slug=canteen.slug).count() == 1


def test_two_posts_at_one_moment_are_done_once(canteen):
    """Each in a transaction of its own: the second waits for the first and finds it."""

    from django.db import connections

    sent = {"edition": canteen.edition(), "do": "copy:regime"}

    def post(_):
        try:
            return canteen.visitor.post(f"{canteen.at}modifier", sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(post, range(4))) == [302] * 4
    assert ids(canteen)[0] == ["prenom_de_lenfant", "regime", "regime_2", "certificat"]


def test_a_form_of_creation_that_comes_twice_makes_one_procedure(manager):
    page = manager.get("/agents/nouvelle-demarche/").text
    once = re.search(r'name="once" value="(.*?)"', page)[1]
    sent = {"way": "library", "library": "livret-famille", "once": once}
    answers = [manager.post("/agents/nouvelle-demarche/", sent) for _ in range(2)]
    assert len({one.headers["Location"] for one in answers}) == 1
    other = manager.post("/agents/nouvelle-demarche/", {**sent, "once": "x"})
    assert other.headers["Location"] != answers[0].headers["Location"]


def test_an_enormous_definition_is_not_kept(canteen, monkeypatch):
    from guichet.builder import drafts

    monkeypatch.setattr(drafts, "LARGEST", 1500)
    canteen.fill("champs/regime/", help="x" * 1500)
    assert "Rien n’a été enregistré" in canteen.get().text
    assert "help" not in canteen.definition()["steps"][0]["fields"][1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "collez son texte"),
        (b"\xff\xfe", "UTF-8"),
        (b"a: [", "YAML"),
        (b"- x", "ne décrit pas une démarche"),
        (b"a: &x [1]\nb: *x", "alias"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "trop de niveaux"),
        (b"x" * 300_001, "300 ko"),
        (b"!!python/object/apply:os.system ['true']", "YAML"),
        (b"type: link\ntitle: x\nurl: javascript:alert(1)", "url"),
        (b"type: form\ntitle: x\n1: y", "texte"),
        (b"type: form\ntitle: .nan", "ni texte ni nombre"),
        (b'type: sheet\ntitle: "x\\0"\nsheet: F1', "commande"),
        (b'type: sheet\ntitle: "x\\u202e"\nsheet: F1', "commande"),
        (b"type: sheet\ntitle: 2026-13-45\nsheet: F1", "valeur"),
        (b"type: sheet\ntitle: 2026-01-01\nsheet: F1", "ni texte ni nombre"),
        (b"type: form\ntitle: x\nsteps: 3", "steps"),
    ],
)
def test_a_hostile_file_is_refused_in_words(manager, content, said):
    sent = (
        {"way": "import", "file": SimpleUploadedFile("x.yml", content)}
        if content
        else {"way": "import"}
    )
    answer = manager.post("/agents/nouvelle-demarche/", sent)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)


def test_html_in_titles_is_text_everywhere(builder, town, browse):
    evil = "<script>alert(1)</script>\"'><b>{{ x }}"
    builder.create(way="blank", title=evil, type="form")
    builder.fill("informations/", purpose=evil, retention_months="1", description=evil)
    builder.do("add-step:0", **{"step-title": evil})
    builder.do("add-field:0", **{"label-0": evil, "kind-0": "choice"})
    name = ids(builder)[0][0]
    builder.fill(f"champs/{name}/", help=evil, choices=evil)
    builder.do("add-field:0", **{"label-0": "Courriel", "kind-0": "email"})
    builder.fill("champs/courriel/", required="1", contact="1")
    builder.publish()
    builder.visitor.post(f"{builder.at}brouillon")
    builder.do(f"remove:{name}")
    pages = ["", "informations/", "apercu/", "publier/", "versions/", "versions/1/", "abandonner/"]
    texts = [builder.get(path).text for path in pages]
    texts += [builder.visitor.get(ROOT).text, browse(town).get("/").text]
    texts += [browse(town).get(f"/demarches/{builder.slug}/").text]
    for text in texts:
        assert "<script" not in text
        assert "<b>{{ x }}" not in text


def test_a_thousand_fields_are_the_most_and_are_still_a_page(builder):
    steps = [
        {
            "title": f"Étape {number}",
            "fields": [
                {"id": f"f{number}_{place}", "type": "text", "label": f"Question {place}"}
                for place in range(50)
            ],
        }
        for number in range(20)
    ]
    steps[0]["fields"][0] |= {"type": "email", "required": True, "contact": True}
    large = {
        "type": "form",
        "title": "Mille",
        "purpose": "x",
        "retention_months": 1,
        "steps": steps,
    }
    content = json.dumps(large).encode()
    builder.create(way="import", file=SimpleUploadedFile("x.yml", content))
    assert builder.get().text.count('<li id="champ-') == 1000
    builder.do("up:f10_30")
    assert "au plus" in builder.do("copy:f10_30", 422).text
    assert "au plus" in builder.do("add-step:0", 422, **{"step-title": "x"}).text
    assert "au plus" in builder.do("add-field:3", 422, **{"label-3": "x", "kind-3": "text"}).text
    steps.append(steps[0])
    answer = builder.visitor.post(
        "/agents/nouvelle-demarche/",
        {"way": "import", "file": SimpleUploadedFile("x.yml", json.dumps(large).encode())},
    )
    assert answer.status_code == 422


def test_only_managers_build(enter, town, canteen, browse):
    for local in ("voirie", "elus"):
        other = enter(town, local)
        for at in (ROOT, "/agents/nouvelle-demarche/", canteen.at, f"{canteen.at}apercu/"):
            assert other.get(at).status_code == 403
        for path in ("modifier", "publier/", "informations/", "brouillon", "etat", "abandonner/"):
            assert other.post(canteen.at + path, {"edition": "1"}).status_code == 403
    assert browse(town).get(canteen.at).headers["Location"] == "/agents/"


def test_a_published_version_is_not_changed_by_whoever_asks(canteen, raw, town):
    from psycopg import errors

    canteen.publish()
    link = raw()
    link.execute("SELECT set_config('guichet.tenant', %s, true)", [town.siren])
    with pytest.raises(errors.RestrictViolation):
        link.execute("UPDATE guichet_version SET definition = '{}' WHERE published_at IS NOT NULL")


def test_a_second_draft_of_a_procedure_cannot_be(canteen, raw, town):
    from psycopg import errors

    link = raw()
    link.execute("SELECT set_config('guichet.tenant', %s, true)", [town.siren])
    copy = (
        "INSERT INTO guichet_version (tenant_id, procedure_id, number, definition, digest) "
        "SELECT tenant_id, procedure_id, 99, definition, digest FROM guichet_version "
        "WHERE published_at IS NULL LIMIT 1"
    )
    with pytest.raises(errors.UniqueViolation):
        link.execute(copy)
