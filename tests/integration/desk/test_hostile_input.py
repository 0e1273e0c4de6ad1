# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody sends by mistake: no failure of the server, nothing lost, nothing let through."""

import csv
import http.client
import io
import os
import re
import socket
import subprocess
import sys
import urllib.parse
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integration.desk import place
from integration.desk.addresses import given, patterns
from integration.desk.forms import PNG, PROBLEM, post_step

JUNK = {
    "nul": "\0",
    "long": "x" * 5000,
    "digits": "9" * 40,
    "arabic digits": "٣",
    "minus": "-1",
    "quote": "'\";--",
    "format": "%s%n{0.__class__}",
    "path": "../../etc/passwd",
    "direction": "\u202egpj.exe",
    "joined": "\U0001f468\u200d\U0001f469",
    "lines": "a\r\nBcc: x@exemple.fr",
    "empty": "",
}
NAMES = (
    *("email", "password", "code", "again", "text", "number", "to", "agent", "title", "procedure"),
    *("procedures", "role", "name", "state", "assigned", "older", "words", "page", "reponse"),
    *("_remove", "_shown", "_previous", "_note", "_invite", "_suspend", "website", "subject"),
    *("csrfmiddlewaretoken", "files", "photo", "place.place", "seen", "state", "error", "iss"),
)
METHODS = ("get", "post", "put", "head", "trace")


@pytest.fixture
def at_files(browse, cahors):
    """A visitor at the step that takes a photograph, and its address."""
    visitor = browse(cahors)
    begun = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    return visitor, post_step(visitor, begun, PROBLEM)


@pytest.fixture
def addresses(cahors, fill_in, last_request, scope):
    """Every address of the desk, with identifiers that are right."""
    from guichet.models import Agent, File

    visitor, sent = fill_in(cahors, photo=SimpleUploadedFile("a.png", PNG))
    filed, secret = last_request(cahors)
    with scope(cahors):
        file = File.objects.get(request=filed)
        # An act upon a manager would end the walk.
        agent = Agent.objects.get(email__startswith="elus@")
    draft = sent.split("/")[2]
    known = {
        "slug": "intervention-services",
        "secret": secret,
        "number": filed.number,
        "key": draft,
        "pk": agent.pk,
    }
    found = {}
    for one in patterns():
        taken = given(one, known)
        if one.name in ("file", "agent-file"):
            taken["key"] = file.key
        found[one.name] = reverse(one.name, kwargs=taken)
    return visitor, found


def test_no_method_and_no_parameter_makes_any_address_fail(addresses, enter, cahors):
    """As a citizen with a draft and as a manager: every address, method and piece of junk."""
    visitor, found = addresses
    manager = enter(cahors, "gestion")
    for who in (visitor, manager):
        for name, at in sorted(found.items()):
            if name == "leave":
                continue
            for method in METHODS:
                answer = getattr(who, method)(at)
                assert answer.status_code < 500, (name, method)
            for turn in range(2):
                # Another piece of junk for each parameter in each turn.
                kinds = [*JUNK.values()] * len(NAMES)
                sent = dict(zip(NAMES, kinds[turn * 6 + len(name) :], strict=False))
                for answer in (who.get(at, sent), who.post(at, sent)):
                    assert answer.status_code < 500, (name, turn)


