# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk as people meet it: Chromium, keyboard and pages, nothing but what is served."""

import base64
import hashlib
import io
import re
from types import SimpleNamespace

import pyotp
import pytest
from PIL import Image

pytest.importorskip("selenium")

from selenium.webdriver.common.keys import Keys

from integration.desk import place
from integration.desk.browser import Browser, Served, axe, templates
from integration.desk.forms import PASSWORD
from integration.desk.towns import Town

CHOICES = [{"value": "a", "label": "Première"}, {"value": "b", "label": "Seconde"}]
MANY = [{"value": f"v{number}", "label": f"Choix {number}"} for number in range(9)]
# Every kind of field on one page, with help and without.
KINDS = {
    "type": "form",
    "title": "Toutes les sortes de champs",
    "description": "Pour essayer.",
    "purpose": "Essayer.",
    "retention_months": 1,
    "pieces": ["Rien."],
    "steps": [
        {
            "title": "Une page",
            "help": "Une aide.",
            "fields": [
                {"id": f"x_{kind}", "type": kind, "label": f"Champ {kind}", **more}
                for kind, more in (
                    ("information", {"help": "Un texte."}),
                    ("text", {"required": True, "help": "Une aide."}),
                    ("area", {"required": True}),
                    ("phone", {"required": True}),
                    ("date", {"required": True}),
                    ("number", {"required": True, "unit": "m²"}),
                    ("choice", {"required": True, "choices": CHOICES, "help": "Une aide."}),
                    ("choices", {"required": True, "choices": CHOICES}),
                    ("checkbox", {"required": True, "help": "Une aide."}),
                    ("address", {"required": True, "help": "Une aide."}),
                    ("file", {"required": True, "max_files": 2}),
                    ("identity", {"required": True, "self": True, "ask": ["used", "born_on"]}),
                    ("period", {"required": True}),
                    ("position", {"required": True}),
                )
            ]
            + [
                {"id": "many", "type": "choice", "label": "Liste", "choices": MANY},
                {
                    "id": "email",
                    "type": "email",
                    "label": "Courriel",
                    "required": True,
                    "contact": True,
                },
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def town(share, desk):
    """A town with a banner, colours, the whole library, and a form with every kind of field."""
    from guichet.procedures import names

    town = Town("puy-l-eveque")
    made = io.BytesIO()
    Image.new("RGB", (1200, 120), "#355e3b").save(made, "PNG")
    digest = hashlib.sha256(made.getvalue()).hexdigest()
    (share.assets / digest).write_bytes(made.getvalue())
    body = {
        **town.body,
        "site": f"https://www.{town.domain}/",
        "banner": {"sha256": digest, "alt": "Le bourg vu de la rivière"},
        "colours": {"primary": "#355e3b", "accent": "#8a3b12"},
    }
    link = {"type": "link", "title": "Urbanisme", "url": "https://urbanisme.exemple.fr/"}
    share.declare(
        town,
        (town.desk, body),
        *[town.procedure(name) for name in names()],
        town.procedure("toutes-sortes", definition=KINDS),
        town.procedure("urbanisme", definition=link),
        *[one for one in town.all() if one[0].startswith("agent:")],
    )
    assert share.converge()["failed_changes"] == []
    return town


@pytest.fixture(scope="module")
def served(tmp_path_factory, configuration):
    """gunicorn."""
    made = Served(tmp_path_factory.mktemp("served"), configuration)
    yield made
    made.stop()
    assert "Traceback" not in made.log.read_text()


@pytest.fixture
def browser(tmp_path, served, town):
    """A browser without a session."""
    made = Browser(tmp_path / "chromium", served, town)
    yield made
    made.driver.quit()


@pytest.fixture(scope="module")
def judge():
    """judge(browser) fails with what is wrong with the page."""
    source = axe()

    def look(browser, page):
        assert browser.faults(source) == [], page

    return look


def invitation(town):
    from guichet.agents.entry import invite
    from guichet.models import Agent
    from guichet.tenancy.scope import acting_for

    with acting_for(town.siren):
        return invite(Agent.objects.get(email=f"gestion@{town.domain}"))


def officer(town):
    from guichet.models import Agent
    from guichet.tenancy.scope import acting_for

    with acting_for(town.siren):
        return Agent.objects.get(email=f"voirie@{town.domain}").pk


def accept(browser, secret):
    browser.go(f"/agents/invitation/{secret}/")
    key = browser.one(".secret").text.replace(" ", "")
    browser.type("#password", PASSWORD)
    browser.type("#again", PASSWORD)
    browser.type("#code", pyotp.TOTP(key).now())
    browser.press("Enregistrer")
    return key


def file_problem(browser, picture):
    browser.go("/")
    browser.driver.find_element("link text", "Signaler un problème sur l'espace public").click()
    browser.press("Commencer")
    browser.one("#f-subject-2").click()  # the second choice: lighting
    browser.type("#f-details", "Le lampadaire clignote.")
    browser.type("#f-seen", "01/02/2026")
    browser.press("Continuer")
    # What the answer just given asks for appears without a script.
    browser.type("#f-lamp", "B12")
    browser.press("Continuer")
    browser.type("#f-place-place", "Devant la halle")
    browser.one("#f-photo").send_keys(str(picture))
    browser.press("Continuer")
    browser.type("#f-name-given", "Jeanne")
    browser.type("#f-name-family", "Essai")
    browser.type("#f-email", "jeanne@exemple.fr")
    browser.press("Continuer")


def test_a_citizen_files_an_agent_answers_the_citizen_follows_up(
    browser, town, tmp_path, last_request, served
):
    picture = tmp_path / "lampadaire.jpg"
    Image.new("RGB", (40, 40), "yellow").save(picture)
    file_problem(browser, picture)
    assert "lampadaire.jpg" in browser.text
    browser.press("Envoyer la demande")
    filed, secret = last_request(town)
    assert filed.number in browser.text

    clerk = Browser(tmp_path / "clerk", served, town)
    try:
        accept(clerk, invitation(town))
        clerk.driver.find_element("link text", filed.number).click()
        assert "Le lampadaire clignote." in clerk.text
        assert "lampadaire.jpg" in clerk.text
        clerk.press("Changer l’état")
        clerk.type("#text", "Nous passons mardi. Êtes-vous là ?")
        clerk.press("Envoyer à l’usager")

        browser.go(f"/suivi/{secret}/")
        assert "Prise en charge" in browser.text
        assert "Nous passons mardi." in browser.text
        browser.type("#text", "Oui, merci.")
        browser.press("Envoyer le message")
        assert "Oui, merci." in browser.text

        clerk.go(f"/agents/demandes/{filed.number}/")
        assert "Oui, merci." in clerk.text
        clerk.one("#to-accepted").click()
        clerk.type("#why", "Réparé.")
        clerk.press("Changer l’état")
    finally:
        clerk.driver.quit()
    browser.go(f"/suivi/{secret}/")
    assert "Acceptée" in browser.text
    assert "Réparé." in browser.text


@pytest.fixture(scope="module")
def seen():
    """The templates that were judged."""
    return set()


@pytest.fixture
def page(browser, judge, seen):
    """page("home.html") judges the page and notes its template."""

    def judged(name, what=""):
        judge(browser, f"{name} {what}")
        seen.add(name)

    return judged


def test_pages_for_everybody_have_no_fault_that_axe_finds(browser, page):
    """Nothing from elsewhere, and 320 pixels are wide enough: so for all pages here."""
    for path, name in (
        ("/", "home.html"),
        ("/demarches/acte-naissance/", "procedure.html"),
        ("/accessibilite/", "accessibility.html"),
        ("/donnees-personnelles/", "privacy.html"),
        ("/mentions-legales/", "legal.html"),
        ("/nulle-part/", "error.html"),
        ("/suivi/", "find.html"),
    ):
        browser.go(path)
        page(name)
    browser.press("Recevoir")
    page("find.html", "with errors")
    browser.type("#number", "2026-000001")
    browser.type("#email", "jeanne@exemple.fr")
    browser.press("Recevoir")
    page("find.html", "asked")


def test_english_pages_have_no_fault_and_a_link_to_the_french_one(browser, page):
    """Their language is said to programs, and that of each French part (RGAA 8.3, 8.7)."""
    browser.go("/")
    browser.one('a[hreflang="en"]').click()
    place.wait(lambda: "Online procedures" in browser.text, "the English page")
    page("home.html", "in English")
    browser.go("/en/demarches/toutes-sortes/")
    page("procedure.html", "in English")
    browser.press("Begin")
    browser.press("Continue")
    page("step.html", "in English, with errors")
    assert "answers to correct" in browser.text
    browser.one('a[hreflang="fr"]').click()
    place.wait(lambda: "Commencer" in browser.text or "étape" in browser.text, "the French page")


def test_pages_of_a_form_and_of_its_request_have_no_fault(
    browser, page, town, tmp_path, last_request
):
    browser.go("/demarches/toutes-sortes/")
    browser.press("Commencer")
    page("step.html")
    browser.press("Continuer")
    page("step.html", "with errors")
    assert "réponses à corriger" in browser.text
    picture = tmp_path / "lampadaire.png"
    Image.new("RGB", (40, 40), "yellow").save(picture)
    file_problem(browser, picture)
    page("review.html")
    browser.press("Envoyer la demande")
    page("sent.html")
    _, secret = last_request(town)
    browser.go(f"/suivi/{secret}/")
    page("follow.html")
    browser.press("Envoyer le message")
    page("follow.html", "with an error")
    browser.type("#text", "Bonjour")
    browser.press("Envoyer le message")
    page("follow.html", "with a message")


def test_pages_by_which_agents_come_in_have_no_fault(browser, page, town):
    browser.go("/agents/")
    page("agents/login.html")
    browser.press("Continuer")
    page("agents/login.html", "with an error")
    secret = invitation(town)
    browser.go(f"/agents/invitation/{secret}/")
    page("agents/invitation.html")
    browser.press("Enregistrer")
    page("agents/invitation.html", "with errors")
    accept(browser, secret)
    page("agents/inbox.html")
    browser.press("Se déconnecter")
    browser.type("#email", f"gestion@{town.domain}")
    browser.type("#password", PASSWORD)
    browser.press("Continuer")
    page("agents/code.html")


def test_pages_of_agents_have_no_fault(browser, page, town, fill_in, last_request):
    fill_in(town)
    filed, _ = last_request(town)
    accept(browser, invitation(town))
    browser.go(f"/agents/demandes/{filed.number}/")
    page("agents/request.html")
    browser.press("Envoyer à l’usager")
    page("agents/request.html", "with an error")
    for path, name in (
        ("statistiques", "agents/statistics.html"),
        ("equipe", "agents/team.html"),
        ("reponses", "agents/canned.html"),
        (f"equipe/{officer(town)}/demarches", "agents/charges.html"),
        ("demandes", "agents/inbox.html"),
    ):
        browser.go(f"/agents/{path}/")
        page(name)
    browser.go("/agents/reponses/")
    browser.press("Ajouter")
    page("agents/canned.html", "with an error")
    browser.type("#title", "Bien reçu")
    browser.type("#text", "Nous passons demain.")
    browser.press("Ajouter")
    page("agents/canned.html", "with an answer")
    browser.go("/agents/equipe/")
    browser.type("#email", "personne")
    browser.one("#email").send_keys(Keys.ENTER)
    place.wait(lambda: "À corriger" in browser.text, "the errors")
    page("agents/team.html", "with errors")


MADE = "/agents/demarches/brocante-du-printemps/"


def make_steps(browser, page):
    browser.go("/agents/nouvelle-demarche/")
    page("agents/builder/create.html")
    browser.press("Commencer")
    page("agents/builder/create.html", "with an error")
    browser.type("#title", "Brocante du printemps")
    browser.press("Commencer")
    page("agents/builder/overview.html", "with what is lacking")
    # Enter in an input does what the button beside it does.
    browser.type("#step-title", "Votre stand")
    browser.one("#step-title").send_keys(Keys.ENTER)
    place.wait(lambda: "Étape 1 : Votre stand" in browser.text, "the step")
    browser.awaits_focus("etape-1")
    browser.type("#label-0", "Longueur")
    browser.choose("#kind-0", "Nombre")
    browser.press("Ajouter la question")
    page("agents/builder/field.html")
    browser.type("#e-id", "Été")
    browser.press("Enregistrer")
    page("agents/builder/field.html", "with an error")
    browser.type("#e-id", "longueur")
    browser.press("Enregistrer")
    browser.type("#label-0", "Adresse électronique")
    browser.choose("#kind-0", "Adresse électronique")
    browser.press("Ajouter la question")
    browser.one("#e-required").click()
    browser.one("#e-contact").click()
    browser.press("Enregistrer")
    # The focus is at what was moved, for who works by keyboard.
    browser.press("Monter « Adresse")
    browser.awaits_focus("champ-adresse_electronique")
    browser.press("Descendre « Adresse")
    browser.press("Dupliquer « Longueur")
    browser.press("Retirer « Longueur")
    page("agents/builder/overview.html", "with something removed")


def look_at_forms(browser, page):
    browser.go(f"{MADE}champs/longueur_2/condition/")
    page("agents/builder/condition.html", "with nothing before")
    browser.type("#when", "absent ==")
    browser.press("Enregistrer la condition écrite")
    page("agents/builder/condition.html", "with an error")
    browser.go(f"{MADE}champs/adresse_electronique/condition/?champ=longueur_2")
    page("agents/builder/condition.html", "with a question chosen")
    browser.go(f"{MADE}etapes/0/")
    page("agents/builder/step.html")
    browser.go(f"{MADE}courriels/")
    page("agents/builder/mails.html")
    browser.go(f"{MADE}publier/")
    page("agents/builder/publish.html", "with what is lacking")
    browser.go(f"{MADE}informations/?voir")
    page("agents/builder/facts.html", "with what is lacking")
    browser.type("#e-purpose", "Attribuer les emplacements.")
    browser.type("#e-retention_months", "12")
    browser.press("Enregistrer")


def preview(browser, page):
    page("agents/builder/preview.html")
    browser.press("Commencer")
    page("agents/builder/preview_step.html")
    browser.press("Continuer")
    page("agents/builder/preview_step.html", "with errors")
    browser.type("#f-adresse_electronique", "jeanne@exemple.fr")
    browser.press("Continuer")
    page("agents/builder/preview_end.html")


def test_pages_of_the_builder_have_no_fault(browser, page, town):
    """A procedure from nothing to its first version, by the pages that a manager meets."""
    accept(browser, invitation(town))
    make_steps(browser, page)
    look_at_forms(browser, page)
    browser.go(f"{MADE}apercu/")
    preview(browser, page)
    browser.go(f"{MADE}abandonner/")
    page("agents/builder/discard.html")
    browser.go(f"{MADE}publier/")
    page("agents/builder/publish.html")
    browser.press("Publier")
    page("agents/builder/overview.html", "published")
    for path, name in (("versions/", "history"), ("versions/1/", "version")):
        browser.go(MADE + path)
        page(f"agents/builder/{name}.html")
    browser.go("/agents/demarches/")
    page("agents/builder/list.html")
    browser.go("/agents/demarches/intervention-services/")
    page("agents/builder/overview.html", "of the charter")


def test_the_page_after_leaving_has_no_fault(browser, judge, seen, town, monkeypatch):
    """It leads on at once to the provider; judged without that, as who is not led sees it."""
    from django.test import RequestFactory

    from guichet.models import Tenant
    from guichet.tenancy.scope import acting_for
    from guichet.views.agents import openid

    provider = SimpleNamespace(name="ProConnect")
    monkeypatch.setattr(openid, "_settings", lambda *_: provider)
    monkeypatch.setattr(openid.openid, "way_out", lambda *_: "https://connexion.exemple/fin")
    request = RequestFactory().get("/agents/sortie", headers={"host": town.host})
    with acting_for(town.siren):
        request.tenant = Tenant.objects.get(siren=town.siren)
        page = openid.gone(request, "").content.decode()
    assert '<meta http-equiv="refresh"' in page
    browser.go("/agents/")
    stays = re.sub('<meta http-equiv="refresh".*?>', "", page)
    browser.driver.execute_script("document.documentElement.innerHTML = arguments[0]", stays)
    assert "ProConnect" in browser.text
    judge(browser, "agents/gone.html")
    seen.add("agents/gone.html")


def test_every_template_was_judged(seen):
    """Last of them: it says which page nobody looked at."""
    assert seen == templates()


def test_the_first_page_of_every_form_of_the_library_has_no_fault(browser, judge):
    from guichet.procedures import names

    for name in names():
        browser.go(f"/demarches/{name}/")
        browser.press("Commencer")
        judge(browser, name)


def test_the_keyboard_alone_leads_past_the_navigation_to_the_content(browser):
    browser.go("/")
    browser.one("body").send_keys(Keys.TAB)
    skip = browser.driver.switch_to.active_element
    assert skip.text == "Aller au contenu"
    assert skip.rect["x"] >= 0
    skip.send_keys(Keys.ENTER)
    assert browser.driver.switch_to.active_element.get_attribute("id") == "contenu"


def test_enter_in_a_field_goes_on_and_removes_nothing(browser, tmp_path):
    """The first button of a form is what a browser presses on Enter."""
    picture = tmp_path / "a.png"
    Image.new("RGB", (4, 4)).save(picture)
    browser.go("/demarches/intervention-services/")
    browser.press("Commencer")
    browser.one("#f-subject").click()
    browser.type("#f-details", "x")
    browser.type("#f-seen", "01/02/2026")
    browser.press("Continuer")
    browser.one("#f-photo").send_keys(str(picture))
    browser.press("Continuer")
    assert "Retirer" in browser.text
    browser.type("#f-place-place", "Ici")
    browser.one("#f-place-place").send_keys(Keys.ENTER)
    assert "étape 3" in browser.text


def test_a_printed_page_is_a_page(browser):
    browser.go("/demarches/acte-naissance/")
    paper = browser.driver.execute_cdp_cmd("Page.printToPDF", {})
    assert base64.b64decode(paper["data"]).startswith(b"%PDF-")
