# SPDX-License-Identifier: GPL-3.0-or-later
"""The link on which a user chooses a password: by a real HTTP client, then by IMAP."""

import http.client
import imaplib
import re
import urllib.parse

import pytest

from integration.town import charter

GOOD = "une phrase que je suis seule à connaître"
HOST = "mail.info46.com"
TESTS = 5


@pytest.fixture
def browse(address, trust):
    """browse(link, fields) GETs the page, or POSTs the form; (status, headers, text)."""

    def ask(link, fields=None, language="fr"):
        parts = urllib.parse.urlsplit(link)
        client = http.client.HTTPSConnection(address("mail"), 443, timeout=20, context=trust)
        headers = {"Host": HOST, "Accept-Language": language}
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if fields is None:
            client.request("GET", target, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            client.request("POST", target, urllib.parse.urlencode(fields), headers)
        answer = client.getresponse()
        text = answer.read().decode()
        client.close()
        return answer.status, answer.headers, text

    return ask


@pytest.fixture
def login(address, trust):
    """login(user, password): whether IMAP takes it."""

    def attempt(user, password):
        with imaplib.IMAP4_SSL(address("mail"), 993, ssl_context=trust) as imap:
            try:
                imap.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            except imaplib.IMAP4.error:
                return False
        return True

    return attempt


@pytest.fixture(scope="module")
def mailboxes(standing_town):
    """Mailboxes that were just applied and have no password, one for each test."""
    town = standing_town
    addresses = [f"agent{number}@{town.albas}" for number in range(TESTS)]
    lines = "".join(f"    {address}: {{kind: classic}}\n" for address in addresses)
    town.write("46/albas", charter("214600017", town.albas, mail=lines))
    town.commit()
    town.apply()
    return iter(addresses)


@pytest.fixture
def town(standing_town):
    """The town of the module."""
    return standing_town


@pytest.fixture
def agent(mailboxes):
    """A mailbox that no test had before."""
    return next(mailboxes)


def chosen(password, again=None):
    return {"username": "", "password": password, "again": password if again is None else again}


def test_a_link_gives_a_first_password_once(town, agent, browse, login):
    done = town.run("mail", "invite", agent)
    link = done.stdout.strip()
    assert re.fullmatch(rf"https://{HOST}/acces/[A-Za-z0-9_-]{{43}}", link)
    status, headers, page = browse(link)
    assert status == 200
    assert 'lang="fr"' in page
    assert agent in page
    assert "<script" not in page
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Choose your password" in browse(link, language="en-GB,en;q=0.9")[2]
    for fields, words in (
        (chosen("court"), "trop court"),
        (chosen(GOOD, GOOD + "x"), "pas les mêmes"),
        (chosen("é" * 37), "trop long"),
        ({}, "trop court"),
    ):
        status, _, page = browse(link, fields)
        assert (status, words in page, 'role="alert"' in page) == (422, True, True)
    assert not login(agent, GOOD)
    status, headers, _ = browse(link, chosen(GOOD))
    assert status == 303
    assert "Mot de passe enregistré" in browse(f"https://{HOST}{headers['Location']}")[2]
    assert login(agent, GOOD)
    for fields in (None, chosen("une tout autre phrase secrète")):
        status, _, page = browse(link, fields)
        assert status == 410
        assert "déjà servi" in page
    assert login(agent, GOOD), "a used link changes nothing"


def test_neither_the_secret_of_a_link_nor_a_password_is_written_anywhere(
    town, agent, browse, eventually
):
    link = town.run("mail", "invite", agent).stdout.strip()
    secret, password = link.rpartition("/")[2], f"secret {town.token} bien gardé"
    browse(link)
    browse(link, chosen("court" + town.token))
    browse(link, chosen(password))
    for _ in range(30):
        status = browse(link)[0]  # until the rate limit, which is an error of nginx
    assert status == 429
    town.podman("mail", "systemctl", "restart", "nginx")  # which forgets who asked how often
    eventually(lambda: answers(browse, link), "the web server")
    browse(f"https://{HOST}/nulle-part")
    town.podman("mail", "sh", "-c", "journalctl -o export > /root/journal")
    places = "/var/log /var/lib/bastide /root/journal /tmp /etc"
    for word in (secret, password, urllib.parse.quote_plus(password), "court" + town.token):
        found = town.podman("mail", "sh", "-c", f"grep -rlaF -- '{word}' {places}", code=None)
        assert found == ""
        for file in town.root.rglob("*"):
            if file.is_file() and not file.is_symlink():
                assert word.encode() not in file.read_bytes(), file
    assert "nulle-part" in town.podman("mail", "cat", "/var/log/nginx/access.log")


def answers(browse, link):
    try:
        return browse(link)[0] == 410
    except OSError:
        return False


def ended(session):
    try:
        session.noop()
    except (imaplib.IMAP4.abort, OSError):
        return True
    return False


def test_a_reset_ends_the_session_and_the_earlier_links(
    town, agent, browse, login, address, trust, eventually
):
    first = town.run("mail", "invite", agent).stdout.strip()
    link = town.run("mail", "invite", agent).stdout.strip()
    status, _, page = browse(first)
    assert (status, "plus récent" in page) == (410, True)
    assert browse(link, chosen(GOOD))[0] == 303
    assert "A542" in town.run("mail", "invite", agent, code=1).stderr
    again = town.run("mail", "reset", agent).stdout.strip()
    assert login(agent, GOOD), "the old password goes on until another is chosen"
    other = "une autre phrase, plus longue"
    session = imaplib.IMAP4_SSL(address("mail"), 993, ssl_context=trust)
    session.authenticate("PLAIN", lambda _: f"\0{agent}\0{GOOD}".encode())
    assert browse(again, chosen(other))[0] == 303
    eventually(lambda: ended(session), "the end of the session")
    session.shutdown()
    assert not login(agent, GOOD)
    assert login(agent, other)


def test_a_link_that_ran_out_or_was_never_made_says_so(town, agent, browse):
    link = town.run("mail", "invite", agent, "--hours", "1").stdout.strip()
    key = town.row(agent)["uuid"]
    sql = f"UPDATE invitation SET expires_at = '2026-01-01T00:00:00+00:00' WHERE uuid = '{key}'"
    town.podman("mail", "sqlite3", "/var/lib/bastide/mail/directory.db", sql)
    for fields in (None, chosen(GOOD)):
        status, _, page = browse(link, fields)
        assert (status, "durée de validité" in page) == (410, True)
    assert browse(f"https://{HOST}/acces/{'x' * 43}")[0] == 404
    assert browse(f"https://{HOST}/acces/")[0] == 404
    assert town.row(agent)["password"] is None


def test_a_suspended_mailbox_gets_no_link_and_uses_none(town, agent, browse):
    link = town.run("mail", "invite", agent).stdout.strip()
    path = town.root / "collectivities" / "46" / "albas.yml"
    text = path.read_text("utf-8")
    mine = f"{agent}: {{kind: classic"
    town.write("46/albas", text.replace(mine, f"{mine}, state: suspended"))
    town.commit()
    town.apply()
    status, _, page = browse(link, chosen(GOOD))
    assert (status, "fermée" in page) == (403, True)
    assert "A543" in town.run("mail", "invite", agent, code=1).stderr
    assert "R" not in town.run("mail", "invite", f"nul@{town.albas}", code=1).stdout
