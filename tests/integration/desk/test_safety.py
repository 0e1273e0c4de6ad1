# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a session, what is counted, and what every answer says: as attackers would try it."""

import socket
import time

import pyotp
import pytest
from aiosmtpd.controller import Controller
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integration.desk.addresses import given, patterns
from integration.desk.forms import PNG, PROBLEM, post_step

IN, OUT = "/agents/demandes/", "/agents/"


def declared(town, role):
    """A town whose officer voirie has another role, or none."""
    resources = [one for one in town.all() if "voirie@" not in one[0]]
    return [*resources, town.agent("voirie", role)] if role else resources


@pytest.fixture
def share_back(share, cahors):
    """The town as it was, at the end."""
    yield share
    share.declare(cahors, *cahors.all())
    share.converge()


def test_another_role_holds_in_the_session_that_is_open(share_back, cahors, enter):
    agent = enter(cahors, "voirie")
    assert agent.get("/agents/equipe/").status_code == 403
    share_back.declare(cahors, *declared(cahors, "manager"))
    share_back.converge()
    assert agent.get("/agents/equipe/").status_code == 200
    share_back.declare(cahors, *declared(cahors, "reader"))
    share_back.converge()
    assert agent.get("/agents/equipe/").status_code == 403
    assert agent.get("/agents/reponses/").status_code == 403


def test_who_leaves_the_charter_is_out_at_once_and_for_good(share_back, cahors, enter):
    agent = enter(cahors, "voirie")
    share_back.declare(cahors, *declared(cahors, None))
    share_back.converge()
    assert agent.get(IN).headers["Location"] == OUT
    # Back in the charter, the old session stays what it was: over.
    share_back.declare(cahors, *cahors.all())
    share_back.converge()
    assert agent.get(IN).headers["Location"] == OUT


def test_who_is_suspended_by_a_manager_is_out_at_once(cahors, enter, scope):
    from guichet.models import Agent

    manager = enter(cahors, "gestion")
    email = f"accueil@{cahors.domain}"
    manager.post("/agents/equipe/", {"email": email, "role": "reader"})
    colleague = enter(cahors, "accueil")
    assert colleague.get(IN).status_code == 200
    with scope(cahors):
        agent = Agent.objects.get(email=email)
    manager.post(f"/agents/equipe/{agent.pk}", {"_suspend": "1"})
    assert colleague.get(IN).headers["Location"] == OUT


def test_a_session_that_an_attacker_named_is_never_begun(cahors, browse, scope):
    visitor = browse(cahors)
    chosen = "a" * 32
    visitor.cookies["__Host-guichet"] = chosen
    visitor.post("/demarches/intervention-services/commencer")
    assert visitor.cookies["__Host-guichet"].value != chosen


def test_going_out_ends_the_session_and_not_only_the_cookie(cahors, enter, browse):
    agent = enter(cahors, "gestion")
    stolen = agent.cookies["__Host-guichet"].value
    agent.post("/agents/sortie")
    thief = browse(cahors)
    thief.cookies["__Host-guichet"] = stolen
    assert thief.get(IN).headers["Location"] == OUT


def test_a_code_before_the_last_one_used_and_one_from_far_are_refused():
    from guichet.agents.factor import new_secret, step_of

    secret = new_secret()
    step, maker = int(time.time()) // 30, pyotp.TOTP(secret)
    codes = {delta: maker.generate_otp(step + delta) for delta in (-10, -1, 0, 10)}
    used = step_of(secret, codes[0], 0)
    assert used is not None
    for delta in (-10, -1, 0, 10):
        assert step_of(secret, codes[delta], used) is None


def test_length_counts_and_composition_does_not():
    from guichet.agents.entry import objection
    from guichet.models import Agent

    agent = Agent(email="voirie@cahors.fr")
    assert objection("cheval pile agrafe", agent) == ""
    assert objection("Aa1!Aa1!", agent)
    for common in ("123456789qwerty", "TempPassword", "ingodwetrust"):
        assert "courant" in objection(common, agent)


