# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents: how they come in, what they see, what they may do."""

import csv
import datetime as dt
import io
import re

import pyotp
import pytest

from integration.desk.forms import PASSWORD

WRONG = "inexact"


@pytest.fixture
def filed(cahors, fill_in, last_request):
    fill_in(cahors)
    return last_request(cahors)[0]


@pytest.fixture
def later(monkeypatch):
    """later(minutes=31) makes it so much later for sessions, locks and codes."""
    from django.utils import timezone

    real, moved = timezone.now, [dt.timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: real() + moved[0])

    def go(**much):
        moved[0] += dt.timedelta(**much)

    return go


def password(visitor, town, local, text=PASSWORD):
    sent = {"email": f"{local}@{town.domain}", "password": text}
    return visitor.post("/agents/", sent)


def fresh_code(town, scope, local, key):
    """A code that was not used: the last step is forgotten, as if half a minute had gone by."""
    from guichet.models import Agent

    with scope(town):
        Agent.objects.filter(email=f"{local}@{town.domain}").update(last_step=0)
    return pyotp.TOTP(key).now()


def test_an_agent_comes_in_by_password_and_code(cahors, enter, browse, scope):
    key = enter(cahors, "voirie").key
    visitor = browse(cahors)
    assert password(visitor, cahors, "voirie").headers["Location"] == "/agents/code/"
    # A password alone opens nothing.
    assert visitor.get("/agents/demandes/").headers["Location"] == "/agents/"
    code = fresh_code(cahors, scope, "voirie", key)
    assert visitor.post("/agents/code/", {"code": code}).headers["Location"] == "/agents/demandes/"
    assert visitor.get("/agents/demandes/").status_code == 200


def test_a_code_serves_once(cahors, enter, browse, scope):
    key = enter(cahors, "voirie").key
    code = fresh_code(cahors, scope, "voirie", key)
    answers = []
    for visitor in (browse(cahors), browse(cahors)):
        password(visitor, cahors, "voirie")
        answers.append(visitor.post("/agents/code/", {"code": code}).status_code)
    assert answers == [302, 422]


def test_an_invitation_works_once_and_ends_older_sessions(cahors, enter, scope, browse):
    first = enter(cahors, "voirie")
    assert first.get("/agents/demandes/").status_code == 200
    enter(cahors, "voirie")
    assert first.get("/agents/demandes/").headers["Location"] == "/agents/"


def test_a_used_a_replaced_and_an_old_invitation_lead_nowhere(cahors, scope, browse, later):
    from guichet.agents.entry import invite
    from guichet.models import Agent

    with scope(cahors):
        agent = Agent.objects.get(email=f"elus@{cahors.domain}")
        replaced, good = invite(agent), invite(agent)
    assert browse(cahors).get(f"/agents/invitation/{replaced}/").status_code == 404
    assert browse(cahors).get(f"/agents/invitation/{good}/").status_code == 200
    later(days=8)
    assert browse(cahors).get(f"/agents/invitation/{good}/").status_code == 404


@pytest.mark.parametrize(
    ("first", "again", "said"),
    [
        ("court", "court", "12 caractères"),
        ("passwordpassword", "autre mot de passe", "diffèrent"),
        ("voirie-2026-cahors", "voirie-2026-cahors", "adresse"),
    ],
)
def test_a_weak_password_is_not_taken(cahors, scope, browse, first, again, said):
    from guichet.agents.entry import invite
    from guichet.models import Agent

    with scope(cahors):
        secret = invite(Agent.objects.get(email=f"voirie@{cahors.domain}"))
    visitor = browse(cahors)
    at = f"/agents/invitation/{secret}/"
    key = re.search('class="secret">(.*?)<', visitor.get(at).text)[1].replace(" ", "")
    sent = {"password": first, "again": again, "code": pyotp.TOTP(key).now()}
    answer = visitor.post(at, sent)
    assert answer.status_code == 422
    assert said in answer.text


