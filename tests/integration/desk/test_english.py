# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk in English: by address alone, whole, and with French marked where a town wrote it."""

import io
import re

import pyotp
import pytest
from django.urls import get_resolver, reverse
from pypdf import PdfReader

from integration.desk.forms import PASSWORD, post_step
from integration.desk.said import Said
from integration.desk.towns import Town

FEAST = {
    "type": "form",
    "title": "Fête de la truffe",
    "description": "Réserver un étal.",
    "purpose": "Attribuer les étals.",
    "retention_months": 1,
    "service": {"name": "Comité des fêtes"},
    "steps": [
        {
            "title": "Votre étal",
            "fields": [
                {"id": "length", "type": "number", "label": "Longueur", "unit": "mètres"},
                {"id": "kind", "type": "choice", "label": "Marché", "choices": []},
                {"id": "email", "type": "email", "label": "Adresse électronique"},
            ],
        }
    ],
}
FEAST["steps"][0]["fields"][1]["choices"] = [{"value": "a", "label": "Le marché du samedi"}]
FEAST["steps"][0]["fields"][2] |= {"contact": True, "required": True}


@pytest.fixture(scope="module")
def town(share, desk):
    """A desk with a procedure of the library, one that the town wrote itself, and agents."""
    town = Town("cahors")
    own = town.procedure("fete-de-la-truffe", definition=FEAST)
    share.declare(town, *town.all(), own)
    assert share.converge()["failed_changes"] == []
    return town


@pytest.fixture
def filed(town, browse, last_request):
    """A request that was filed in English: the visitor, the request, its secret."""
    visitor = browse(town)
    begun = visitor.post("/en/demarches/intervention-services/commencer")
    first = {"subject": "roads", "details": "A deep hole", "seen": "2026-01-02"}
    at = post_step(visitor, begun.headers["Location"], first)
    at = post_step(visitor, at, {"place.place": "Pont Valentre"})
    who = {"name.given": "Jane", "name.family": "Trial", "email": "jane@example.com"}
    review = post_step(visitor, at, who)
    assert review.startswith("/en/")
    visitor.sent = visitor.post(review).headers["Location"]
    return visitor, *last_request(town)


def test_a_citizen_files_in_english_from_the_list_to_the_receipt(
    town, browse, english, last_request
):
    visitor = browse(town)
    home = english(visitor.get("/en/"))
    assert ("Report a problem in public space", "en") in home.texts
    assert ("Fête de la truffe", "fr") in home.texts
    page = visitor.get("/en/demarches/intervention-services/")
    english(page)
    assert "kept for" in page.text
    step = visitor.post("/en/demarches/intervention-services/commencer").headers["Location"]
    assert step.startswith("/en/saisie/")
    english(visitor.get(step))
    wrong = visitor.post(step, {"seen": "31/31/2026", "_shown": ["subject", "details", "seen"]})
    assert "3 answers to correct" in wrong.text
    assert ("This is not a valid date. Example: 31/12/2026", "en") in english(wrong, 422).texts
    first = {"subject": "roads", "details": "A deep hole", "seen": "2026-01-02"}
    at = post_step(visitor, step, first)
    english(visitor.get(at))
    at = post_step(visitor, at, {"place.place": "Pont Valentre"})
    english(visitor.get(at))
    who = {"name.given": "Jane", "name.family": "Trial", "email": "jane@example.com"}
    review = post_step(visitor, at, who)
    assert ("2 January 2026", "en") in english(visitor.get(review)).texts
    sent = visitor.post(review).headers["Location"]
    said = english(visitor.get(sent))
    # What binds is there in French as well, and marked.
    assert any("accusé de réception" in text for text, lang in said.texts if lang == "fr")
    _, secret = last_request(town)
    follow = english(visitor.get(f"/en/suivi/{secret}/"))
    assert ("Received", "en") in follow.texts
    empty = visitor.post(f"/en/suivi/{secret}/message", {"text": ""})
    english(empty, 422)
    # From a page that answers a post, the link of the other language leads to its page.
    assert f'href="/suivi/{secret}/"' in empty.text
    paper = PdfReader(
        io.BytesIO(visitor.get(f"/en/suivi/{secret}/accuse-de-reception.pdf").content)
    )
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert "Acknowledgement of receipt" in text
    assert "What is the problem?" in text
    assert "Road, pavement, signs" in text
    assert "accusé de réception est établi" in text
    assert "Quel est le problème" not in text


@pytest.mark.parametrize(
    "path", ["suivi/", "accessibilite/", "donnees-personnelles/", "mentions-legales/", "agents/"]
)
def test_other_pages_for_everybody_are_english(town, browse, english, path):
    english(browse(town).get(f"/en/{path}"))


def test_errors_are_english(town, browse, english):
    visitor = browse(town)
    english(visitor.get("/en/nowhere/"), 404)
    english(visitor.post("/en/suivi/", {"number": "x", "email": "y"}), 422)
    forged = browse(town, enforce_csrf_checks=True).post("/en/suivi/", {"number": "x"})
    english(forged, 403)


def test_what_the_town_wrote_is_marked_as_french(town, browse, english):
    visitor = browse(town)
    page = english(visitor.get("/en/demarches/fete-de-la-truffe/"))
    for text in ("Fête de la truffe", "Réserver un étal.", "Comité des fêtes"):
        assert (text, "fr") in page.texts
    at = visitor.post("/en/demarches/fete-de-la-truffe/commencer").headers["Location"]
    step = english(visitor.get(at))
    for text in ("Votre étal", "Longueur (mètres)", "Le marché du samedi"):
        assert (text, "fr") in step.texts
    # The same label as in the library is in the catalogue.
    assert any(text.startswith("Email address") for text, lang in step.texts if lang == "en")