def test_every_address_that_takes_a_post_wants_the_token(cahors, browse, enter, fill_in):
    """Walked, so that a new address cannot be forgotten; and each answer is protected."""
    manager = enter(cahors, "gestion")
    forger = browse(cahors, enforce_csrf_checks=True)
    forger.cookies = manager.cookies
    for one in patterns():
        known = {"slug": "intervention-services", "number": "2026-000001", "secret": "x" * 32}
        known["key"] = "00000000-0000-4000-8000-000000000000"
        at = reverse(one.name, kwargs=given(one, known))
        answer = forger.post(at, {"text": "x", "_suspend": "1"})
        assert answer.status_code == 403, one.name
        assert "Session expirée" in answer.text
        for shown in (answer, forger.get(at)):
            policy = shown.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'"), one.name
            assert "unsafe" not in policy
            assert shown.headers["X-Content-Type-Options"] == "nosniff"
            assert shown.headers["Referrer-Policy"] == "same-origin"
            assert shown.headers["Cache-Control"]


def test_a_network_of_ipv6_is_one_visitor(cahors, browse):
    visitor = browse(cahors)
    answers = [
        visitor.post("/suivi/", {"number": "x"}, HTTP_X_REAL_IP=f"2001:db8:ffff:1::{turn:x}")
        for turn in range(11)
    ]
    assert [one.status_code for one in answers] == [422] * 10 + [429]
    other = visitor.post("/suivi/", {"number": "x"}, HTTP_X_REAL_IP="2001:db8:ffff:2::1")
    assert other.status_code == 422


def test_nobody_fills_the_disk_with_files_of_a_form_that_is_never_sent(cahors, browse, monkeypatch):
    from guichet import rates

    monkeypatch.setattr(rates, "UPLOAD", rates.Limit("upload", 2, 3600))
    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    at = post_step(visitor, at, PROBLEM)
    answers = []
    for _ in range(3):
        sent = {"place.place": "x", "photo": SimpleUploadedFile("a.png", PNG + b"0" * 900_000)}
        answers.append(visitor.post(at, sent).status_code)
    assert answers[2] == 429
    assert 429 not in answers[:2]


def test_one_mail_address_is_not_flooded_by_requests_in_its_name(
    cahors, fill_in, monkeypatch, scope, browse
):
    from guichet.models import Mail, Request
    from guichet.rates import Limit
    from guichet.views import form

    monkeypatch.setattr(form, "NAMED", Limit("named", 1, 86400))
    fill_in(cahors, email="victime@exemple.fr")
    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    at = post_step(visitor, post_step(visitor, at, PROBLEM), {"place.place": "Pont"})
    who = {"name.given": "J", "name.family": "E", "email": "Victime@exemple.fr"}
    review = post_step(visitor, at, who)
    assert visitor.post(review).status_code == 429
    with scope(cahors):
        assert Request.objects.filter(email__iexact="victime@exemple.fr").count() == 1
        assert Mail.objects.filter(recipient__iexact="victime@exemple.fr").count() == 1


@pytest.fixture
def mail_server(desk, monkeypatch):
    """A mail server that takes everything; whom it took mail for."""
    taken = []

    class Server:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
            taken.extend(envelope.rcpt_tos)
            return "250 OK"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Server(), hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setattr(desk, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(desk, "EMAIL_PORT", port)
    yield taken
    server.stop()


def test_a_mail_that_cannot_be_made_holds_up_no_other(cahors, figeac, scope, mail_server):
    """One town's bad address, and another town's mail behind it."""
    from guichet.models import Mail
    from guichet.requests.mails import queue
    from guichet.requests.outbox import send_due

    bad = "a@exemple.fr\nBcc: b@exemple.fr"
    with scope(cahors):
        queue(cahors.siren, "service", bad, "x", "x")
    with scope(figeac):
        queue(figeac.siren, "service", "c@exemple.fr", "x", "x")
    send_due()
    assert "c@exemple.fr" in mail_server
    assert "b@exemple.fr" not in mail_server
    with scope(cahors):
        mail = Mail.objects.get(recipient=bad)
        assert (mail.attempts, mail.error) == (1, "ValueError")
