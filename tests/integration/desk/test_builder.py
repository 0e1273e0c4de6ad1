# SPDX-License-Identifier: GPL-3.0-or-later
"""Procedures that managers make in the interface: drafts, previews, versions."""

import html
import re

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from integration.desk.forms import PNG, post_step
from integration.desk.making import CANTEEN, ROOT, Builder, ids, problems
from integration.desk.towns import Town


@pytest.fixture(scope="module")
def town(share, desk):
    """A town whose manager makes procedures."""
    town = Town("cajarc")
    share.declare(town, *town.all())
    assert share.converge()["failed_changes"] == []
    return town


@pytest.fixture
def built(builder):
    """The same, made by the forms alone."""
    builder.create(way="blank", title="Inscrire un enfant à la cantine", type="form")
    builder.fill(
        "informations/",
        purpose="Inscrire les enfants.",
        retention_months="12",
        service__name="Affaires scolaires",
        pieces="Un justificatif\nUne photo",
    )
    builder.do("add-step:0", **{"step-title": "L'enfant"})
    builder.do("add-field:0", **{"label-0": "Prénom de l'enfant", "kind-0": "text"})
    builder.fill("champs/prenom_de_lenfant/", required="1", max_length="40")
    builder.do("add-field:0", **{"label-0": "Régime", "kind-0": "choice"})
    builder.fill("champs/regime/", required="1", choices="sans | Sans régime\nAvec allergie")
    builder.do("add-field:0", **{"label-0": "Certificat", "kind-0": "file"})
    builder.fill("champs/certificat/", required="1", accept="png")
    builder.fill(
        "champs/certificat/condition/?champ=regime",
        operand="regime",
        sign="==",
        value="avec-allergie",
        do="composed",
    )
    builder.do("add-step:0", **{"step-title": "Vous joindre"})
    builder.do("add-field:1", **{"label-1": "Courriel", "kind-1": "email"})
    builder.fill("champs/courriel/", required="1", contact="1")
    return builder


def file_it(visitor, slug, email="jeanne@exemple.fr"):
    begun = visitor.post(f"/demarches/{slug}/commencer")
    first = begun.headers["Location"]
    child = {"prenom_de_lenfant": "Léa", "regime": "avec-allergie"}
    revealed = visitor.post(first, {**child, "_shown": [*child]})
    assert "Certificat" in revealed.text
    sent = {**child, "certificat": SimpleUploadedFile("c.png", PNG)}
    at = post_step(visitor, first, sent)
    review = post_step(visitor, at, {"courriel": email})
    assert visitor.post(review).status_code == 302


def test_a_procedure_is_built_published_filed_and_published_again(
    built, town, browse, last_request, scope
):
    """From nothing to a request, and a second version that leaves the request as it was."""
    assert browse(town).get(f"/demarches/{built.slug}/").status_code == 404
    assert built.definition() == CANTEEN
    built.publish()
    page = browse(town).get(f"/demarches/{built.slug}/").text
    assert "Affaires scolaires" in page
    assert "Un justificatif" in page
    file_it(browse(town), built.slug)
    filed, secret = last_request(town)
    assert (filed.version.number, filed.answers["regime"]) == (1, "avec-allergie")

    built.visitor.post(f"{built.at}brouillon")
    built.fill("champs/prenom_de_lenfant/", label="Prénom usuel de l'enfant")
    built.do("remove:certificat")
    assert "Question « Certificat » : retirée." in built.get("publier/").text
    built.publish()
    shown = built.visitor.get(f"/agents/demandes/{filed.number}/").text
    assert "Prénom de l&#x27;enfant" in shown
    assert "Certificat" in shown
    assert "Prénom de l&#x27;enfant" in browse(town).get(f"/suivi/{secret}/").text
    begun = browse(town)
    first = begun.post(f"/demarches/{built.slug}/commencer").headers["Location"]
    assert "Prénom usuel de l&#x27;enfant" in begun.get(first).text
    told = built.get("versions/").text
    assert "« Prénom de l&#x27;enfant » devient « Prénom usuel de l&#x27;enfant »" in told
    assert told.count(f"par gestion@{town.domain}") == 2
    assert "Certificat" in built.get("versions/1/").text
    assert last_request(town)[0].version.number == 1