def test_neither_password_nor_factor_is_readable_in_the_database(cahors, enter, raw):
    key = enter(cahors, "voirie").key
    link = raw()
    link.execute("SELECT set_config('guichet.tenant', %s, true)", [cahors.siren])
    rows = str(link.execute("SELECT * FROM guichet_agent").fetchall())
    rows += str(link.execute("SELECT * FROM guichet_session").fetchall())
    assert key not in rows
    assert PASSWORD not in rows
    assert "scrypt$" in rows


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(
    cahors, enter, browse, scope, later
):
    enter(cahors, "voirie")
    for _ in range(5):
        assert WRONG in password(browse(cahors), cahors, "voirie", "faux faux faux").text
    # The right one is told nothing else while the account rests.
    assert WRONG in password(browse(cahors), cahors, "voirie").text
    later(minutes=16)
    assert password(browse(cahors), cahors, "voirie").status_code == 302


def test_wrong_codes_lock_it_too(cahors, enter, browse):
    enter(cahors, "voirie")
    for _ in range(5):
        visitor = browse(cahors)
        password(visitor, cahors, "voirie")
        assert visitor.post("/agents/code/", {"code": "000000"}).status_code == 422
    assert WRONG in password(browse(cahors), cahors, "voirie").text


def test_an_unknown_agent_is_answered_as_a_wrong_password_is(cahors, browse, enter):
    enter(cahors, "gestion")
    texts = {
        re.sub(r'(csrfmiddlewaretoken"|name="email") value="[^"]*"', "", answer.text)
        for answer in (
            password(browse(cahors), cahors, "gestion", "faux faux faux"),
            password(browse(cahors), cahors, "personne"),
        )
    }
    assert len(texts) == 1


def test_one_address_may_not_try_for_ever(cahors, browse):
    visitor = browse(cahors)
    answers = [password(visitor, cahors, f"n{number}") for number in range(31)]
    assert answers[29].status_code == 422
    assert answers[30].status_code == 429


def test_a_session_ends_when_nobody_uses_it_and_after_ten_hours(cahors, enter, later):
    agent = enter(cahors, "gestion")
    later(minutes=31)
    assert agent.get("/agents/demandes/").headers["Location"] == "/agents/"
    agent = enter(cahors, "gestion")
    for _ in range(22):
        later(minutes=27)
        seen = agent.get("/agents/demandes/").status_code
    assert seen == 200
    later(minutes=27)
    assert agent.get("/agents/demandes/").headers["Location"] == "/agents/"


def test_coming_in_changes_the_key_of_the_session(cahors, scope, browse, enter):
    key = enter(cahors, "voirie").key
    visitor = browse(cahors)
    password(visitor, cahors, "voirie")
    before = visitor.cookies["__Host-guichet"].value
    visitor.post("/agents/code/", {"code": fresh_code(cahors, scope, "voirie", key)})
    assert visitor.cookies["__Host-guichet"].value != before


def test_a_case_officer_sees_the_procedures_in_charge_and_no_others(cahors, filed, enter, scope):
    from guichet.models import Agent, Charge, Procedure

    officer = enter(cahors, "voirie")
    page = f"/agents/demandes/{filed.number}/"
    assert officer.get(page).status_code == 200
    assert filed.number in officer.get("/agents/demandes/?state=all").text
    with scope(cahors):
        agent = Agent.objects.get(email=f"voirie@{cahors.domain}")
        Charge.objects.filter(agent=agent).delete()
        other = Procedure.objects.get(slug="acte-naissance")
        Charge.objects.create(tenant_id=cahors.siren, agent=agent, procedure=other)
    try:
        assert officer.get(page).status_code == 404
        assert officer.get(f"{page}demande.pdf").status_code == 404
        assert officer.post(f"{page}message", {"text": "x"}).status_code == 404
        for at in ("/agents/demandes/?state=all", "/agents/demandes.csv?state=all"):
            assert filed.number not in officer.get(at).text
        assert "espace public" not in officer.get("/agents/statistiques/").text
    finally:
        with scope(cahors):
            Charge.objects.filter(agent=agent).delete()
            mine = Procedure.objects.get(slug="intervention-services")
            Charge.objects.create(tenant_id=cahors.siren, agent=agent, procedure=mine)


