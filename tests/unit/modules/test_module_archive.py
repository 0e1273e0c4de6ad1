# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between a command and somebody's mail, without the host around it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_mailarchive as mailarchive
from ansible.module_utils.bastide_files import HostError


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "archives"


@pytest.fixture
def connection(tmp_path, monkeypatch):
    """A directory with one suspended mailbox of two messages, and a doveadm that copies."""
    monkeypatch.setattr(directory, "DATABASE", tmp_path / "directory.db")
    monkeypatch.setattr(mailarchive, "STORAGE", tmp_path / "mail")
    monkeypatch.setattr(mailarchive, "own_as_mail", lambda _path: None)
    home = tmp_path / "mail" / "uu" / "uu1"

    def doveadm(*argv):
        if argv[0] == "backup":
            shutil.copytree(home / "Maildir", argv[-1].removeprefix("maildir:"))
        return ""

    def fingerprint(_address):
        files = sorted(p for p in home.rglob("cur/*") if p.is_file())
        return str([(p.name, p.read_bytes()) for p in files]), len(files)

    monkeypatch.setattr(mailarchive, "_doveadm", doveadm)
    monkeypatch.setattr(mailarchive, "fingerprint", fingerprint)
    (home / "Maildir" / "cur").mkdir(parents=True)
    for name in ("1:2,S", "2:2,"):
        (home / "Maildir" / "cur" / name).write_text(f"message {name}")
    (home / "sieve").mkdir()
    (home / "sieve" / "tri.sieve").write_text("keep;")
    (home / ".dovecot.sieve").symlink_to("sieve/tri.sieve")
    with directory.opened(read_only=False) as db:
        db.execute(
            "INSERT INTO mailbox VALUES ('uu1', 'a@x.fr', 'x.fr', '214600421', 'suspended',"
            " 'keep', 1, NULL, 1, ?, '2020')",
            ((datetime.now(UTC) - timedelta(days=10)).isoformat(),),
        )
        yield db


def box(connection):
    return mailarchive.suspended_box(connection, "a@x.fr")


def test_what_is_archived_purged_and_restored_is_the_same(connection, folder):
    one = box(connection)
    before = mailarchive.fingerprint("a@x.fr")
    noted = mailarchive.archive(connection, one, folder)
    assert noted["messages"] == 2
    assert one.home.exists()
    assert sorted(p.suffix for p in folder.iterdir()) == [".gz", ".sha256"]
    mailarchive.purge(connection, one, 2, 5)
    assert not list(one.home.parent.iterdir())
    mailarchive.restore(connection, one)
    assert mailarchive.fingerprint("a@x.fr") == before
    assert (one.home / ".dovecot.sieve").read_text() == "keep;"
    assert not (one.home / "manifest.json").exists()


@pytest.mark.parametrize(
    ("messages", "days", "words"), [(2, 30, "stays until"), (3, 5, "holds 2 messages, not 3")]
)
def test_a_purge_too_early_or_with_another_count_removes_nothing(
    connection, folder, messages, days, words
):
    one = box(connection)
    mailarchive.archive(connection, one, folder)
    with pytest.raises(HostError, match=words):
        mailarchive.purge(connection, one, messages, days)
    assert mailarchive.fingerprint("a@x.fr")[1] == 2


def cut(file):
    file.write_bytes(file.read_bytes()[:-20])


@pytest.mark.parametrize(
    ("spoil", "words"), [(cut, "SHA-256 differs"), (Path.unlink, "is not there")]
)
def test_a_purge_without_a_sound_archive_removes_nothing(connection, folder, spoil, words):
    one = box(connection)
    spoil(Path(mailarchive.archive(connection, one, folder)["file"]))
    with pytest.raises(HostError, match=words):
        mailarchive.purge(connection, one, 2, 5)
    assert mailarchive.fingerprint("a@x.fr")[1] == 2


def test_an_archive_that_lost_a_message_while_it_was_written_is_none(
    connection, folder, monkeypatch
):
    copy = mailarchive._doveadm  # noqa: SLF001 - the one of the fixture

    def forgetful(*argv):
        copy(*argv)
        if argv[0] == "backup":
            (Path(argv[-1].removeprefix("maildir:")) / "cur" / "2:2,").unlink()
        return ""

    monkeypatch.setattr(mailarchive, "_doveadm", forgetful)
    with pytest.raises(HostError, match="1 messages of 2"):
        mailarchive.archive(connection, box(connection), folder)
    assert list(folder.iterdir()) == []
    with pytest.raises(HostError, match="no archive"):
        mailarchive.verified(connection, box(connection))


def test_nothing_is_put_over_mail_that_is_there(connection, folder):
    one = box(connection)
    mailarchive.archive(connection, one, folder)
    (one.home / "Maildir" / "cur" / "3:2,").write_text("new")
    with pytest.raises(HostError, match="nothing is put over it"):
        mailarchive.restore(connection, one)
    with pytest.raises(HostError, match="no longer what was archived"):
        mailarchive.purge(connection, one, 2, 5)


def test_an_active_mailbox_is_left_alone(connection):
    connection.execute("UPDATE mailbox SET state = 'active'")
    with pytest.raises(HostError, match="is active"):
        box(connection)