def test_identifiers_that_are_none_lead_nowhere(browse, cahors, enter):
    manager = enter(cahors, "gestion")
    forged = ["0", "9" * 400, "-1", "%00", "%ff%fe", "..%2f..%2fetc", "x" * 3000, "é", "%E2%80%AE"]
    forged += [str(uuid.UUID(int=0)), "2026-000001'--", "2026-999999"]
    bases = ["/demarches/{}/", "/demarches/{}/commencer", "/saisie/{}/1/", "/suivi/{}/"]
    bases += ["/suivi/{}/message", "/suivi/{}/fichiers/{}", "/agents/invitation/{}/"]
    bases += ["/agents/demandes/{}/", "/agents/demandes/{}/etat", "/agents/equipe/{}"]
    visitor = browse(cahors)
    for base in bases:
        for one in forged:
            at = base.replace("{}", one)
            for who in (visitor, manager):
                for answer in (who.get(at), who.post(at, {"text": "x"})):
                    refused = answer.status_code in (400, 404, 405)
                    # Nobody's colleague is still a way back to the team.
                    assert refused or answer.headers.get("Location") == "/agents/", at


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../../etc/passwd.png", "passwd.png"),
        ("..\\..\\windows\\win.png", "win.png"),
        ("photo\r\nSet-Cookie: a=b.png", None),
        ("photo\x00.php.png", "photo php.png"),
        ("\u202egnp.exe", "gnp exe.png"),
        ("photo.png.exe", "photo png exe.png"),
        ("photo.exe.png", "photo exe.png"),
        ("CON", "_CON.png"),
        ("aux.png", "_aux.png"),
        ("COM1.tar.png", "_COM1 tar.png"),
        ("é" * 300, None),
        ("<script>alert(1)</script>.png", "script.png"),
        ("=cmd|' /C calc'!A0.png", None),
        (".htaccess", "htaccess.png"),
        ("\x1b[2Jphoto.png", "2Jphoto.png"),
    ],
)
def test_a_hostile_name_of_a_file_is_harmless_where_it_is_stored_shown_and_sent(
    at_files, scope, cahors, sent, kept
):
    from guichet.models import File

    visitor, at = at_files
    body = multipart({"photo": (sent, PNG)})
    answer = visitor.post(at, body, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert answer.status_code < 500
    with scope(cahors):
        row = File.objects.order_by("pk").last()
    if kept is not None:
        assert row.name in (kept, kept.replace("=", " "))
    assert re.fullmatch(r"[\w ()+'’-]+\.png", row.name)
    assert len(row.name.encode()) <= 255
    page = visitor.get(at).text
    assert "<script>" not in page
    with scope(cahors):
        row.delete()


BOUNDARY = "a-boundary-of-the-tests"


def multipart(parts, *, end=True):
    """The bytes of a form, with names as they are; RFC 7578."""
    made = b""
    for name, value in parts.items():
        made += f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
        if isinstance(value, tuple):
            quoted = value[0].replace('"', "%22").encode("utf-8", "surrogateescape")
            made += b'name="' + name.encode() + b'"; filename="' + quoted + b'"\r\n'
            made += b"Content-Type: image/png\r\n\r\n" + value[1] + b"\r\n"
        else:
            made += f'name="{name}"\r\n\r\n{value}\r\n'.encode()
    return made + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        (f"multipart/form-data; boundary={'b' * 300}", b"x"),
        (f"multipart/form-data; boundary={BOUNDARY}", b""),
        (f"multipart/form-data; boundary={BOUNDARY}", multipart({"details": "x"}, end=False)),
        (f"multipart/form-data; boundary={BOUNDARY}", b"--" + BOUNDARY.encode() + b"\r\n\r\n\r\n"),
        (f"multipart/form-data; boundary={BOUNDARY}", multipart({"a" * 9000: "x"})),
        (
            f"multipart/form-data; boundary={BOUNDARY}",
            multipart({f"x{number}": "1" for number in range(600)}),
        ),
        (
            f"multipart/form-data; boundary={BOUNDARY}",
            multipart({f"x{number}": ("a.png", b"1") for number in range(30)}),
        ),
        (
            f"multipart/form-data; boundary={BOUNDARY}",
            multipart({"details": "x"}).replace(
                b"form-data;", b"form-data; charset=no-such-thing;"
            ),
        ),
        ("multipart/form-data; boundary=é", b"x"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"details": "x"}'),
        ("text/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"details=+ADw-script+AD4-"),
        ("application/x-www-form-urlencoded; charset=no-such-thing", b"details=x"),
        ("application/x-www-form-urlencoded", b"details=%ff%fe&subject=%C0%AF"),
        ("application/x-www-form-urlencoded", b"&" * 200_000),
        ("application/x-www-form-urlencoded", b"a=1&" * 600),
        ("application/x-www-form-urlencoded", b"x" * 2_000_000),
        ("\x7f", b"x"),
    ],
)
def test_a_body_that_is_no_form_is_refused_or_read_as_nothing(browse, cahors, scope, kind, body):
    from guichet.models import Draft

    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    answer = visitor.generic("POST", at, body, content_type=kind)
    assert answer.status_code in (400, 422), answer.status_code
    assert "<html" in answer.text
    with scope(cahors):
        assert not Draft.objects.order_by("pk").last().answers.get("details", "").startswith("<")