def test_a_reader_reads_and_does_nothing_else(cahors, filed, enter):
    reader = enter(cahors, "elus")
    page = f"/agents/demandes/{filed.number}/"
    seen = reader.get(page)
    assert seen.status_code == 200
    assert "Changer l’état" not in seen.text
    for at, sent in (
        ("message", {"text": "x"}),
        ("etat", {"to": "taken"}),
        ("agent", {"agent": ""}),
    ):
        assert reader.post(page + at, sent).status_code == 403
    for at in ("/agents/equipe/", "/agents/reponses/"):
        assert reader.get(at).status_code == 403


def test_an_officer_does_not_manage_the_desk(cahors, enter):
    officer = enter(cahors, "voirie")
    for at in ("/agents/equipe/", "/agents/reponses/"):
        assert officer.get(at).status_code == 403


def test_a_request_goes_only_where_the_table_leads(cahors, filed, enter, last_request):
    agent = enter(cahors, "gestion")
    page = f"/agents/demandes/{filed.number}/etat"
    for to in ("accepted", "closed", "received", "nonsense", ""):
        assert agent.post(page, {"to": to}).status_code == 422
    assert agent.post(page, {"to": "taken"}).status_code == 302
    # A refusal is reasoned.
    assert agent.post(page, {"to": "refused"}).status_code == 422
    assert agent.post(page, {"to": "refused", "text": "Hors commune."}).status_code == 302
    assert last_request(cahors)[0].state == "refused"


def test_every_act_leaves_an_event_with_who_did_it(cahors, filed, enter, scope):
    from guichet.models import Event

    agent = enter(cahors, "gestion")
    page = f"/agents/demandes/{filed.number}/"
    with scope(cahors):
        from guichet.models import Agent

        officer = Agent.objects.get(email=f"voirie@{cahors.domain}")
        elected = Agent.objects.get(email=f"elus@{cahors.domain}")
    agent.post(f"{page}agent", {"agent": officer.pk})
    agent.post(f"{page}etat", {"to": "taken"})
    agent.post(f"{page}message", {"text": "note", "_note": "1"})
    assert agent.post(f"{page}agent", {"agent": elected.pk}).status_code == 403
    with scope(cahors):
        events = [(one.kind, str(one.agent)) for one in Event.objects.filter(request=filed)]
    who = f"gestion@{cahors.domain}"
    assert events == [("filed", "None"), ("assigned", who), ("moved", who), ("note", who)]


def test_the_inbox_finds_by_state_procedure_agent_age_and_words(
    cahors, filed, enter, scope, fill_in
):
    agent = enter(cahors, "gestion")

    def found(query):
        return filed.number in agent.get(f"/agents/demandes/?{query}").text

    assert found("")
    assert found("state=received")
    assert not found("state=closed")
    assert found("procedure=intervention-services")
    assert not found("procedure=acte-naissance")
    assert found("assigned=nobody")
    assert not found("assigned=me")
    assert not found("older=1")
    assert found("words=valentr%C3%A9+trou")
    assert found(f"words={filed.number}")
    assert not found("words=introuvable")


@pytest.mark.parametrize(
    "query",
    ["state=x", "older=-1", "older=%D9%A3", "page=99999", "words=%25", "assigned='"],
)
def test_no_filter_makes_the_inbox_fail(cahors, enter, query):
    assert enter(cahors, "gestion").get(f"/agents/demandes/?{query}").status_code == 200


def test_the_export_holds_the_answers_and_no_formula(cahors, enter, fill_in, last_request):
    fill_in(cahors, email="=cmd@exemple.fr")
    agent = enter(cahors, "gestion")
    query = "procedure=intervention-services&words=cmd"
    answer = agent.get(f"/agents/demandes.csv?{query}")
    text = answer.content.decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text), delimiter=";")
    cells = dict(zip(head, row, strict=True))
    assert cells["Courriel"] == "'=cmd@exemple.fr"
    assert cells["Décrivez ce que vous avez constaté"] == "Un trou <b>profond</b>"
    assert cells["Numéro"] == last_request(cahors)[0].number


