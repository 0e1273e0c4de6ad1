# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the mail directory and Postfix's tables change together or not at all."""

import json
import subprocess

import bastide_mail_move as move_module
import pytest
from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_mailmove as mailmove
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils.bastide_files import HostError
from ansible.module_utils.bastide_mailcommit import prepare_tables, transaction
from mailhost import MailHost, collectivity

SIREN = "214600421"
BOX = {"quota": 1, "state": "active", "delivery": "keep"}
ADDRESSES = "SELECT address FROM mailbox"
BOUNCE = "UPDATE mailbox SET state = 'suspended', delivery = 'bounce'"


@pytest.fixture
def host(tmp_path, monkeypatch):
    made = MailHost(tmp_path, monkeypatch)
    resources = {"maildomain:x.fr": {"selector": "s"}, "mailbox:a@x.fr": BOX}
    made.put(collectivity(SIREN, ["x.fr"], resources))
    made.converge()
    return made


def refuse(argv, *_, **__):
    """A postmap that has no room."""
    return subprocess.CompletedProcess(argv, 1, b"", b"postmap: fatal: No space left on device")


def standing(host):
    return host.files(), host.sql("SELECT * FROM mailbox", "SELECT * FROM meta")


def test_what_is_committed_are_the_rows_and_the_tables_made_of_them(host):
    before = host.files()
    with directory.opened(read_only=False) as connection, transaction(connection):
        connection.execute(BOUNCE)
        prepare_tables(connection)
    assert host.files().items() > before.items(), "prepared beside those that stand"
    assert postmaps.put_in_place() == ""
    assert host.files() == host.whole() != before
    assert not host.converge(check_mode=True)["repaired"], "noted as what lies there"


def test_a_block_that_is_left_early_is_committed(host):
    def change(connection):
        with transaction(connection):
            connection.execute("DELETE FROM mailbox")
            return "done"

    with directory.opened(read_only=False) as connection:
        assert change(connection) == "done"
    assert host.sql(ADDRESSES) == [[]]


def killed_after_the_tables(connection):
    with transaction(connection):
        connection.execute(BOUNCE)
        prepare_tables(connection)
        raise KeyboardInterrupt


def test_what_goes_wrong_after_the_tables_leaves_neither_rows_nor_tables(host):
    before = standing(host)
    with directory.opened(read_only=False) as connection, pytest.raises(KeyboardInterrupt):
        killed_after_the_tables(connection)
    assert standing(host) == before


def given(do):
    box = {
        "uuid": "u" * 32,
        "address": "b@x.fr",
        "domain": "x.fr",
        "siren": SIREN,
        "state": "active",
        "delivery": "keep",
        "quota": 1,
        "declared": 1,
        "suspended_at": None,
        "created_at": "2026-01-01",
        "links": [],
    }
    return {
        "do": do,
        "siren": SIREN,
        "boxes": json.dumps([box]),
        "hashes": {},
        "scripts": "{}",
        "source": "",
        "target": "mail2.info46.com",
    }


@pytest.fixture
def moving(host, monkeypatch):
    """The same host with a mailbox on its way to it, as `fetch` leaves it."""
    done = subprocess.CompletedProcess([], 0, b"", b"")
    monkeypatch.setattr(mailmove, "run", lambda *_, **__: done)
    move_module.act({**given("fetch"), "source": "mail2.info46.com:12345"})
    return host


def test_a_mailbox_that_changes_its_host_is_in_the_tables_of_both(moving):
    move_module.act(given("take"))
    assert moving.sql(f"{ADDRESSES} ORDER BY 1") == [[("a@x.fr",), ("b@x.fr",)]]
    assert moving.files() == moving.whole()
    taken = moving.files()["mailboxes.cdb"]
    move_module.act(given("give"))
    assert moving.sql("SELECT address, host FROM remote") == [[("b@x.fr", "mail2.info46.com")]]
    assert moving.files() == moving.whole()
    assert taken == moving.files()["mailboxes.cdb"], "it takes mail for it still, to pass it on"


@pytest.mark.parametrize("do", ["take", "give"])
def test_a_step_that_postmap_refuses_leaves_the_mailbox_where_it_was(moving, monkeypatch, do):
    if do == "give":
        move_module.act(given("take"))
    before = standing(moving)
    monkeypatch.setattr(postmaps, "run", refuse)
    with pytest.raises(HostError, match="No space left"):
        move_module.act(given(do))
    assert standing(moving) == before