def test_the_scanner_goes_away_between_two_files_and_nothing_is_lost(
    at_files, scope, cahors, desk, monkeypatch
):
    import dataclasses

    from guichet.models import Draft, File

    visitor, at = at_files
    post_step(visitor, at, {"place.place": "Pont", "photo": SimpleUploadedFile("a.png", PNG)})
    down = dataclasses.replace(desk.CONFIGURATION, clamd="tcp:127.0.0.1:1")
    with monkeypatch.context() as patch:
        patch.setattr(desk, "CONFIGURATION", down)
        sent = {"place.place": "Pont Valentré", "photo": SimpleUploadedFile("b.png", PNG)}
        answer = visitor.post(at, sent)
        assert answer.status_code == 422
        assert "momentanément indisponible" in answer.text
        assert "Pont Valentré" in answer.text
    with scope(cahors):
        draft = Draft.objects.order_by("pk").last()
        assert draft.answers["place"]["place"] == "Pont Valentré"
        assert [one.name for one in File.objects.filter(draft=draft)] == ["a.png"]
    # It is back: the form goes on from where it was.
    at = post_step(visitor, at, {"place.place": "Pont", "photo": SimpleUploadedFile("b.png", PNG)})
    assert visitor.get(at).status_code == 200


def test_a_disk_that_is_full_refuses_the_file_and_keeps_the_form(at_files, scope, cahors):
    """PostgreSQL's files of that one table, on a disk of memory that is filled up."""
    from django.db import connections

    from guichet.models import Draft, File

    visitor, at = at_files
    run = place.podman
    shell = ["exec", place.NAME, "sh", "-ec"]
    run(*shell, "mkdir -p /dev/shm/small && chown postgres: /dev/shm/small")
    place.sql("CREATE TABLESPACE small LOCATION '/dev/shm/small'")
    connections.close_all()
    try:
        place.sql("ALTER TABLE guichet_file SET TABLESPACE small", database="guichet")
        run(*shell, "dd if=/dev/zero of=/dev/shm/full bs=64k 2>/dev/null || true")
        big = PNG + os.urandom(3_000_000)
        sent = {"place.place": "Pont Valentré", "photo": SimpleUploadedFile("a.png", big)}
        answer = visitor.post(at, sent)
        assert answer.status_code == 422
        assert "ne peut pas enregistrer de fichier" in answer.text
        assert "Pont Valentré" in answer.text
        with scope(cahors):
            draft = Draft.objects.order_by("pk").last()
            assert draft.answers["place"]["place"] == "Pont Valentré"
            assert not File.objects.filter(draft=draft).exists()
    finally:
        connections.close_all()
        run(*shell, "rm -f /dev/shm/full")
        place.sql("ALTER TABLE guichet_file SET TABLESPACE pg_default", database="guichet")
        place.sql("DROP TABLESPACE small")
    assert visitor.get(post_step(visitor, at, sent | {"photo": SimpleUploadedFile("a.png", PNG)}))


def test_names_with_lines_make_no_header_of_a_mail(cahors, browse, scope, enter):
    from guichet.models import Mail, Tenant
    from guichet.requests.outbox import _message

    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    at = post_step(visitor, at, PROBLEM)
    at = post_step(visitor, at, {"place.place": "Pont"})
    evil = "Jeanne\r\nBcc: tous@exemple.fr\r\n\r\nCorps"
    wrong = {"name.given": evil, "name.family": evil, "email": "a@exemple.fr\nBcc: b@exemple.fr"}
    assert visitor.post(at, {**wrong, "_shown": ["name", "email"]}).status_code == 422
    review = post_step(visitor, at, {**wrong, "email": "jeanne@exemple.fr"})
    visitor.post(review)
    with scope(cahors):
        tenant = Tenant.objects.get()
        mails = [_message(tenant, one).message() for one in Mail.objects.filter(sent_at=None)]
    for one in mails:
        assert "Bcc" not in one
        assert re.fullmatch(r"[^\n]+(?:\n [^\n]+)*", str(one["Subject"]))  # folded, if at all
        assert one["To"].count("@") == 1
    manager = enter(cahors, "gestion")
    new = {"email": "x@exemple.fr\r\nBcc: y@exemple.fr", "role": "reader", "name": evil}
    assert manager.post("/agents/equipe/", new).status_code == 422


