# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of the webmail say of servers that are not as they should be."""

from __future__ import annotations

import http.client

import pytest

from bastide.verify import webmail
from bastide.verify.webmail import (
    WebmailHost,
    check_login_page,
    check_webmail_login,
    check_webmail_suspended,
)

HOST = WebmailHost("webmail.example.fr", "192.0.2.20")
FORM = '<html lang="fr"><input name="_token" value="abc">'
LIST = '<table id="messagelist"></table><script>rcmail.set_env({"request_token":"abc"});</script>'


class Answer:
    def __init__(self, status, text):
        self.status, self.text = status, text
        self.headers = http.client.HTTPMessage()
        self.headers["Set-Cookie"] = "s=1; Secure; HttpOnly"

    def read(self, _most):
        return self.text.encode()


def serve(monkeypatch, **pages):
    """A webmail that answers `form`, `login`, `mail` with (status, text); what it was asked."""
    asked = []

    class Server:
        def __init__(self, *_):
            pass

        def request(self, method, path, body, headers):
            asked.append((method, path, body, headers))

        def getresponse(self):
            method, path, *_ = asked[-1]
            name = "login" if method == "POST" else "mail" if "_task=mail" in path else "form"
            said = pages.get(name, (200, FORM))
            if isinstance(said, Exception):
                raise said
            return Answer(*said)

        def close(self):
            pass

    monkeypatch.setattr(webmail, "Https", Server)
    return asked


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ((200, FORM), "200, in French, a form to log in"),
        ((200, FORM.replace('"fr"', '"en"')), "200, in en, a form to log in"),
        ((200, '<html lang="fr">'), "200, in French, no form to log in"),
        ((502, ""), "502, in no language, no form to log in"),
        (ConnectionRefusedError("no"), "ConnectionRefusedError no"),
    ],
)
def test_the_login_page_is_told_as_it_is(monkeypatch, form, found):
    serve(monkeypatch, form=form)
    [check] = check_login_page(HOST)
    assert (check.passed, check.found) == (found == "200, in French, a form to log in", found)


@pytest.mark.parametrize(
    ("login", "mail", "found"),
    [
        ((302, ""), (200, LIST), "logged in, messages shown"),
        ((302, ""), (500, ""), "logged in, 500 without the list of messages"),
        ((401, FORM), (200, LIST), "login refused"),
        ((500, ""), (200, LIST), "HTTPException 500 to the login form"),
    ],
)
def test_a_login_is_told_as_it_went(monkeypatch, login, mail, found):
    asked = serve(monkeypatch, login=login, mail=mail)
    [check] = check_webmail_login(HOST, "sonde@example.fr", "x y")
    assert (check.passed, check.found) == (found == "logged in, messages shown", found)
    [sent] = [one for one in asked if one[0] == "POST"]
    assert "_user=sonde%40example.fr&_pass=x+y" in sent[2]
    assert sent[3]["Cookie"] == "s=1"
    assert any("_task=logout&_token=abc" in path for _, path, *_ in asked) is check.passed


@pytest.mark.parametrize(
    ("login", "passed"), [((401, FORM), True), ((302, ""), False), ((503, ""), False)]
)
def test_only_a_refusal_is_one(monkeypatch, login, passed):
    """A webmail that is down refuses nobody."""
    serve(monkeypatch, login=login)
    [check] = check_webmail_suspended(HOST, "s@example.fr", "x")
    assert check.passed is passed
