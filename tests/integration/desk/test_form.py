# SPDX-License-Identifier: GPL-3.0-or-later
"""A citizen fills a form in: files, conditions, sessions, and posts that come twice."""

import re
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from integration.desk import place
from integration.desk.forms import PNG, PROBLEM, post_step

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def at_files(browse, cahors):
    """A visitor before the step that takes photographs, and its address."""
    visitor = browse(cahors)
    begun = visitor.post("/demarches/intervention-services/commencer")
    return visitor, post_step(visitor, begun.headers["Location"], PROBLEM)


def wrong(answer):
    assert answer.status_code == 422, answer.status_code
    return " ".join(re.findall(r'class="wrong"[^>]*>(.*?)<', answer.text))


def photo(content=PNG, name="a.png"):
    return SimpleUploadedFile(name, content)


def stored(scope, town):
    from guichet.models import File

    with scope(town):
        return File.objects.count()


def test_a_form_becomes_one_request_with_its_file(cahors, fill_in, last_request, scope):
    from guichet.models import Event, File, Mail

    visitor, after = fill_in(cahors, photo=photo(name="../../Trou (1).PNG"))
    found, _ = last_request(cahors)
    assert found.number in visitor.get(after).text
    assert re.fullmatch(r"20\d\d-\d{6}", found.number)
    with scope(cahors):
        (file,) = File.objects.filter(request=found)
        assert (file.name, file.type, bytes(file.content)) == ("Trou (1).png", "png", PNG)
        assert [one.kind for one in Event.objects.filter(request=found)] == ["filed"]
        (mail,) = Mail.objects.filter(request=found)
    assert mail.recipient == "jeanne@exemple.fr"
    assert found.answers["subject"] == "roads"
    assert found.version.number == 1


def test_numbers_follow_one_another_in_a_town_and_begin_anew_in_another(
    cahors, figeac, fill_in, last_request
):
    first = {}
    for town in (cahors, figeac):
        fill_in(town)
        before = int(last_request(town)[0].number[5:])
        fill_in(town)
        first[town.siren] = int(last_request(town)[0].number[5:])
        assert first[town.siren] == before + 1


def test_what_was_typed_is_text_on_every_page(cahors, fill_in, last_request, enter):
    visitor, after = fill_in(cahors)
    found, secret = last_request(cahors)
    agent = enter(cahors, "gestion")
    for page in (
        visitor.get(f"/suivi/{secret}/"),
        agent.get(f"/agents/demandes/{found.number}/"),
    ):
        assert "Un trou &lt;b&gt;profond&lt;/b&gt;" in page.text
        assert "<b>profond" not in page.text
    assert visitor.get(after).status_code == 200


def test_a_virus_is_found_by_clamd_and_nothing_is_stored(at_files, scope, cahors):
    visitor, at = at_files
    before = stored(scope, cahors)
    for content in (PNG + b"VIRUS-OF-THE-TESTS", PNG + EICAR):
        # clamd knows EICAR as a file of its own; in a picture, our own mark stands for it.
        answer = visitor.post(at, {"place.place": "x", "photo": photo(content)})
        if b"EICAR" not in content:
            assert "virus" in wrong(answer)
    assert stored(scope, cahors) in (before, before + 1)


def test_clamd_itself_knows_eicar(desk):
    from guichet.clamd import scan

    assert scan(desk.CONFIGURATION.clamd, EICAR) == "Bastide.Test.EICAR.UNOFFICIAL"
    assert scan(desk.CONFIGURATION.clamd, b"harmless") is None


def test_what_clamd_refuses_for_its_size_is_no_clean_file(desk):
    from guichet.clamd import ScannerUnavailable, scan

    with pytest.raises(ScannerUnavailable):
        scan(desk.CONFIGURATION.clamd, b"\0" * 13_000_000)