ODD = "👨‍👩‍👧 \u202eمرحبا שלום 漢字 e\u0301 \ufffd \u0007 \U0001f600 " + "W" * 3000


def test_odd_characters_make_neither_pdf_page_nor_export_fail(
    cahors, browse, enter, last_request, scope
):
    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    formula = "=cmd|' /C calc'!A0"
    at = post_step(visitor, at, {**PROBLEM, "details": ODD[:1500]})
    at = post_step(visitor, at, {"place.place": formula})
    who = {"name.given": "＝1+1", "name.family": "\t@SUM(A1)", "email": "jeanne@exemple.fr"}
    visitor.post(post_step(visitor, at, who))
    filed, secret = last_request(cahors)
    manager = enter(cahors, "gestion")
    for at, who in (
        (f"/suivi/{secret}/accuse-de-reception.pdf", visitor),
        (f"/agents/demandes/{filed.number}/demande.pdf", manager),
    ):
        assert who.get(at).content.startswith(b"%PDF-")
    assert visitor.get(f"/suivi/{secret}/").status_code == 200
    query = f"procedure=intervention-services&words={filed.number}"
    text = manager.get(f"/agents/demandes.csv?{query}").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert all(cell[:1] not in "=+-@\t\r\n＝＋－＠" for row in rows for cell in row if cell)
    assert any(formula in cell for cell in rows[1])


