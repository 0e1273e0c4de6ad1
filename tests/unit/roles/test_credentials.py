# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the role mail_credentials, without the host around them."""

import hashlib
import html.parser
import importlib.util
import sqlite3
import sys
from pathlib import Path

import pytest

FILES = Path(__file__).parents[3] / "roles" / "mail_credentials" / "files"
SQL = Path(__file__).parents[3] / "roles" / "dovecot" / "files" / "directory.sql"
TOKEN = "t" * 43
HASH = "{BLF-CRYPT}$2b$10$" + "a" * 53


def load(name):
    spec = importlib.util.spec_from_file_location(name, FILES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


texts = load("credentials_text")
page = load("credentials_page")
helper = load("credentials_helper")


@pytest.fixture
def directory():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SQL.read_text(encoding="utf-8"))
    connection.execute(
        "INSERT INTO mailbox (uuid, address, domain, siren, state, delivery, quota, created_at)"
        " VALUES ('u', 'a@x.fr', 'x.fr', '214600421', 'active', 'keep', 1, '2026')"
    )
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    connection.execute(
        "INSERT INTO invitation (token, uuid, created_at, expires_at) VALUES (?, 'u', '', '9')",
        (digest,),
    )
    yield connection
    connection.close()


def password(directory):
    return directory.execute("SELECT password FROM mailbox").fetchone()[0]


def test_looking_uses_nothing_up_and_setting_works_once(directory):
    for _ in range(2):
        assert helper.answer(directory, {"token": TOKEN}) == {"state": "valid", "address": "a@x.fr"}
    assert helper.answer(directory, {"token": TOKEN, "hash": HASH})["state"] == "done"
    assert password(directory) == HASH
    assert helper.answer(directory, {"token": TOKEN, "hash": HASH})["state"] == "used"
    noted = directory.execute("SELECT value FROM meta WHERE key = 'logins'").fetchone()
    assert "a@x.fr" in noted[0], "an apply takes up what Dovecot was not told"


@pytest.mark.parametrize(
    ("sql", "state"),
    [
        ("UPDATE invitation SET expires_at = '2001'", "expired"),
        ("UPDATE invitation SET ended = 'replaced'", "replaced"),
        ("UPDATE mailbox SET state = 'suspended'", "closed"),
        ("UPDATE mailbox SET declared = 0", "closed"),
        ("DELETE FROM mailbox", "closed"),
        ("DELETE FROM invitation", "unknown"),
    ],
)
def test_a_link_that_may_not_be_used_sets_nothing(directory, sql, state):
    directory.execute(sql)
    assert helper.answer(directory, {"token": TOKEN, "hash": HASH}) == {"state": state}
    assert directory.execute("SELECT count(*) FROM mailbox WHERE password NOTNULL").fetchone() == (
        0,
    )


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"token": 1},
        {"token": TOKEN, "hash": "{PLAIN}geheim"},
        {"token": TOKEN, "hash": HASH + "\n"},
        {"token": TOKEN, "hash": ["x"]},
        {"token": TOKEN + "'"},
    ],
)
def test_the_helper_takes_no_other_form(directory, question):
    assert helper.answer(directory, question) == {"state": "unknown"}
    assert password(directory) is None


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        ("onze lettre", "onze lettre", "short"),
        ("é" * 36 + "a", "é" * 36 + "a", "long"),
        ("aaaaaaaaaaaab", "aaaaaaaaaaaab", "guessable"),
        ("Mairie@x-y.fr", "Mairie@x-y.fr", "guessable"),
        ("douze lettre\0", "douze lettre\0", "odd"),
        ("douze lettres", "douze lettreS", "different"),
        ("douze lettres", "douze lettres", None),
    ],
)
def test_what_a_password_must_be(first, second, wrong):
    assert page.objection(first, second, "mairie@x-y.fr") == wrong


@pytest.mark.parametrize(
    ("accept", "chosen", "language"),
    [
        ("", "", "fr"),
        ("en-US,en;q=0.9,fr;q=0.5", "", "en"),
        ("de, fr;q=0.8, en;q=0.7", "", "fr"),
        ("en;q=nonsense", "", "fr"),
        ("fr", "en", "en"),
        ("en", "xx", "en"),
    ],
)
def test_language_is_the_one_asked_for(accept, chosen, language):
    assert page.language_of(accept, chosen) == language


class Labels(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.labels, self.refers, self.inputs = set(), set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids.add(given.get("id"))
        self.refers.update((given.get("aria-describedby") or "").split())
        if tag == "label":
            self.labels.add(given["for"])
        if tag == "input":
            self.inputs.add(given["id"])


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("wrong", [None, "short", "long", "odd", "guessable", "different"])
def test_every_field_has_its_label_and_every_reference_its_goal(language, wrong):
    text = texts.form(language, "a<b@x.fr", wrong)
    found = Labels(text)
    assert found.labels == found.inputs
    assert found.refers <= found.ids
    assert "a&lt;b@x.fr" in text
    assert ("<title>" + texts.WORDS[language]["error"] in text) == bool(wrong)


def test_both_languages_say_the_same_things():
    assert texts.WORDS["fr"].keys() == texts.WORDS["en"].keys()
