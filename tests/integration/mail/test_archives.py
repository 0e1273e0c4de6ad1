# SPDX-License-Identifier: GPL-3.0-or-later
"""A suspended mailbox: archived, purged and brought back, as IMAP sees it."""

import imaplib
import re

import pytest

from integration.town import charter

SCRIPT = 'require ["fileinto"];\nfileinto "Archives";\n'
DIRECTORY = "/var/lib/bastide/mail/directory.db"


@pytest.fixture
def seen(address, trust):
    """seen(user, password): everything IMAP tells of the mailbox."""

    def look(user, password):
        with imaplib.IMAP4_SSL(address("mail"), 993, ssl_context=trust) as imap:
            imap.login(user, password)
            found = {}
            for line in imap.list()[1]:
                folder = line.decode().rpartition(' "/" ')[2] or line.decode().rpartition(" ")[2]
                facts = imap.status(folder, "(MESSAGES UIDVALIDITY UIDNEXT)")[1]
                imap.select(folder, readonly=True)
                parts = imap.uid("FETCH", "1:*", "(FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[])")[1]
                texts = [part for entry in parts if entry for part in entry]
                found[folder] = [facts, [re.sub(rb"\\Recent ?", b"", t) if isinstance(t, bytes)
                                         else t for t in texts]]  # fmt: skip
            found["subscribed"] = sorted(imap.lsub()[1])
            return found

    return look


@pytest.fixture
def full(town, address, trust):
    """A mailbox with messages, flags, folders and a script: (address, password)."""
    box = f"ancien@{town.albas}"
    set_state(town, "active")
    password = town.run("mail", "password", box).stdout.strip()
    with imaplib.IMAP4_SSL(address("mail"), 993, ssl_context=trust) as imap:
        imap.login(box, password)
        for folder in ("Archives", "Archives.2025", '"Vie municipale"'):
            imap.create(folder)
        for number, folder in enumerate(["INBOX"] * 4 + ["Archives.2025", '"Vie municipale"']):
            text = f"From: a@example.org\r\nSubject: n{number}\r\n\r\n" + "corps \r\n" * number
            imap.append(folder, r"(\Seen $Label)" if number % 2 else None, None, text.encode())
        imap.select("INBOX")
        imap.store("2", "+FLAGS", r"(\Deleted)")
        imap.expunge()
        imap.store("1", "+FLAGS", r"(\Flagged \Answered)")
        imap.subscribe("Archives")
    command = f"doveadm sieve put -u {box} -a tri"
    town.podman("mail", "sh", "-c", f"printf '%s' '{SCRIPT}' | {command}")
    return box, password


def set_state(town, state):
    line = f"    ancien@{town.albas}: {{kind: classic, state: {state}}}\n"
    town.write("46/albas", charter("214600017", town.albas, mail=line))
    town.commit()
    town.apply()


def test_archive_purge_restore_brings_everything_back(town, full, seen):
    box, password = full
    before = seen(box, password)
    assert "active" in town.run("mail", "archive", box, code=1).stderr
    set_state(town, "suspended")
    assert "no archive" in purge(town, box, 5, grace=0, code=1).stderr
    done = town.run("mail", "archive", box).stdout
    messages, file, digest = re.fullmatch(r"(\d+) messages  (\S+)  sha256:(\w+)\n", done).groups()
    assert messages == "5"
    assert digest in town.podman("mail", "sha256sum", file)
    home = f"/srv/mail/{town.row(box)['uuid'][:2]}/{town.row(box)['uuid']}"
    for wrong, grace, words in ((5, 90, "stays until"), (4, 0, "holds 5")):
        assert words in purge(town, box, wrong, grace=grace, code=1).stderr
    assert "nothing is put over it" in town.run("mail", "restore", box, code=1).stderr
    purge(town, box, 5, grace=0)
    town.podman("mail", "test", "!", "-e", home)
    assert town.row(box)["state"] == "suspended", "the address stays taken"
    town.run("mail", "restore", box)
    set_state(town, "active")
    assert seen(box, password) == before
    assert town.podman("mail", "doveadm", "sieve", "get", "-u", box, "tri").endswith(SCRIPT)
    assert "tri ACTIVE" in town.podman("mail", "doveadm", "sieve", "list", "-u", box)


def test_nothing_is_removed_on_a_spoiled_archive_or_after_new_mail(town, full):
    box, _ = full
    set_state(town, "suspended")
    file = town.run("mail", "archive", box).stdout.split()[2]
    town.deliver(box, 1)
    assert "no longer what was archived" in purge(town, box, 5, grace=0, code=1).stderr
    file = town.run("mail", "archive", box).stdout.split()[2]
    # Every bit of one byte turned: a byte written over it is the same once in 256 runs.
    spoil = "import sys; f = open(sys.argv[1], 'r+b'); f.seek(300); b = f.read(1)[0] ^ 255; "
    spoil += "f.seek(300); f.write(bytes([b])); f.close()"
    town.podman("mail", "python3", "-c", spoil, file)
    assert "SHA-256 differs" in purge(town, box, 6, grace=0, code=1).stderr
    assert town.messages(box) == 4, "all but the expunged, and the one that came"


def purge(town, box, messages, *, grace, code=0):
    platform = town.root / "inventory" / "lab" / "platform.yml"
    text = re.sub(r"  archive: .*\n", "", platform.read_text("utf-8"))
    line = f"  archive: {{grace_days: {grace}}}\n"
    platform.write_text(text.replace("  host_group: mail\n", f"{line}  host_group: mail\n"))
    return town.run("mail", "purge", box, "--messages", str(messages), code=code)
