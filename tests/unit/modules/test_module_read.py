# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host gives of a mailbox: only what is new, and never more than is asked for."""

from __future__ import annotations

import base64
import contextlib
import sqlite3

import bastide_mail_read as module
import pytest
from ansible.module_utils import bastide_preauth as preauth
from ansible.module_utils.bastide_files import HostError

BOX = "dmarc@ville.fr"
GIVEN = {
    "address": BOX,
    "folders": ["INBOX", "Junk"],
    "after": {},
    "most": 1000,
    "most_bytes": 10**6,
    "largest": 100,
}


class Box:
    """Folders of one user: UIDVALIDITY, and the length of each message by UID."""

    def __init__(self, folders):
        self.folders, self.here, self.read = folders, {}, []

    def examine(self, folder):
        if folder not in self.folders:
            return None
        validity, self.here = self.folders[folder]
        return validity, max(self.here, default=0) + 1

    def uids(self, after, before):
        return (uid for uid in sorted(self.here) if after < uid < before)

    def size(self, uid):
        return self.here[uid]

    def message(self, uid):
        self.read.append(uid)
        return b"x" * self.here[uid]


@pytest.fixture
def look(monkeypatch):
    """look(box, **given) is what the module answers for a mailbox that is here."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE mailbox (address TEXT)")
    base.execute("INSERT INTO mailbox VALUES (?)", [BOX])
    monkeypatch.setattr(module.directory, "opened", lambda **_: contextlib.nullcontext(base))

    def read(box, **given):
        monkeypatch.setattr(module.preauth, "opened", lambda _: contextlib.nullcontext(box))
        return module.read({**GIVEN, **given})

    return read


def uids(answer):
    return [(one["folder"], one["uid"]) for one in answer["messages"]]


def test_only_what_came_since_is_read_unless_the_folder_is_another(look):
    box = Box({"INBOX": (7, {1: 10, 2: 20, 5: 30}), "Junk": (9, {1: 10})})
    answer = look(box)
    assert uids(answer) == [("INBOX", 1), ("INBOX", 2), ("INBOX", 5), ("Junk", 1)]
    assert base64.b64decode(answer["messages"][1]["content"]) == b"x" * 20
    after = {"INBOX": {"validity": 7, "uid": 2}, "Junk": {"validity": 8, "uid": 1}}
    assert uids(look(box, after=after)) == [("INBOX", 5), ("Junk", 1)]
    assert uids(look(Box({"INBOX": (7, {})}), after=after)) == []


def test_a_batch_is_bounded_and_says_whether_there_is_more(look):
    box = Box({"INBOX": (7, dict.fromkeys(range(1, 11), 50))})
    answer = look(box, most=3)
    assert (uids(answer)[-1], answer["more"]) == (("INBOX", 3), True)
    answer = look(box, most_bytes=120)
    assert (len(answer["messages"]), answer["more"]) == (3, True)
    answer = look(box, most=10)
    assert (len(answer["messages"]), answer["more"]) == (10, False)


def test_a_message_that_is_too_large_is_named_and_never_read(look):
    box = Box({"INBOX": (7, {1: 101, 2: 100})})
    assert [one["content"] is None for one in look(box)["messages"]] == [True, False]
    assert box.read == [2]


def test_a_mailbox_of_another_host_is_absent_and_a_bad_address_refused(look):
    answer = look(Box({}), address="other@ville.fr")
    assert (answer["present"], answer["messages"]) == (False, [])
    with pytest.raises(HostError, match="no address"):
        look(Box({}), address="-u root")


def test_a_large_folder_is_looked_through_in_windows():
    asked = []

    class Large(preauth.Unread):
        def __init__(self):
            pass

        def uid(self, command, *arguments):
            asked.append((command, *arguments))
            low, high = map(int, arguments[0].removeprefix("UID ").split(":"))
            return "OK", [" ".join(map(str, range(low, high + 1))).encode()]

    assert list(Large().uids(3, 120_001)) == list(range(4, 120_001))
    assert asked == [
        ("SEARCH", "UID 4:50003"),
        ("SEARCH", "UID 50004:100003"),
        ("SEARCH", "UID 100004:120000"),
    ]
    asked.clear()
    assert list(Large().uids(9, 10)) == []
    assert asked == []