class Gunicorn:
    """The desk as it is served, and raw bytes to it."""

    def __init__(self, folder, configuration):
        self.path = folder / "desk.sock"
        argv = [sys.executable, "-m", "gunicorn", "guichet.wsgi", "--workers", "2"]
        argv += ["--bind", f"unix:{self.path}", "--no-control-socket"]
        argv += ["--config", "python:guichet.server"]
        environment = {**os.environ, "GUICHET_CONFIG": str(configuration), "GUICHET_AS": ""}
        self.log = folder / "gunicorn.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
        place.wait(self.path.exists, "gunicorn")

    def raw(self, data):
        """Send bytes as they are; status and body (0 where the server hangs up)."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(30)
            link.connect(str(self.path))
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(link)
            try:
                answer.begin()
            except (http.client.HTTPException, ConnectionError):
                return 0, "", {}
            with answer:
                return answer.status, answer.read().decode("utf-8", "replace"), answer.headers

    def get(self, host, at="/", *heads):
        """A request of a browser, as the proxy passes it on."""
        lines = [f"GET {at} HTTP/1.1", f"Host: {host}", "X-Forwarded-Proto: https"]
        text = "\r\n".join([*lines, "X-Real-IP: 2001:db8::7", *heads, "Connection: close"])
        return self.raw(text.encode("latin-1") + b"\r\n\r\n")


@pytest.fixture(scope="module")
def served(tmp_path_factory, desk):
    folder = tmp_path_factory.mktemp("served")
    found = Gunicorn(folder, place.settings(folder, trusted_proxies=[""]))
    yield found
    found.process.terminate()
    found.process.wait(timeout=30)


@pytest.mark.parametrize(
    "at",
    [
        *("/%ff%fe/", "/suivi/%00/", "/demarches/%C0%AF/", "/\xe9/", "/?q=%ff", "/?%00=%00"),
        *("/..%2f..%2fetc/passwd", "//ailleurs.example/", "/\\ailleurs.example", "/%0d%0aX-A:%20b"),
        *("/?a=" + "b" * 3000, "/" + "a/" * 1000, "/?" + "&".join(f"a{n}=1" for n in range(700))),
    ],
)
def test_odd_bytes_in_an_address_are_answered(served, cahors, at):
    status, body, heads = served.get(cahors.host, at)
    assert status in (200, 301, 400, 404, 414), (at, status)
    assert "Traceback" not in body
    assert "X-A" not in heads
    assert "ailleurs" not in heads.get("Location", "")


@pytest.mark.parametrize(
    "host",
    [
        *("ailleurs.example", "", "[::1]", "a b", "x" * 3000, "{}@ailleurs.example", "{}/x"),
        *("ailleurs.example:{}", "{}.ailleurs.example", "{},ailleurs.example", "{}\tx", "_"),
    ],
)
def test_a_host_that_is_nobodys_gets_nothing(served, cahors, host):
    status, body, _ = served.get(host.replace("{}", cahors.host))
    assert status in (400, 404, 0), status
    assert cahors.body["name"] not in body


def test_no_header_puts_another_host_into_a_page_or_a_mail(served, cahors):
    evil = ["X-Forwarded-Host: ailleurs.example", "Forwarded: host=ailleurs.example"]
    evil += ["X-Original-URL: /agents/", "X-Rewrite-URL: /agents/", "X-Host: ailleurs.example"]
    status, body, heads = served.get(cahors.host, "/agents/", *evil)
    assert status == 200
    assert "ailleurs" not in body + str(heads)
    status, _, _ = served.get(cahors.host, "/", "Host: ailleurs.example")
    assert status in (400, 404)


def test_a_request_within_a_request_is_not_read_as_two(served, cahors):
    """CL.TE and TE.CL (RFC 9112 §6.1): what one server takes for a body, the next does not see."""
    head = f"POST / HTTP/1.1\r\nHost: {cahors.host}\r\nContent-Length: 5\r\n"
    for line in ("Transfer-Encoding: chunked", "Transfer-Encoding: xchunked", "Content-Length: 6"):
        inner = f"0\r\n\r\nGET /agents/ HTTP/1.1\r\nHost: {cahors.host}\r\n\r\n"
        status, body, _ = served.raw(f"{head}{line}\r\n\r\n{inner}".encode())
        assert status in (400, 403, 501, 0), (line, status)
        assert "Espace des agents</h1>" not in body


def test_a_database_that_was_restarted_between_two_requests_is_not_noticed(served, cahors):
    from django.db import connections

    for _ in range(4):
        assert served.get(cahors.host)[0] == 200
    connections.close_all()
    place.podman("exec", place.NAME, "systemctl", "restart", "postgresql@15-main")
    place.wait(lambda: place.sql("SELECT 1", check=False).returncode == 0, "PostgreSQL")
    for _ in range(4):
        assert served.get(cahors.host)[0] == 200


def test_a_database_that_is_away_is_told_without_a_word_about_the_inside(served, cahors):
    from django.db import connections

    connections.close_all()
    unit = "postgresql@15-main"
    place.podman("exec", place.NAME, "systemctl", "stop", unit)
    try:
        status, body, heads = served.get(cahors.host, "/suivi/secret-of-nobody/")
        assert status == 503
        assert "quelques minutes" in body
        assert place.ADDRESS not in body
        assert "Content-Security-Policy" in heads
    finally:
        place.podman("exec", place.NAME, "systemctl", "start", unit)
        place.wait(lambda: place.sql("SELECT 1", check=False).returncode == 0, "PostgreSQL")
    assert served.get(cahors.host)[0] == 200
    assert "secret-of-nobody" not in served.log.read_text()


def test_junk_in_cookies_is_no_session(served, cahors):
    for value in ("x", "x" * 4000, "%00", '"', "\xff\xfe", "; ;=;", "__Host-guichet="):
        at = "/agents/demandes/"
        status, _, heads = served.get(cahors.host, at, f"Cookie: __Host-guichet={value}")
        assert (status, heads["Location"]) == (302, "/agents/")


def test_a_length_that_is_a_lie_ends_in_no_failure(served, cahors):
    kind = "application/x-www-form-urlencoded"
    for length in ("0", "999999", "-1", "abc", "99999999999999999999"):
        head = f"POST /suivi/ HTTP/1.1\r\nHost: {cahors.host}\r\nX-Forwarded-Proto: https\r\n"
        head += f"Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\nnumber=1"
        status, body, _ = served.raw(head.encode())
        assert status in (0, 400, 403), (length, status)
        assert "Traceback" not in body
    assert "Traceback" not in served.log.read_text()


def test_what_is_quoted_from_an_address_is_text(served, cahors):
    at = "/suivi/" + urllib.parse.quote("<script>alert(1)</script>") + "/"
    assert "<script>" not in served.get(cahors.host, at)[1]
