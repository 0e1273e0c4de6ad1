# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup of a mail host is whole or not there, and what comes back is what was there."""

import contextlib
import gzip
import io
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import zlib
from pathlib import Path

import bastide_mail_backup as module
import mailhost
import pytest
from ansible.module_utils import bastide_backupfile as backupfile
from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_groupware as groupware
from ansible.module_utils import bastide_mailarchive as mailarchive
from ansible.module_utils import bastide_mailbackup as mailbackup
from ansible.module_utils import bastide_mailparts as mailparts
from ansible.module_utils import bastide_mailrestore as mailrestore
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils.bastide_files import HostError

UUID = "0a6b2c3d-0000-4000-8000-000000000001"
AWAY = "0b6b2c3d-0000-4000-8000-000000000002"
HASH = "{BLF-CRYPT}$2y$10$x"
ALL = {"directory", "dkim", "sieve", "subscriptions", "rights", "shares", "webmail", "redis", "srs"}


class Host:
    """A mail host whose files lie under `folder`, and whose programs are imitated."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.backups = folder, folder / "backups"
        self.state = folder / "state"
        self.stopped, self.calls = set(), []
        for where, name, path in (
            (directory, "DATABASE", "state/directory.db"),
            (dkim, "KEYS", "state/dkim"),
            (mailarchive, "STORAGE", "mail"),
            (mailparts, "SHARES", "state/shares"),
            (mailparts, "WEBMAIL", "webmail/roundcube"),
            (mailparts, "WEBMAIL_KEY", "webmail/des.key"),
            (mailparts, "REDIS", "redis-server"),
            (mailparts, "REDIS_DUMP", "redis/dump.rdb"),
            (mailparts, "SRS", "srs/postsrsd.secret"),
            (groupware, "PROGRAM", "groupware_users.py"),
            (mailrestore, "STATE", "state"),
            (mailrestore, "UNIT_FILES", "units"),
            (postmaps, "MAPS", "state/maps"),
            (module, "LOCK", "state/lock"),
        ):
            monkeypatch.setattr(where, name, folder / path)
        monkeypatch.setattr(mailarchive, "own_as_mail", lambda _path: None)
        monkeypatch.setattr(postmaps, "run", mailhost.run)
        monkeypatch.setattr(mailparts, "run", self.run)
        monkeypatch.setattr(mailrestore, "run", self.run)
        self.roles()

    def roles(self):
        """What the roles make: folders, an empty directory, an empty webmail."""
        for name in ("state/dkim", "state/shares", "mail", "webmail", "redis", "srs", "units"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "units" / "php8.2-fpm.service").touch()
        (self.folder / "redis-server").touch()
        (self.folder / "webmail" / "des.key").write_text("new")
        (self.folder / "srs" / "postsrsd.secret").write_text("new")
        with directory.opened(read_only=False):
            pass
        with contextlib.closing(sqlite3.connect(mailparts.WEBMAIL)) as webmail:
            webmail.execute("CREATE TABLE contacts (name TEXT)")

    def fill(self):
        """What people made, and what was made for them."""
        for name in ("x.fr.b2026.key", "x.fr.b2026.pub"):
            (dkim.KEYS / name).write_text(f"key {name}")
        (dkim.KEYS / "x.fr.b2026.key").chmod(0o640)
        home = self.home(UUID)
        (home / "sieve" / "tmp").mkdir(parents=True)
        (home / "sieve" / "tri.sieve").write_text("keep;")
        (home / "sieve" / "tri.svbin").write_text("compiled")
        (home / ".dovecot.sieve").symlink_to("sieve/tri.sieve")
        (home / "Maildir" / ".Conseil" / "cur").mkdir(parents=True)
        (home / "Maildir" / ".Conseil" / "dovecot-acl").write_text("user=maire@x.fr lr\n")
        (home / "Maildir" / "subscriptions").write_text("V\t2\n\nConseil\n")
        (mailparts.SHARES / "214600421").write_text("shared/shared-boxes/user/a/b\n1\n")
        (self.folder / "webmail" / "des.key").write_text("old key")
        (self.folder / "srs" / "postsrsd.secret").write_text("old secret")
        mailparts.REDIS_DUMP.write_bytes(b"REDIS old")
        with directory.opened(read_only=False) as db:
            db.execute("INSERT INTO domain VALUES ('x.fr', '214600421', 'b2026', '2020')")
            for uuid in (UUID, AWAY):
                db.execute(
                    "INSERT INTO mailbox VALUES (?, ?, 'x.fr', '214600421', 'active', 'keep', 9,"
                    " ?, 1, NULL, '2020')",
                    (uuid, f"{uuid[:2]}@x.fr", HASH),
                )
            link = ("f" * 64, UUID, "2026", "2027", None, None)
            db.execute("INSERT INTO invitation VALUES (?, ?, ?, ?, ?, ?)", link)
        with contextlib.closing(sqlite3.connect(mailparts.WEBMAIL)) as webmail:
            webmail.execute("INSERT INTO contacts VALUES ('Mairie de Cahors')")
            webmail.commit()

    def lose(self):
        """The host is gone; the roles made another.  Mail comes back by other means."""
        for name in ("state", "mail", "webmail", "redis", "srs", "units"):
            shutil.rmtree(self.folder / name)
        self.roles()

    def home(self, uuid):
        return mailarchive.STORAGE / uuid[:2] / uuid

    def run(self, argv, **_):
        self.calls.append(list(argv))
        done = subprocess.CompletedProcess(argv, 0, b"", b"")
        if argv[0] == "redis-cli":
            with open(argv[-1], "wb") as file:  # noqa: PTH123 - the name as the program gets it
                file.write(mailparts.REDIS_DUMP.read_bytes())
        elif argv[0] == "systemctl" and argv[1] != "is-enabled":
            {"stop": self.stopped.add, "start": self.stopped.discard}[argv[1]](argv[2])
        elif argv[0] == "dpkg-query":
            done.stdout = b"ii \tsogo\t5.8.0-1\nun \tpostsrsd\t\n"
        return done

    def back_up(self, kept=7):
        given = {"folder": str(self.backups), "host": "mail", "kept": kept, "lock_timeout": 1}
        return module.back_up(given)

    def restore(self, file, *parts, host="mail", force=False):
        given = {"archive": file, "host": host, "parts": list(parts), "force": force}
        return module.put_back({**given, "lock_timeout": 1})

    def seen(self):
        """Everything that a backup carries."""
        with directory.opened(read_only=True) as db:
            rows = [db.execute(f"SELECT * FROM {t}").fetchall() for t in ("mailbox", "invitation")]
        with contextlib.closing(sqlite3.connect(mailparts.WEBMAIL)) as webmail:
            rows.append(webmail.execute("SELECT * FROM contacts").fetchall())
        files = {}
        for top in (dkim.KEYS, mailarchive.STORAGE, mailparts.SHARES, self.folder / "srs"):
            for path in (*top.rglob("*"), mailparts.WEBMAIL_KEY, mailparts.REDIS_DUMP):
                if path.is_symlink():
                    files[path] = f"-> {path.readlink()}"
                elif path.is_file() and path.suffix != ".svbin":
                    files[path] = (path.read_bytes(), path.stat().st_mode)
        return rows, files

    def archives(self):
        return [str(path) for path in mailbackup.archives(self.backups, "mail")]


@pytest.fixture
def host(tmp_path, monkeypatch):
    one = Host(tmp_path, monkeypatch)
    one.fill()
    return one


def test_what_was_lost_comes_back_the_same(host):
    before = host.seen()
    made = host.back_up()
    assert set(made["parts"]) == ALL
    assert made["missing"] == {"groupware": "no SOGo on this host"}
    assert (made["mailboxes"], made["domains"]) == (2, 1)
    assert made["versions"] == {"sogo": "5.8.0-1"}
    host.lose()
    (host.home(UUID) / "Maildir" / ".Conseil" / "cur").mkdir(parents=True)
    said = host.restore(made["file"])
    assert host.seen() == before
    assert (said["waiting"], said["former"]) == ({}, "")
    assert said["restored"] == {part: made["parts"][part]["count"] for part in ALL}
    assert host.stopped == set()
    stopped = [call[2] for call in host.calls if call[:2] == ["systemctl", "stop"]]
    assert {"postfix", "dovecot", "redis-server", "php8.2-fpm.service"} <= set(stopped)
    assert sorted(p.name for p in host.state.iterdir() if p.name.startswith(".")) == []


def test_after_it_postfix_knows_the_mailboxes_and_an_apply_finds_nothing_to_mend(host):
    file = host.back_up()["file"]
    host.lose()
    host.restore(file)
    with directory.opened(read_only=True) as db:
        noted = directory.read_meta(db, "maps")["files"]
    assert noted == postmaps.files_digest()
    assert b"0a@x.fr" in (postmaps.MAPS / "mailboxes.cdb").read_bytes()


def test_an_archive_is_roots_alone_and_says_nothing_outside_of_itself(host):
    made = host.back_up()
    assert sorted(p.name for p in host.backups.iterdir()) == sorted(
        [".lock", made["file"].rpartition("/")[2], made["file"].rpartition("/")[2] + ".sha256"]
    )
    for path in (host.backups, *host.archives()):
        assert Path(path).stat().st_mode & 0o077 == 0
    assert HASH not in str(made)
    assert "old secret" not in str(made)


def test_only_so_many_are_kept_and_others_hosts_are_left(host):
    host.backups.mkdir(mode=0o700)
    others = host.backups / "mail-two-20200101T000000Z.tar.gz"
    others.write_text("another host's")
    files = [host.back_up(kept=2)["file"] for _ in range(3)]
    assert files == sorted(files)
    assert host.archives() == files[1:]
    assert others.exists()
    assert len(list(host.backups.glob("*.sha256"))) == 2


def test_a_bad_new_one_costs_no_old_one(host, monkeypatch):
    first = host.back_up(kept=1)["file"]
    read = mailbackup.unpack

    def spoiled(path, staging):
        with path.open("r+b") as file:
            file.seek(60)
            file.write(b"\0\0\0\0")
        return read(path, staging)

    monkeypatch.setattr(mailbackup, "unpack", spoiled)
    with pytest.raises(HostError):
        host.back_up(kept=1)
    assert host.archives() == [first]
    assert sorted(p.suffix for p in host.backups.iterdir()) == ["", ".gz", ".sha256"]


def in_a_child(work):
    """Run `work` in a process of its own, which may die of it; its wait status."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            work()
        os._exit(0)
    return os.waitpid(child, 0)[1]