def test_a_manager_adds_a_colleague_who_is_invited_by_mail(cahors, enter, scope, browse):
    from guichet.models import Agent, Mail
    from guichet.requests.outbox import _message

    manager = enter(cahors, "gestion")
    new = {"email": f"Accueil@{cahors.domain}", "role": "officer"}
    assert "instructeur" in manager.post("/agents/equipe/", new).text.lower()
    new["procedures"] = ["acte-naissance"]
    assert manager.post("/agents/equipe/", new).status_code == 302
    assert manager.post("/agents/equipe/", new).status_code == 422
    with scope(cahors):
        agent = Agent.objects.get(email=f"accueil@{cahors.domain}")
        mail = Mail.objects.get(recipient=agent.email)
        assert "/agents/invitation/" not in mail.body
        from guichet.models import Tenant

        text = _message(Tenant.objects.get(), mail).body
    at = re.search(rf"https://{cahors.host}(\S+)", text)[1]
    assert browse(cahors).get(at).status_code == 200
    manager.post(f"/agents/equipe/{agent.pk}", {"_suspend": "1"})
    assert browse(cahors).get(at).status_code == 404


def test_a_manager_does_not_suspend_an_agent_of_the_charter(cahors, enter, scope):
    from guichet.models import Agent

    manager = enter(cahors, "gestion")
    with scope(cahors):
        officer = Agent.objects.get(email=f"voirie@{cahors.domain}")
    manager.post(f"/agents/equipe/{officer.pk}", {"_suspend": "1"})
    with scope(cahors):
        assert Agent.objects.get(pk=officer.pk).active


def test_a_canned_answer_is_put_into_the_message(cahors, filed, enter, scope):
    from guichet.models import CannedAnswer

    manager = enter(cahors, "gestion")
    manager.post("/agents/reponses/", {"title": "Bien reçu", "text": "Nous passons demain."})
    with scope(cahors):
        canned = CannedAnswer.objects.get()
    page = manager.get(f"/agents/demandes/{filed.number}/?reponse={canned.pk}")
    assert "Nous passons demain.</textarea>" in page.text
    manager.post("/agents/reponses/", {"_remove": canned.pk})
    with scope(cahors):
        assert not CannedAnswer.objects.exists()


def test_statistics_count_what_there_is(cahors, filed, enter, scope):
    from guichet.models import Request

    page = enter(cahors, "gestion").get("/agents/statistiques/").text
    with scope(cahors):
        count = Request.objects.filter(procedure__slug="intervention-services").count()
    row = re.search(r"espace public</th><td>(\d+)</td>", page.replace("&#x27;", "'"))
    assert int(row[1]) == count


def test_statistics_count_outcomes_of_closed_requests_and_are_a_table_too(
    cahors, filed, enter, browse
):
    agent = enter(cahors, "gestion")

    def counts():
        text = agent.get("/agents/statistiques/?csv=1&periode=30").content.decode("utf-8-sig")
        head, *rows = csv.reader(io.StringIO(text), delimiter=";")
        row = next(one for one in rows if "espace public" in one[0])
        return {name: int(cell) for name, cell in zip(head[1:-1], row[1:-1], strict=True)}

    before = counts()
    page = f"/agents/demandes/{filed.number}/etat"
    for to, text in (("taken", ""), ("refused", "Hors commune."), ("closed", "")):
        assert agent.post(page, {"to": to, "text": text}).status_code == 302
    after = counts()
    assert after["Refusées"] == before["Refusées"] + 1
    assert after["Closes"] == before["Closes"] + 1
    assert after["En cours"] == before["En cours"] - 1
    # An officer's table is of the procedures in charge.
    assert "naissance" not in enter(cahors, "voirie").get("/agents/statistiques/?csv=1").text