def test_a_preview_walks_the_steps_and_keeps_nothing(canteen, scope, town):
    from guichet.models import Draft, File, Request

    with scope(town):
        before = [one.objects.count() for one in (Draft, File, Request)]
    at = f"{canteen.at}apercu/"
    visitor = canteen.visitor
    assert "Commencer la démarche" in visitor.get(at).text
    page = visitor.post(at)

    def go(page, status=200, **answers):
        hidden = dict(
            re.findall(r'type="hidden" name="(_number|_so_far)" value="(.*?)"', page.text)
        )
        shown = re.findall(r'name="_shown" value="(.*?)"', page.text)
        answer = visitor.post(at, {**hidden, "_shown": shown, **answers})
        assert answer.status_code == status, problems(answer)
        return answer

    wrong = go(page, 422)
    assert "réponses à corriger" in wrong.text
    who = {"prenom_de_lenfant": "Léa", "regime": "avec-allergie"}
    revealed = go(page, **who)
    assert "Certificat" in revealed.text
    second = go(revealed, **who, certificat=SimpleUploadedFile("mon certificat.png", PNG))
    assert "étape 2 sur 2" in second.text
    end = go(second, courriel="jeanne@exemple.fr")
    assert "mon certificat.png" in end.text
    assert "rien n’a été gardé" in end.text
    forged = visitor.post(at, {"_number": "2", "_so_far": "faux:faux:faux"})
    assert forged.status_code in (200, 422)
    with scope(town):
        assert [one.objects.count() for one in (Draft, File, Request)] == before


def test_every_kind_of_field_can_be_added_edited_and_filled_in(builder):
    from guichet.builder.names import KINDS as NAMES
    from guichet.procedures.kinds import KINDS

    assert NAMES.keys() == KINDS.keys()
    builder.create(way="blank", title="Toutes les sortes", type="form")
    builder.do("add-step:0", **{"step-title": "Une"})
    for kind in KINDS:
        added = builder.do("add-field:0", **{"label-0": f"Champ {kind}", "kind-0": kind})
        name = added.headers["Location"].split("/")[-2]
        builder.fill(f"champs/{name}/", help="Une aide.")
    options = {
        "number": {"min": "1,5", "max": "12", "decimals": "1", "unit": "m²"},
        "date": {"after": "aujourd’hui", "before": "31/12/2099"},
        "file": {"max_files": "3", "max_megabytes": "5"},
        "identity": {"ask": "used", "self": "1"},
        "text": {"autocomplete": "organization"},
    }
    for kind, sent in options.items():
        builder.fill(f"champs/champ_{kind}/", **sent)
    made = {one["type"]: one for one in builder.definition()["steps"][0]["fields"]}
    assert made.keys() == KINDS.keys()
    assert (made["number"]["min"], made["number"]["max"]) == (1.5, 12)
    assert (made["date"]["after"], made["date"]["before"]) == ("today", "2099-12-31")
    assert made["identity"] == {
        "id": "champ_identity",
        "type": "identity",
        "label": "Champ identity",
        "help": "Une aide.",
        "ask": ["used"],
        "self": True,
    }
    assert builder.visitor.post(f"{builder.at}apercu/").status_code == 200


def test_fields_and_steps_are_moved_copied_removed_and_put_back(canteen):
    assert ids(canteen) == [["prenom_de_lenfant", "regime", "certificat"], ["courriel"]]
    moved = canteen.do("up:regime")
    # The focus is at what was moved.
    assert moved.headers["Location"] == f"{canteen.at}#champ-regime"
    assert 'id="champ-regime" tabindex="-1"' in canteen.get().text
    canteen.do("down:certificat")
    assert ids(canteen) == [["regime", "prenom_de_lenfant"], ["certificat", "courriel"]]
    canteen.do("copy:courriel")
    assert ids(canteen)[1] == ["certificat", "courriel", "courriel_2"]
    assert "contact" not in canteen.definition()["steps"][1]["fields"][2]
    canteen.do("remove:regime")
    # What looked at it says so, and it comes back where it was.
    assert "porte sur « regime »" in canteen.get().text
    canteen.do("restore:0")
    assert ids(canteen)[0] == ["regime", "prenom_de_lenfant"]
    canteen.do("step-down:0")
    assert ids(canteen)[0] == ["certificat", "courriel", "courriel_2"]
    canteen.do("step-remove:1")
    canteen.do("restore:0")
    assert ids(canteen)[1] == ["regime", "prenom_de_lenfant"]
    canteen.fill("champs/regime/", step="0")
    assert ids(canteen)[0][-1] == "regime"
    for what in ("up:certificat", "step-up:0", "up:absent", "restore:9", "nonsense", "step-up:x"):
        assert "Rien n’a été fait" in canteen.do(what, 422).text