STEPS = [
    (backupfile.os, "fsync"),
    (mailbackup, "unpack"),
    (mailbackup, "write_atomic"),
    (mailbackup, "sync_directory"),
    (mailbackup, "_prune"),
    (mailparts, "online_copy"),
    (mailparts, "versions"),
]


@pytest.mark.parametrize(("where", "name"), STEPS, ids=[name for _, name in STEPS])
def test_killed_at_any_step_nothing_half_written_bears_a_name(host, monkeypatch, where, name):
    first = host.back_up()["file"]

    def die(*_args):
        os.kill(os.getpid(), signal.SIGKILL)

    def work():
        monkeypatch.setattr(where, name, die)
        host.back_up()

    assert os.WIFSIGNALED(in_a_child(work))
    assert first in host.archives()
    for path in host.archives():
        backupfile.unpack(Path(path), None)
    last = host.back_up()["file"]
    assert host.archives()[-1] == last
    names = {p.name for p in host.backups.iterdir()}
    archives = {path.rpartition("/")[2] for path in host.archives()}
    assert names == {".lock", *archives, *(f"{one}.sha256" for one in archives)}


@pytest.mark.parametrize("room", [4096, 20_000])
def test_a_full_disk_leaves_the_old_ones_and_no_rest(host, room):
    (host.home(UUID) / "sieve" / "gros.sieve").write_bytes(os.urandom(60_000))
    file = host.back_up()["file"]

    def work():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        try:
            host.back_up(kept=1)
        except (OSError, HostError):
            os._exit(7)

    assert os.waitstatus_to_exitcode(in_a_child(work)) == 7
    assert host.archives() == [file]
    assert sorted(p.suffix for p in host.backups.iterdir()) == ["", ".gz", ".sha256"]