def test_several_requests_are_assigned_from_the_inbox(cahors, fill_in, enter, last_request, scope):
    from guichet.models import Agent

    numbers = []
    for _ in range(2):
        fill_in(cahors)
        numbers.append(last_request(cahors)[0].number)
    manager = enter(cahors, "gestion")
    with scope(cahors):
        officer = Agent.objects.get(email=f"voirie@{cahors.domain}")
        reader = Agent.objects.get(email=f"elus@{cahors.domain}")
    sent = {"number": numbers, "agent": officer.pk, "query": "state=received"}
    answer = manager.post("/agents/demandes/attribuer", sent)
    assert answer.headers["Location"] == "/agents/demandes/?state=received"
    assert "2 demandes attribuées" in manager.get("/agents/demandes/").text
    assert last_request(cahors)[0].assigned_id == officer.pk
    assert (
        manager.post("/agents/demandes/attribuer", {**sent, "agent": reader.pk}).status_code == 403
    )
    assert enter(cahors, "elus").post("/agents/demandes/attribuer", sent).status_code == 403
    manager.post("/agents/demandes/attribuer", {"number": numbers, "agent": ""})
    assert last_request(cahors)[0].assigned_id is None


def test_the_inbox_is_printed_as_it_is_filtered(cahors, filed, enter):
    from pypdf import PdfReader

    agent = enter(cahors, "gestion")
    for query, there in (("", True), ("?state=closed&words=introuvable", False)):
        answer = agent.get(f"/agents/demandes.pdf{query}")
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        assert (filed.number in text) == there


def test_a_canned_answer_is_changed(cahors, enter, scope):
    from guichet.models import CannedAnswer

    manager = enter(cahors, "gestion")
    at = "/agents/reponses/"
    manager.post(at, {"title": "Reçu", "text": "Bonjour", "procedure": "acte-naissance"})
    with scope(cahors):
        canned = CannedAnswer.objects.get(title="Reçu")
    shown = manager.get(f"{at}?modifier={canned.pk}").text
    assert "Bonjour</textarea>" in shown
    assert manager.post(at, {"pk": canned.pk, "title": "", "text": "x"}).status_code == 422
    sent = {"pk": canned.pk, "title": "Bien reçu", "text": "Bonsoir", "procedure": "absent"}
    manager.post(at, sent)
    with scope(cahors):
        (changed,) = CannedAnswer.objects.filter(pk=canned.pk)
        assert (changed.title, changed.text, changed.procedure) == ("Bien reçu", "Bonsoir", None)
        changed.delete()


def test_a_manager_gives_an_agent_of_the_charter_a_procedure_of_the_interface(
    cahors, enter, share, scope
):
    """And a convergence leaves it, since only the interface knows of it."""
    from guichet.models import Agent, Charge

    manager = enter(cahors, "gestion")
    made = manager.post("/agents/nouvelle-demarche/", {"way": "copy", "copy": "acte-naissance"})
    at = made.headers["Location"]
    edition = re.search(r'name="edition" value="(.)"', manager.get(f"{at}publier/").text)[1]
    manager.post(f"{at}publier/", {"edition": edition})
    slug = at.split("/")[3]
    with scope(cahors):
        officer = Agent.objects.get(email=f"voirie@{cahors.domain}")
        reader = Agent.objects.get(email=f"elus@{cahors.domain}")
    page = f"/agents/equipe/{officer.pk}/demarches/"
    assert 'value="acte-naissance"' not in manager.get(page).text
    manager.post(page, {"procedures": [slug, "acte-naissance"]})
    assert share.converge()["changes"] == []
    with scope(cahors):
        charges = Charge.objects.filter(agent=officer)
        assert {one.procedure.slug for one in charges} == {"intervention-services", slug}
    # One who reads everything is not made to read one thing alone.
    assert "toutes les démarches" in manager.get(f"/agents/equipe/{reader.pk}/demarches/").text
    manager.post(f"/agents/equipe/{reader.pk}/demarches/", {"procedures": [slug]})
    with scope(cahors):
        assert not Charge.objects.filter(agent=reader).exists()
    manager.post(page, {})
    with scope(cahors):
        assert [one.procedure.slug for one in Charge.objects.filter(agent=officer)] == [
            "intervention-services"
        ]
