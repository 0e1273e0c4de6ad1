# SPDX-License-Identifier: GPL-3.0-or-later
"""After filing: the link, the messages, the mails and the paper."""

import hashlib
import io
import re
import socket
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader


class Taken:
    """What a mail server took; addresses in `refused` it refuses as a real one does."""

    def __init__(self):
        self.messages = []
        self.refused = set()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if address in self.refused:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mail_server(desk, monkeypatch):
    """A mail server that the desk sends through."""
    taken = Taken()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(taken, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setattr(desk, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(desk, "EMAIL_PORT", port)
    yield taken
    server.stop()


@pytest.fixture
def send(desk):
    from guichet.requests.outbox import send_due

    return send_due


@pytest.fixture
def empty_outbox(desk, cahors):
    """Of every tenant: those of other modules have mails too."""
    from guichet.models import Host, Mail
    from guichet.tenancy.scope import acting_for

    for host in Host.objects.all():
        with acting_for(host.siren):
            Mail.objects.all().delete()


def test_the_link_is_mailed_and_only_its_digest_is_kept(
    cahors, empty_outbox, fill_in, last_request, mail_server, send, raw, browse
):
    fill_in(cahors)
    found, secret = last_request(cahors)
    link = raw()
    link.execute("SELECT set_config('guichet.tenant', %s, true)", [cahors.siren])
    for table in ("guichet_request", "guichet_mail", "guichet_event", "guichet_draft"):
        assert secret not in str(link.execute(f"SELECT * FROM {table}").fetchall())
    assert found.link_digest == hashlib.sha256(secret.encode()).hexdigest()
    assert send() == (1, 0)
    (mail,) = mail_server.messages
    assert mail["To"] == "jeanne@exemple.fr"
    assert mail["From"].addresses[0].addr_spec == f"ne-pas-repondre@{cahors.domain}"
    assert mail["Reply-To"] == f"mairie@{cahors.domain}"
    assert mail["Auto-Submitted"] == "auto-generated"
    at = re.search(rf"https://{cahors.host}(/suivi/\S+)", mail.get_content())[1]
    assert found.number in browse(cahors).get(at).text


def test_a_later_mail_gives_the_same_link(
    cahors, empty_outbox, fill_in, last_request, mail_server, send, enter
):
    fill_in(cahors)
    found, secret = last_request(cahors)
    agent = enter(cahors, "gestion")
    agent.post(f"/agents/demandes/{found.number}/message", {"text": "Passez {link} nous voir"})
    send()
    texts = [one.get_content() for one in mail_server.messages if one["To"] == "jeanne@exemple.fr"]
    assert len(texts) == 2
    assert all(secret in text for text in texts)
    # What an agent types is no placeholder.
    assert "Passez (link) nous voir" in texts[1]


def test_a_mail_waits_in_the_outbox_until_the_server_is_back(
    cahors, empty_outbox, fill_in, send, scope, desk, monkeypatch, request
):
    from django.utils import timezone

    from guichet.models import Mail

    fill_in(cahors)
    monkeypatch.setattr(desk, "EMAIL_PORT", 1)
    assert send() == (0, 1)
    with scope(cahors):
        (mail,) = Mail.objects.all()
        assert mail.attempts == 1
        assert mail.error == "ConnectionRefusedError"
        assert mail.next_at > timezone.now()
        Mail.objects.update(next_at=timezone.now())
    server = request.getfixturevalue("mail_server")
    assert send() == (1, 0)
    assert len(server.messages) == 1
    with scope(cahors):
        (mail,) = Mail.objects.all()
    assert (mail.recipient, mail.body, mail.error) == ("", "", "")
    assert send() == (0, 0)


def test_an_address_that_is_refused_for_good_is_told_to_agents(
    cahors, empty_outbox, fill_in, last_request, mail_server, send, enter
):
    mail_server.refused.add("personne@exemple.fr")
    fill_in(cahors, email="personne@exemple.fr")
    assert send() == (0, 1)
    found, _ = last_request(cahors)
    page = enter(cahors, "gestion").get(f"/agents/demandes/{found.number}/")
    assert "SMTPRecipientsRefused 550" in page.text


def test_a_request_that_fails_after_its_mail_was_queued_sends_none(
    cahors, empty_outbox, fill_in, scope, monkeypatch, browse
):
    from guichet.models import Mail, Request
    from guichet.requests import filing

    def broken(request):
        raise OSError

    with scope(cahors):
        before = Request.objects.count()
    monkeypatch.setattr(filing.mails, "tell_service", broken)
    visitor = browse(cahors, raise_request_exception=False)
    with pytest.raises(AssertionError, match="500"):
        fill_in(cahors, visitor=visitor)
    with scope(cahors):
        assert Request.objects.count() == before
        assert not Mail.objects.exists()


def test_the_link_is_sent_again_to_the_same_address_and_to_no_other(
    cahors, empty_outbox, fill_in, last_request, browse, scope
):
    from guichet.models import Mail

    fill_in(cahors)
    found, _ = last_request(cahors)
    visitor = browse(cahors)
    texts = set()
    for email in ("JEANNE@exemple.fr", "intrus@exemple.fr"):
        answer = visitor.post("/suivi/", {"number": found.number, "email": email})
        texts.add(re.sub(r"name=.*?>", "", answer.text))
    assert len(texts) == 1
    with scope(cahors):
        sent = Mail.objects.filter(occasion="link").values_list("recipient", flat=True)
        assert list(sent) == ["jeanne@exemple.fr"]


@pytest.mark.parametrize(
    "secret", ["x", "A" * 43, "..", "%00", "2026-000001", "A" * 5000, "' OR 1=1 --"]
)
def test_a_guessed_link_leads_nowhere(browse, cahors, secret):
    assert browse(cahors).get(f"/suivi/{secret}/").status_code == 404


def test_citizen_and_agent_write_to_each_other_with_files(
    cahors, fill_in, last_request, enter, browse, scope
):
    fill_in(cahors)
    found, secret = last_request(cahors)
    visitor, agent = browse(cahors), enter(cahors, "gestion")
    page = f"/agents/demandes/{found.number}/"
    report = SimpleUploadedFile("compte rendu.pdf", b"%PDF-1.7 x")
    agent.post(f"{page}etat", {"to": "taken"})
    agent.post(f"{page}etat", {"to": "waiting", "text": "Quelle rue ?"})
    agent.post(f"{page}message", {"text": "Voici.", "files": report})
    agent.post(f"{page}message", {"text": "Entre nous.", "_note": "1"})
    seen = visitor.get(f"/suivi/{secret}/").text
    assert "Quelle rue ?" in seen
    assert "Entre nous" not in seen
    key = re.search(r'fichiers/([0-9a-f-]+)">compte rendu.pdf', seen)[1]
    file = visitor.get(f"/suivi/{secret}/fichiers/{key}")
    assert file.content == b"%PDF-1.7 x"
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    sent = {"text": "Rue Haute.", "files": SimpleUploadedFile("plan.pdf", b"%PDF-1.7 y")}
    assert visitor.post(f"/suivi/{secret}/message", sent).status_code == 302
    seen = agent.get(page).text
    assert "Rue Haute." in seen
    assert "plan.pdf" in seen
    # What waited for the citizen is at work again.
    assert last_request(cahors)[0].state == "taken"


def test_a_message_whose_file_is_a_virus_is_not_kept(cahors, fill_in, last_request, browse, scope):
    from guichet.models import File, Message

    fill_in(cahors)
    found, secret = last_request(cahors)
    virus = SimpleUploadedFile("a.pdf", b"%PDF-1.7 VIRUS-OF-THE-TESTS")
    answer = browse(cahors).post(f"/suivi/{secret}/message", {"text": "Voici", "files": virus})
    assert answer.status_code == 422
    assert "virus" in answer.text
    assert "Voici</textarea>" in answer.text
    with scope(cahors):
        assert not Message.objects.filter(request=found).exists()
        assert not File.objects.filter(request=found).exists()


def test_a_closed_request_takes_no_message(cahors, fill_in, last_request, enter, browse):
    fill_in(cahors)
    found, secret = last_request(cahors)
    agent = enter(cahors, "gestion")
    for to in ("taken", "accepted", "closed"):
        agent.post(f"/agents/demandes/{found.number}/etat", {"to": to})
    assert last_request(cahors)[0].state == "closed"
    assert last_request(cahors)[0].closed_at is not None
    assert browse(cahors).post(f"/suivi/{secret}/message", {"text": "x"}).status_code == 422


def test_the_receipt_says_what_was_filed_and_when(cahors, fill_in, last_request, browse):
    fill_in(cahors)
    found, secret = last_request(cahors)
    answer = browse(cahors).get(f"/suivi/{secret}/accuse-de-reception.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    paper = PdfReader(io.BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in paper.pages)
    for said in (found.number, "L112-11", "Pont Valentré", "Un trou <b>profond</b>"):
        assert said in text
    assert paper.metadata.title == f"Accusé de réception – demande {found.number}"


def test_a_request_keeps_the_version_it_was_filed_with(
    cahors, share, fill_in, last_request, browse
):
    fill_in(cahors)
    old, secret = last_request(cahors)
    resources = [one for one in cahors.all() if "intervention" not in one[0]]
    other = cahors.procedure(library="intervention-services", set={"title": "Signaler autrement"})
    share.declare(cahors, *resources, other)
    (change,) = share.converge()["changes"]
    assert change["action"] == "update"
    assert "Signaler autrement" in browse(cahors).get("/").text
    assert "Signaler autrement" not in browse(cahors).get(f"/suivi/{secret}/").text
    fill_in(cahors)
    assert last_request(cahors)[0].version.number == old.version.number + 1
