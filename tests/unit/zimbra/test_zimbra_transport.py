# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport: who it believes, and what it makes of odd answers."""

from __future__ import annotations

import pytest
from zimbra_fake import PASSWORD, USER, FakeZimbra
from zimbra_server import make_certificate, serving
from zimbra_town import client_of

from bastide.diagnostics import BastideError, InvalidInput, RunFailed
from bastide.targets.zimbra import Client, Fault, Https, Server
from bastide.targets.zimbra.soap import request

DOMAIN = "CreateDomainRequest"


def codes(raised):
    return [one.code for one in raised.value.diagnostics]


def domain(name):
    return request(DOMAIN, ("name", name))


def test_a_request_goes_over_https_with_the_token_of_a_login(zimbra, served, monkeypatch):
    monkeypatch.setenv("ZIMBRA_TEST", PASSWORD)
    client = Client.of(served)
    assert client.call(domain("cahors.fr"))[0].get("name") == "cahors.fr"
    with pytest.raises(Fault, match=r"account\.DOMAIN_EXISTS"):
        client.call(domain("cahors.fr"))
    assert zimbra.directory.named("domain", "cahors.fr")


def test_a_wrong_password_is_told_without_repeating_it(served, monkeypatch):
    monkeypatch.setenv("ZIMBRA_TEST", "wrong-secret")
    with pytest.raises(RunFailed) as raised:
        Client.of(served).call(domain("cahors.fr"))
    assert codes(raised) == ["A561"]
    assert "account.AUTH_FAILED" in str(raised.value)
    assert "wrong-secret" not in str(raised.value)


def test_a_certificate_that_nobody_vouches_for_gets_no_password(zimbra, served, monkeypatch):
    monkeypatch.setenv("ZIMBRA_TEST", PASSWORD)
    with pytest.raises(RunFailed) as raised:
        Client.of(Server(served.url, USER, password_env="ZIMBRA_TEST")).call(domain("a.fr"))
    assert codes(raised) == ["A560"]
    assert "CERTIFICATE_VERIFY_FAILED" in str(raised.value)
    assert not zimbra.seen


def test_a_certificate_of_another_name_is_refused(zimbra, tmp_path):
    other = make_certificate(tmp_path, "127.0.0.2")
    with serving(zimbra.answer, other) as url, pytest.raises(RunFailed, match="mismatch"):
        Https(Server(url, USER, ca_file=str(other), timeout=5)).post(b"")


@pytest.mark.parametrize("url", ["http://127.0.0.1:7071/", "ftp://x/", "zimbra.test", ""])
def test_nothing_but_https_is_spoken(url):
    with pytest.raises(RunFailed) as raised:
        Https(Server(url, USER))
    assert codes(raised) == ["A560"]


def test_a_ca_file_that_is_none_is_told(tmp_path):
    empty = tmp_path / "ca.pem"
    for file in (empty, tmp_path / "absent.pem"):
        with pytest.raises(RunFailed) as raised:
            Https(Server("https://127.0.0.1:1/", USER, ca_file=str(file)))
        assert codes(raised) == ["A560"]
        empty.write_text("no certificate")


def test_a_server_that_is_down_is_told(certificate):
    with serving(lambda _: (200, b""), certificate) as url:
        pass
    with pytest.raises(RunFailed) as raised:
        Https(Server(url, USER, ca_file=str(certificate), timeout=5)).post(b"")
    assert codes(raised) == ["A560"]


def test_a_redirection_is_not_followed(zimbra, served, certificate):
    away = ("Location", served.url)
    with serving(lambda _: (307, b"", away), certificate) as url:
        transport = Https(Server(url, USER, ca_file=str(certificate), timeout=5))
        with pytest.raises(RunFailed) as raised:
            Client(transport, USER, lambda: PASSWORD).call(domain("a.fr"))
    assert codes(raised) == ["A563"]
    assert "307" in str(raised.value)


BOMB = (
    b'<!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>&b;</e:Body></e:Envelope>'
)
OTHER = (
    b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
    b'<OtherResponse xmlns="urn:zimbraAdmin"/></e:Body></e:Envelope>'
)
FILE = b'<!DOCTYPE e [<!ENTITY a SYSTEM "file:///etc/hostname">]><e>&a;</e>'


class Says:
    url = "https://zimbra.test/"

    def __init__(self, answer):
        self.answer = answer

    def post(self, _body):
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html><body>It works!</body></html>",
        b"<a><b></a>",
        b'{"Body": {}}',
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        BOMB,
        FILE,
        b"<a/>" * 2,
        b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>',
        OTHER,
    ],
)
def test_an_odd_answer_is_a_diagnostic(answer):
    with pytest.raises(RunFailed) as raised:
        Client(Says(answer), USER, lambda: PASSWORD).call(domain("a.fr"))
    assert codes(raised) == ["A563"]


def test_a_document_type_is_refused_before_its_entities():
    for answer in (BOMB, FILE):
        with pytest.raises(RunFailed, match="document type is not allowed"):
            Client(Says(answer), USER, lambda: PASSWORD).call(domain("a.fr"))


def test_a_token_that_expired_is_renewed_and_nothing_is_done_twice(zimbra, client):
    client.call(domain("a.fr"))
    zimbra.expire()
    client.call(domain("b.fr"))
    assert zimbra.seen == ["CreateDomain", "CreateDomain"]


def test_a_token_that_expires_within_a_batch_is_renewed_for_the_rest():
    zimbra = FakeZimbra(token_life=3)
    answers = client_of(zimbra).batch([domain(f"d{number}.fr") for number in range(5)])
    assert [one[0].get("name") for one in answers] == [f"d{number}.fr" for number in range(5)]
    assert len(zimbra.seen) == 5


def test_a_server_that_never_takes_a_token_is_given_up():
    zimbra = FakeZimbra(token_life=0)
    with pytest.raises(Fault, match="AUTH_EXPIRED"):
        client_of(zimbra).call(domain("a.fr"))


def test_a_batch_that_answers_to_other_requests_is_refused(zimbra, client, monkeypatch):
    whole = zimbra.post
    client.call(domain("z.fr"))
    monkeypatch.setattr(
        zimbra, "post", lambda body: whole(body).replace(b'requestId="1"', b'requestId="7"')
    )
    with pytest.raises(RunFailed, match="other requests"):
        client.batch([domain("a.fr"), domain("b.fr")])


def test_the_password_comes_from_a_variable_or_a_file(tmp_path, monkeypatch):
    file = tmp_path / "password"
    file.write_text("from the file\nsecond line\n")
    assert Server("https://z/", USER, password_file=str(file)).password() == "from the file"
    monkeypatch.setenv("ZIMBRA_TEST", "from the variable")
    assert Server("https://z/", USER, password_env="ZIMBRA_TEST").password() == "from the variable"


def test_a_password_that_is_nowhere_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv("ZIMBRA_TEST", raising=False)
    (tmp_path / "empty").write_text("")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for settings in (
        Server("https://z/", USER),
        Server("https://z/", USER, password_env="ZIMBRA_TEST"),
        *(Server("https://z/", USER, password_file=str(tmp_path / n)) for n in ("empty", "binary")),
        Server("https://z/", USER, password_file=str(tmp_path / "absent")),
        Server("https://z/", USER, password_file=str(tmp_path)),
    ):
        with pytest.raises(InvalidInput) as raised:
            settings.password()
        assert codes(raised) == ["A562"]
        assert isinstance(raised.value, BastideError)