def test_a_renamed_field_is_renamed_in_conditions(canteen):
    canteen.fill("champs/regime/", id="regime_alimentaire")
    made = canteen.definition()["steps"][0]["fields"]
    assert made[2]["when"] == 'regime_alimentaire == "avec-allergie"'
    taken = canteen.fill("champs/certificat/", 422, id="courriel")
    assert "déjà cet identifiant" in taken.text


def test_conditions_are_composed_joined_typed_and_removed(canteen):
    at = "champs/courriel/condition/"
    canteen.fill(
        f"{at}?champ=prenom_de_lenfant", operand="prenom_de_lenfant", sign="filled", do="composed"
    )
    form = {"operand": "regime", "sign": "!=", "value": "sans", "joint": "and", "do": "composed"}
    canteen.visitor.post(canteen.at + at, {**form, "edition": canteen.edition()})
    when = canteen.definition()["steps"][1]["fields"][0]["when"]
    assert when == 'prenom_de_lenfant and regime != "sans"'
    shown = html.unescape(canteen.get().text)
    assert (
        "« Prénom de l'enfant » est renseigné et « Régime » est autre que « Sans régime »" in shown
    )

    def typed(text):
        sent = {"edition": canteen.edition(), "when": text, "do": "typed"}
        return canteen.visitor.post(canteen.at + at, sent)

    for text, said in (
        ("regime ==", "elle finit là où un nom ou une valeur est attendu"),
        ("absent", "porte sur « absent », qui n’est pas demandé avant"),
        ("courriel", "porte sur « courriel », qui"),
        ("regime == 'sans'", "ce n’est pas un mot de ce langage"),
        ("(" * 40 + "regime", "plus de 16 niveaux"),
        ("x" * 501, "500 caractères au plus"),
    ):
        answer = typed(text)
        assert answer.status_code == 422
        assert said in html.unescape(answer.text)
        assert 'id="when-problem"' in answer.text
    assert typed('regime in ["sans"]').status_code == 302
    sent = {"edition": canteen.edition(), "do": "none"}
    canteen.visitor.post(canteen.at + at, sent)
    assert "when" not in canteen.definition()["steps"][1]["fields"][0]


def test_below_en_the_builder_is_in_english_and_the_definition_stays_french(canteen):
    visitor, at = canteen.visitor, f"/en{canteen.at}"

    def page(path=""):
        answer = visitor.get(at + path)
        assert answer.status_code == 200, path
        return html.unescape(answer.text)

    shown = page()
    assert '<h1 lang="fr">Inscrire un enfant à la cantine</h1>' in shown
    assert '<p class="label" lang="fr">Prénom de l\'enfant</p>' in shown
    assert "Asked if “Régime” is “Avec allergie”." in shown
    for path, text in (
        ("informations/", "Retention, in months"),
        ("courriels/", "Request {number} received"),
        ("champs/regime/", "Choice of one answer – step 1."),
        ("champs/certificat/condition/?champ=regime", "is other than"),
        ("publier/", "The procedure will be offered at"),
        ("abandonner/", "Give up the draft?"),
        ("versions/", "Nothing is published yet."),
        ("apercu/", "Preview: nothing is saved or sent."),
    ):
        assert text in page(path), path
    for path in ("/en/agents/demarches/", "/en/agents/nouvelle-demarche/"):
        assert visitor.get(path).status_code == 200
    sent = {"edition": canteen.edition(), "id": "1a", "label": "x"}
    refused = visitor.post(f"{at}champs/regime/", sent)
    assert "Small letters without accents" in refused.text
    sent = {"edition": canteen.edition(), "do": "remove:courriel"}
    assert visitor.post(f"{at}modifier", sent).headers["Location"].startswith("/en/")
    told = page()
    assert "Question “Courriel”: removed." in told
    assert "One question of type “Email address”" in told


