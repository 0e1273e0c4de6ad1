# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of the role sogo that has the table of users follow the mail directory."""

import importlib.util
import sqlite3
from pathlib import Path

import pytest

ROLES = Path(__file__).parents[3] / "roles"
FILE = ROLES / "sogo" / "files" / "groupware_users.py"
spec = importlib.util.spec_from_file_location("groupware_users", FILE)
users = importlib.util.module_from_spec(spec)
spec.loader.exec_module(users)

CAHORS = "214600421"
HASH = "{BLF-CRYPT}$2b$10$abc"


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host with its directory; `host.table` is what the database holds."""
    monkeypatch.setattr(users, "DIRECTORY", tmp_path / "directory.db")
    monkeypatch.setattr(users, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(users, "LINKS", tmp_path / "shared")
    (tmp_path / "shared").mkdir()
    database = sqlite3.connect(users.DIRECTORY, isolation_level=None)
    database.executescript((ROLES / "dovecot" / "files" / "directory.sql").read_text())

    class Host:
        table = {}  # noqa: RUF012 - one for each test
        forgotten = []  # noqa: RUF012

        def mailbox(self, uuid, address, state="active", active=1, declared=1, password=HASH):
            row = (uuid, address, "x.fr", CAHORS, state, "keep", 1, password, declared, "2026")
            database.execute(
                "INSERT INTO mailbox (uuid, address, domain, siren, state, delivery, quota,"
                " password, declared, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            if active is not None:
                database.execute("INSERT INTO groupware VALUES (?, ?)", (uuid, active))

        def sql(self, statement):
            database.execute(statement)

    found = Host()
    found.table, found.forgotten = {}, []
    monkeypatch.setattr(users, "read_table", lambda: dict(found.table))
    monkeypatch.setattr(
        users, "write_table", lambda rows: found.table.update({row[0]: row for row in rows})
    )
    monkeypatch.setattr(users, "forget", found.forgotten.extend)
    yield found
    database.close()


def test_only_who_may_log_in_gets_the_hash(host):
    host.mailbox("u1", "a@x.fr")
    host.mailbox("u2", "b@x.fr", state="suspended")
    host.mailbox("u3", "c@x.fr", active=0)
    host.mailbox("u4", "d@x.fr", declared=0)
    host.mailbox("u5", "e@x.fr", password=None)
    host.mailbox("u6", "classic@x.fr", active=None)
    assert users.main(check=True) == {"users": 5, "links": 5}
    assert host.table == {}
    assert users.main(check=False) == {"users": 5, "links": 5}
    assert host.table["u1"] == ("u1", "u1", HASH, "a@x.fr", "a@x.fr", CAHORS)
    assert {host.table[one][2] for one in ("u2", "u3", "u4", "u5")} == {users.CLOSED}
    assert "u6" not in host.table
    assert users.main(check=True) == {"users": 0, "links": 0}


def test_a_change_makes_sogo_forget_the_former_and_the_new_address(host):
    host.mailbox("u1", "a@x.fr")
    users.main(check=False)
    host.forgotten.clear()
    host.sql("UPDATE mailbox SET address = 'new@x.fr'")
    assert users.main(check=False) == {"users": 1, "links": 2}
    assert {row[4] for row in host.forgotten} == {"a@x.fr", "new@x.fr"}
    [link] = (users.LINKS / CAHORS).iterdir()
    assert (link.name, str(link.readlink())) == ("new@x.fr", "/srv/mail/u1/u1")


def test_a_user_that_the_directory_does_not_know_is_closed_and_stays(host):
    host.table["gone"] = ("gone", "gone", HASH, "a@x.fr", "a@x.fr", CAHORS)
    host.mailbox("u1", "a@x.fr")
    assert users.main(check=False)["users"] == 2
    assert host.table["gone"][2] == users.CLOSED
    assert host.table["gone"][4] == "gone@former.invalid", "the address has one user"
    assert users.main(check=True)["users"] == 0


def test_nothing_in_a_value_ends_the_statement():
    assert users.literal("x'); DROP--") == "CONVERT(X'7827293b2044524f502d2d' USING utf8mb4)"