def test_mails_and_papers_follow_the_language_of_the_request(town, filed, scope, enter):
    from guichet.models import Mail
    from guichet.requests.outbox import _message

    _, request, secret = filed
    assert request.language == "en"
    agent = enter(town, "gestion")
    at = f"/agents/demandes/{request.number}/etat"
    assert agent.post(at, {"to": "refused", "text": "Not our road."}).status_code == 302
    with scope(town):
        rows = Mail.objects.filter(request=request).exclude(occasion="service").order_by("pk")
        received, refused = (_message(one.tenant, one) for one in rows.select_related("tenant"))
    assert (
        received.subject == f"Request {request.number} received: Report a problem in public space"
    )
    assert f"https://{town.host}/en/suivi/{secret}/" in received.body
    assert "This acknowledgement of receipt is given under" in received.body
    assert "Le présent accusé de réception est établi" in received.body
    assert "could not be accepted" in refused.body
    # How to appeal, in the language in which it binds.
    assert "recours gracieux" in refused.body
    # Agents search in French, whatever the language of a request.
    assert "Voirie, trottoir, signalisation" in request.search


def test_agents_work_in_english(town, filed, browse, scope, english):
    from guichet.agents.entry import invite
    from guichet.models import Agent, Mail

    _, request, _ = filed
    with scope(town):
        secret = invite(Agent.objects.get(email=f"gestion@{town.domain}"))
    visitor = browse(town)
    at = f"/en/agents/invitation/{secret}/"
    page = visitor.get(at)
    key = re.search('class="secret">(.*?)<', page.text)[1].replace(" ", "")
    english(page)
    english(visitor.post(at, {"password": "short", "code": "1"}), 422)
    sent = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(key).now()}
    assert visitor.post(at, sent).headers["Location"] == "/en/agents/demandes/"
    english(visitor.get("/en/agents/demandes/"))
    english(visitor.get(f"/en/agents/demandes/{request.number}/"))
    english(visitor.post(f"/en/agents/demandes/{request.number}/message", {"text": ""}), 422)
    english(visitor.get("/en/agents/statistiques/"))
    english(visitor.get("/en/agents/equipe/"))
    with scope(town):
        clerk = Agent.objects.get(email=f"voirie@{town.domain}")
    charges = english(visitor.get(f"/en/agents/equipe/{clerk.pk}/demarches/"))
    assert ("Report a problem in public space", "en") in charges.texts
    sheet = PdfReader(io.BytesIO(visitor.get("/en/agents/demandes.pdf").content))
    printed = sheet.pages[0].extract_text()
    assert "List of requests, " in printed
    assert "Report a problem" in printed
    assert "Procedure" in printed
    english(visitor.post("/en/agents/reponses/", {}), 422)
    heads = visitor.get("/en/agents/demandes.csv?procedure=intervention-services").text
    assert heads.splitlines()[0].startswith('\ufeff"Number";"Procedure";"State"')
    # Who is invited from an English page gets an English mail that leads to an English page.
    added = {"email": f"new@{town.domain}", "role": "reader"}
    assert visitor.post("/en/agents/equipe/", added).headers["Location"] == "/en/agents/equipe/"
    from guichet.requests.outbox import _message

    with scope(town):
        mail = _message(town_row(town), Mail.objects.get(recipient=f"new@{town.domain}"))
    assert "authenticator app" in mail.body
    assert f"https://{town.host}/en/agents/invitation/" in mail.body


def town_row(town):
    from guichet.models import Tenant

    return Tenant.objects.get(siren=town.siren)


def test_french_is_the_language_whatever_a_browser_prefers(town, browse):
    answer = browse(town).get("/", HTTP_ACCEPT_LANGUAGE="en-GB,en;q=0.9")
    assert answer.headers["Content-Language"] == "fr"
    assert "Accept-Language" not in answer.headers.get("Vary", "")
    assert Said(answer.text).lang == "fr"
    assert not answer.cookies


def test_each_page_names_itself_in_the_other_language(town, browse):
    visitor = browse(town)
    french = visitor.get("/suivi/?x=1").text
    assert '<a href="/en/suivi/?x=1" lang="en" hreflang="en">English</a>' in french
    assert f'hreflang="en" href="https://{town.host}/en/suivi/?x=1"' in french
    english = visitor.get("/en/suivi/").text
    assert '<a href="/suivi/" lang="fr" hreflang="fr">Français</a>' in english
    # A page that is not there has no other one: the list of procedures then.
    assert 'href="/en/" lang="en"' in visitor.get("/nulle-part/").text


def test_every_address_has_an_english_one_but_those_without_a_language(desk):
    from django.utils.translation import override

    fixed = {"style", "theme", "banner", "openid-back"}
    plain = {one.name for one in get_resolver().url_patterns if hasattr(one, "name")}
    assert plain == fixed
    for name in ("home", "find", "login", "inbox"):
        with override("en"):
            assert reverse(name).startswith("/en/")
        with override("fr"):
            assert not reverse(name).startswith("/en/")


@pytest.mark.parametrize("path", ["/fr/", "/de/", "/en-gb/", "/en/style.css", "/en/en/"])
def test_there_is_no_other_prefix(town, browse, path):
    assert browse(town).get(path).status_code == 404