def test_a_preview_names_the_file_that_was_chosen(canteen):
    visitor, at = canteen.visitor, f"{canteen.at}apercu/"
    so_far = {"_number": "1", "_shown": ["prenom_de_lenfant", "regime", "certificat"]}
    photo = SimpleUploadedFile("mon certificat.png", PNG)
    page = visitor.post(at, {**so_far, "regime": "avec-allergie", "certificat": photo})
    assert page.status_code == 422
    assert "Choisi : mon certificat.png" in page.text


def test_what_is_not_fit_is_not_published_and_says_where(builder, town, browse):
    builder.create(way="blank", title="À moitié", type="form")
    page = builder.get().text
    for text in ("Il manque : Finalité", "Il manque : Durée", "Ajoutez une étape", "lien de suivi"):
        assert text in page
    builder.publish(422)
    builder.do("add-step:0", **{"step-title": "Vide"})
    assert "ne demande rien" in builder.get().text
    builder.publish(422)
    assert browse(town).get(f"/demarches/{builder.slug}/").status_code == 404
    wrong = builder.fill(
        "informations/", 422, retention_months="0", service__email="x", sheets="F1\nx"
    )
    for key in ("retention_months", "service-email", "sheets", "purpose"):
        assert f'id="e-{key}-problem"' in wrong.text
    mail = builder.fill("courriels/", 422, mails__taken__subject="x", mails__taken__body="{secret}")
    assert 'id="e-mails-taken-body-problem"' in mail.text
    assert "{secret} n’est rien" in mail.text


def test_a_procedure_is_suspended_and_offered_again(canteen, browse, town):
    canteen.publish()
    at = f"/demarches/{canteen.slug}/"
    canteen.visitor.post(f"{canteen.at}etat", {"_suspend": "1"})
    assert browse(town).get(at).status_code == 404
    assert "Suspendue" in canteen.get().text
    canteen.visitor.post(f"{canteen.at}etat", {"_offer": "1"})
    assert browse(town).get(at).status_code == 200


def test_a_draft_is_given_up_and_what_is_published_stays(canteen, browse, town):
    canteen.publish()
    canteen.visitor.post(f"{canteen.at}brouillon")
    canteen.do("remove:regime")
    canteen.visitor.post(f"{canteen.at}abandonner/", {"edition": canteen.edition()})
    assert ids(canteen)[0] == ["prenom_de_lenfant", "regime", "certificat"]
    never = Builder(canteen.visitor).create(way="library", library="taxe-sejour")
    gone = canteen.visitor.post(f"{never.at}abandonner/", {"edition": never.edition()})
    assert gone.headers["Location"] == ROOT
    never.get(status=404)


def test_a_procedure_of_the_charter_is_shown_and_not_changed(builder, town):
    builder.at = f"{ROOT}intervention-services/"
    page = builder.get().text
    assert "vient de la charte" in page
    assert "modèle « intervention-services »" in page
    assert 'name="do"' not in page
    visitor = builder.visitor
    for path in ("brouillon", "modifier", "informations/", "publier/", "abandonner/", "etat"):
        assert visitor.post(builder.at + path, {"edition": "0"}).status_code == 404, path
    for path in ("informations/", "champs/lamp/", "publier/"):
        assert visitor.get(builder.at + path).headers["Location"] == builder.at
    copy = Builder(visitor).create(way="copy", copy="intervention-services")
    assert copy.definition()["title"].endswith("(copie)")
    assert copy.slug != "intervention-services"
    copy.publish()


def test_convergence_leaves_what_the_interface_made(canteen, share, browse, town):
    canteen.publish()
    result = share.converge()
    assert (result["changes"], result["failed_changes"]) == ([], [])
    assert browse(town).get(f"/demarches/{canteen.slug}/").status_code == 200


def test_what_is_exported_is_a_definition_of_a_charter_and_comes_back(canteen, share, town):
    text = canteen.get("definition.yml").text
    came = Builder(canteen.visitor).create(
        way="import", file=SimpleUploadedFile("cantine.yml", text.encode())
    )
    assert came.definition() == canteen.definition()
    town_with = town.procedure("par-la-charte", definition=yaml.safe_load(text))
    before = share.lines[town.siren]
    share.declare(town, *town.all(), town_with)
    try:
        assert share.converge(check=True)["failed_changes"] == []
    finally:
        share.lines[town.siren] = before