def unpacked(packed):
    """What is in a gzip file; None when it is none."""
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        return None


def test_damage_anywhere_is_found_before_anything_is_touched(host):
    file = Path(host.back_up()["file"])
    file.with_name(f"{file.name}.sha256").unlink()
    whole = file.read_bytes()
    host.lose()
    empty = host.seen()
    found = 0
    for place in (*range(0, len(whole), 97), len(whole) - 1, len(whole) - 6):
        spoiled = whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
        if unpacked(spoiled) == unpacked(whole):
            continue  # some bits of a gzip file mean nothing: time, system, what fills a byte
        found += 1
        file.write_bytes(spoiled)
        with pytest.raises(HostError, match="archive"):
            host.restore(str(file))
    assert found > len(whole) // 97 - 10
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(HostError, match="archive"):
            host.restore(str(file))
    assert host.seen() == empty
    assert not [call for call in host.calls if call[:2] == ["systemctl", "stop"]]
    file.write_bytes(whole)
    host.restore(str(file))


def test_another_sum_beside_it_is_told(host):
    file = Path(host.back_up()["file"])
    file.with_name(f"{file.name}.sha256").write_text(f"{'0' * 64}  {file.name}\n")
    host.lose()
    with pytest.raises(HostError, match="SHA-256 differs"):
        host.restore(str(file))


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("dkim/../../../etc/x", ""),
        ("/etc/x", ""),
        ("sieve/0a/x", "/etc/passwd"),
        ("sieve/0a/x", "../../x"),
        ("lonely", ""),
    ],
)
def test_an_archive_that_reaches_out_is_refused(tmp_path, name, link):
    file = tmp_path / "evil.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        info = tarfile.TarInfo(name)
        if link:
            info.type, info.linkname = tarfile.SYMTYPE, link
        tar.addfile(info, io.BytesIO(b""))
    with pytest.raises(HostError, match="the archive holds"):
        backupfile.unpack(file, tmp_path / "out")