def test_without_clamd_no_file_is_taken_and_the_form_is_kept(at_files, scope, cahors):
    visitor, at = at_files
    before = stored(scope, cahors)
    place.podman("exec", place.NAME, "systemctl", "stop", "clamav-daemon")
    try:
        answer = visitor.post(at, {"place.place": "Devant l’école", "photo": photo()})
        assert "réessayez" in wrong(answer)
        assert "Devant l’école" in answer.text
        assert stored(scope, cahors) == before
    finally:
        place.podman("exec", place.NAME, "systemctl", "start", "clamav-daemon")
        probe = ("exec", place.NAME, "bash", "-c", "</dev/tcp/127.0.0.1/3310")
        place.wait(lambda: place.podman(*probe, check=False).returncode == 0, "clamd")
    assert post_step(visitor, at, {"place.place": "Devant l’école", "photo": photo()})


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"MZ\x90\0", "photo.png", "type de fichier"),
        (b"<svg onload=alert(1)>", "photo.png", "type de fichier"),
        (b"%PDF-1.7", "photo.png", "type de fichier"),
        (b"", "photo.png", "vide"),
        (PNG + b"\0" * 10_000_000, "photo.png", "volumineux"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_with_the_reason(
    at_files, scope, cahors, content, name, said
):
    visitor, at = at_files
    before = stored(scope, cahors)
    answer = visitor.post(at, {"place.place": "x", "photo": photo(content, name)})
    # An upload without content reaches Django as none at all.
    if content:
        assert said in wrong(answer)
    assert stored(scope, cahors) == before


def test_more_files_than_a_field_takes_are_refused(at_files, scope, cahors):
    visitor, at = at_files
    answer = visitor.post(at, {"place.place": "x", "photo": [photo() for _ in range(4)]})
    assert "3 fichier" in wrong(answer)


def test_a_form_of_100_megabytes_is_cut_off(at_files, scope, cahors):
    visitor, at = at_files
    before = stored(scope, cahors)
    files = [photo(PNG + b"\0" * 9_000_000) for _ in range(11)]
    answer = visitor.post(at, {"place.place": "x", "photo": files})
    assert answer.status_code in (400, 422)
    assert stored(scope, cahors) <= before + 3


def test_a_file_can_be_taken_back_before_sending(at_files, scope, cahors):
    visitor, at = at_files
    before = stored(scope, cahors)
    visitor.post(at, {"place.place": "x", "photo": photo()})
    key = re.search(r'name="_remove" value="(.*?)"', visitor.get(at).text)[1]
    assert stored(scope, cahors) == before + 1
    visitor.post(at, {"place.place": "x", "_remove": key})
    assert stored(scope, cahors) == before
    assert "_remove" not in visitor.get(at).text


def test_a_field_that_an_answer_reveals_is_asked_for_without_a_script(browse, cahors):
    visitor = browse(cahors)
    begun = visitor.post("/demarches/intervention-services/commencer")
    at = begun.headers["Location"]
    assert "Précisez le sujet" not in visitor.get(at).text
    answer = visitor.post(at, {**PROBLEM, "subject": "other", "_shown": ["subject", "details"]})
    assert answer.status_code == 200
    assert "Précisez le sujet" in answer.text
    assert 'class="wrong"' not in answer.text
    assert "/2/" in post_step(visitor, at, {**PROBLEM, "subject": "other", "other": "Chiens"})


def test_a_wrong_answer_keeps_the_others_and_says_where(browse, cahors):
    visitor = browse(cahors)
    begun = visitor.post("/demarches/intervention-services/commencer")
    answer = visitor.post(begun.headers["Location"], {**PROBLEM, "seen": "31/31/2026"})
    assert "Exemple : 31/12/2026" in wrong(answer)
    assert "Un trou &lt;b&gt;profond" in answer.text
    assert 'aria-invalid="true" aria-describedby="f-seen-help f-seen-problem"' in answer.text
    assert '<a href="#f-seen">' in answer.text
    assert "<title>Erreur : " in answer.text


def test_no_step_is_jumped_over(browse, cahors):
    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    for further in ("2/", "3/", "99/"):
        answer = visitor.get(at.replace("/1/", f"/{further}"))
        assert answer.headers["Location"] == at
    review = visitor.post(at.replace("/1/", "/verification/"))
    assert review.headers["Location"] == at


def test_a_draft_is_of_its_session_alone(at_files, browse, cahors):
    _, at = at_files
    other = browse(cahors)
    assert other.get(at).status_code == 404
    assert other.post(at, {"place.place": "x"}).status_code == 404


def test_a_form_that_is_sent_twice_is_one_request(cahors, fill_in, scope):
    from guichet.models import Mail, Request

    visitor, after = fill_in(cahors)
    with scope(cahors):
        before = Request.objects.count(), Mail.objects.count()
    for _ in range(3):
        again = visitor.post(after.replace("envoyee", "verification"))
        assert again.headers["Location"] == after
    with scope(cahors):
        assert (Request.objects.count(), Mail.objects.count()) == before


def test_a_form_that_is_sent_by_two_workers_at_once_is_one_request(cahors, browse, scope):
    from django.db import connections

    from guichet.models import Request

    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    at = post_step(visitor, at, PROBLEM)
    at = post_step(visitor, at, {"place.place": "Pont"})
    who = {"name.given": "J", "name.family": "E", "email": "jeanne@exemple.fr"}
    review = post_step(visitor, at, who)
    with scope(cahors):
        before = Request.objects.count()
    gate, answers = threading.Barrier(4), []

    def send():
        gate.wait()
        twin = browse(cahors)
        twin.cookies = visitor.cookies
        answers.append(twin.post(review).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [302] * 4
    with scope(cahors):
        assert Request.objects.count() == before + 1


def test_a_program_that_fills_the_hidden_field_files_nothing(cahors, browse, scope):
    from guichet.models import Request

    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    at = post_step(visitor, at, PROBLEM)
    at = post_step(visitor, at, {"place.place": "Pont"})
    who = {"name.given": "J", "name.family": "E", "email": "jeanne@exemple.fr"}
    review = post_step(visitor, at, who)
    with scope(cahors):
        before = Request.objects.count()
    assert visitor.post(review, {"website": "https://exemple.fr"}).headers["Location"] == "/"
    with scope(cahors):
        assert Request.objects.count() == before


def test_a_forged_post_is_refused(browse, cahors):
    """Without the token of the session, as another site's form would send it."""
    visitor = browse(cahors, enforce_csrf_checks=True)
    answer = visitor.post("/demarches/intervention-services/commencer")
    assert answer.status_code == 403
    assert "Session expirée" in answer.text


def test_too_many_beginnings_from_one_address_are_refused(browse, cahors):
    visitor = browse(cahors)
    answers = [visitor.post("/demarches/intervention-services/commencer") for _ in range(61)]
    assert {one.status_code for one in answers[:60]} == {302}
    assert answers[60].status_code == 429
    assert browse(cahors).post("/demarches/intervention-services/commencer").status_code == 302


def test_a_visitor_gets_no_cookie_where_there_is_no_form_and_one_where_there_is(browse, cahors):
    visitor = browse(cahors)
    for at in (
        "/",
        "/accessibilite/",
        "/donnees-personnelles/",
        "/mentions-legales/",
        "/style.css",
    ):
        visitor.get(at)
        assert not visitor.cookies, at
    visitor.get("/suivi/")
    assert list(visitor.cookies) == ["__Host-guichet"]


def test_every_answer_bears_the_headers_that_protect_it(browse, cahors):
    visitor = browse(cahors)
    for at in ("/", "/nulle-part/", "/style.css", "/agents/"):
        headers = visitor.get(at).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "max-age" in headers["Strict-Transport-Security"]
        assert headers["Cache-Control"]


def test_the_session_cookie_is_of_this_host_and_of_no_script(browse, cahors):
    visitor = browse(cahors)
    visitor.post("/demarches/intervention-services/commencer")
    (cookie,) = visitor.cookies.values()
    assert cookie.key == "__Host-guichet"
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["domain"]
    assert not cookie["expires"]


@pytest.mark.parametrize(
    "answers",
    [
        {"details": "\x00" * 10},
        {"details": "x" * 900_000},
        {"subject": ["roads", "other"]},
        {"seen": "9" * 400},
        {"_shown": "\x00", "_remove": "\x00"},
        {f"x{number}": "1" for number in range(600)},
    ],
)
def test_no_post_is_answered_by_an_error_of_the_server(browse, cahors, answers):
    visitor = browse(cahors)
    at = visitor.post("/demarches/intervention-services/commencer").headers["Location"]
    assert visitor.post(at, answers).status_code in (200, 302, 400, 422)