def test_nothing_is_put_over_a_directory_that_is_not_empty(host):
    file = host.back_up()["file"]
    with directory.opened(read_only=False) as db:
        db.execute("UPDATE mailbox SET password = 'newer'")
    before = host.seen()
    with pytest.raises(HostError, match="holds 3 mailboxes, domains and aliases already"):
        host.restore(file)
    assert host.seen() == before
    said = host.restore(file, force=True)
    assert host.seen() != before
    with contextlib.closing(sqlite3.connect(said["former"])) as former:
        assert former.execute("SELECT password FROM mailbox").fetchall() == [("newer",)] * 2
    assert Path(said["former"]).stat().st_mode & 0o077 == 0


def test_the_backup_of_another_host_is_refused(host):
    file = host.back_up()["file"]
    host.lose()
    with pytest.raises(HostError, match="a backup of mail, not of mail2"):
        host.restore(file, host="mail2")


def test_what_lies_with_mail_waits_for_it_and_comes_when_asked_again(host):
    before = host.seen()
    file = host.back_up()["file"]
    host.lose()
    assert host.restore(file)["waiting"] == {"subscriptions": 1, "rights": 1}
    assert not (host.home(UUID) / "Maildir").exists()
    (host.home(UUID) / "Maildir" / ".Conseil" / "cur").mkdir(parents=True)
    assert host.restore(file, "rights", "subscriptions")["waiting"] == {}
    assert host.seen() == before


def test_killed_on_the_way_back_the_same_goes_on_without_force(host, monkeypatch):
    before = host.seen()
    file = host.back_up()["file"]
    host.lose()
    (host.home(UUID) / "Maildir" / ".Conseil" / "cur").mkdir(parents=True)

    def work():
        monkeypatch.setattr(
            postmaps, "put_in_place", lambda **_: os.kill(os.getpid(), signal.SIGKILL)
        )
        host.restore(file)

    assert os.WIFSIGNALED(in_a_child(work))
    host.restore(file)
    assert host.seen() == before


def test_a_part_without_a_place_is_told_before_anything_is_touched(host):
    file = host.back_up()["file"]
    host.lose()
    shutil.rmtree(host.folder / "webmail")
    with pytest.raises(HostError, match="webmail has no place"):
        host.restore(file)
    assert not [call for call in host.calls if call[:2] == ["systemctl", "stop"]]
    assert host.restore(file, "directory", "dkim")["restored"] == {"directory": 1, "dkim": 2}
    with pytest.raises(HostError, match="the archive has no mail"):
        host.restore(file, "mail")


def test_a_database_that_does_not_answer_is_no_missing_part(host, monkeypatch):
    groupware.PROGRAM.touch()
    answer = {"text": "", "code": 2}

    def dumping(argv, **more):
        done = host.run(argv, **more)
        if argv[0] == "mariadb-dump":
            [name] = [one for one in argv if one.startswith("--result-file=")]
            Path(name.partition("=")[2]).write_text(answer["text"])
            done.returncode = answer["code"]
        return done

    monkeypatch.setattr(mailparts, "run", dumping)
    for text, code in (("", 2), ("INSERT INTO", 0)):
        answer |= {"text": text, "code": code}
        with pytest.raises(HostError, match="mariadb-dump"):
            host.back_up()
        assert host.archives() == []
    answer["text"] = "INSERT;\n-- Dump completed on 2026-11-28\n"
    assert host.back_up()["parts"]["groupware"]["count"] == 1


def test_a_damaged_directory_is_not_backed_up_as_a_good_one(host):
    with directory.DATABASE.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(20_000))
    with pytest.raises(HostError, match=r"directory\.db"):
        host.back_up()
    assert host.archives() == []


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "no manifest"),
        ('{"format": 2, "host": "mail", "made_at": "", "parts": {}}', "no manifest"),
        ('{"format": 1, "host": "mail", "parts": {}}', "no manifest"),
        ('{"format": 1, "host": "mail", "made_at": "", "parts": {"dkim": 1}}', "is damaged"),
    ],
)
def test_an_archive_with_a_foreign_manifest_is_told(host, tmp_path, manifest, words):
    file = tmp_path / "foreign.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        info = tarfile.TarInfo("manifest.json")
        info.size = len(manifest)
        tar.addfile(info, io.BytesIO(manifest.encode()))
    host.lose()
    with pytest.raises(HostError, match=words):
        host.restore(str(file))


def test_a_directory_that_the_archive_lacks_does_not_empty_the_host(host, tmp_path):
    file = tmp_path / "hollow.tar.gz"
    backupfile.pack(file, "mail", lambda writer: writer.begin("directory") or {"mailboxes": 0})
    before = host.seen()
    with pytest.raises(HostError, match=r"not directory\.db in it"):
        host.restore(str(file), force=True)
    assert host.seen() == before
