# SPDX-License-Identifier: GPL-3.0-or-later
"""What is unusual in a journal, and what is expected."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.targets.journals import HARMLESS, Entry, Expected, journalctl, read_entries, unusual


def entry(message, priority=6, program="postfix/smtpd"):
    return Entry("mail", program, priority, message)


@pytest.mark.parametrize(
    ("message", "priority", "notable"),
    [
        ("connect from unknown[10.46.0.1]", 6, False),
        ("disconnect", 5, False),
        ("anything", 4, True),
        ("anything", 0, True),
        ("Traceback (most recent call last):", 6, True),
        ("fatal: no SASL authentication mechanisms", 6, True),
        ("Panic: file mail-index.c: line 1", 6, True),
        ("php-fpm8.2[12]: segfault at 0", 6, True),
        ("open(/srv/mail): Permission denied", 6, True),
        ("the setting ssl_protocols is deprecated", 6, True),
        ("nginx.service: Failed with result 'exit-code'.", 6, True),
        ("no panicking here", 6, False),
        ("nonfatal: go on", 6, False),
    ],
)
def test_a_line_is_notable_by_its_priority_or_its_words(message, priority, notable):
    assert entry(message, priority).notable is notable


def test_what_is_expected_is_left_out_and_what_is_alike_is_counted_once():
    known = Expected(r"postfix/.*", r"^TLS library problem", "a scan", "test_x")
    found = unusual(
        [
            entry("TLS library problem: no shared cipher", 4),
            entry("queue file 4F2A0012AB: out of 3 tries", 4),
            entry("queue file 4F2A0013CD: out of 4 tries", 4),
            entry("all is well"),
            entry("TLS library problem: no shared cipher", 4, program="dovecot"),
        ],
        [known],
    )
    assert [(one.first.program, one.count) for one in found] == [
        ("postfix/smtpd", 2),
        ("dovecot", 1),
    ]
    assert str(found[0]) == (
        "mail postfix/smtpd [warning] x2: queue file 4F2A0012AB: out of 3 tries"
    )


def test_lines_on_several_users_and_sessions_are_alike():
    found = unusual(
        [
            entry("<8qvr9v9t> IMAP Error: no answer for bruno@ville.fr from 10.0.0.1", 3),
            entry("<qfk4bho7> IMAP Error: no answer for anne@ville.fr from 10.0.0.9", 3),
        ],
        [],
    )
    assert [one.count for one in found] == [2]


def test_a_refused_login_is_harmless_and_a_mail_host_that_is_off_is_not():
    refused = "<8qvr9v9t> IMAP Error: Login failed for a@b.fr against localhost from 192.0.2.1. "
    found = unusual(
        [
            entry(
                f"{refused}AUTHENTICATE PLAIN: Authentication failed. in /x on line 2",
                3,
                "roundcube",
            ),
            entry(f"{refused}Could not connect to ssl://localhost:993: in /x", 3, "roundcube"),
        ],
        HARMLESS,
    )
    assert ["Could not connect" in one.first.message for one in found] == [True]


def test_the_program_of_what_is_expected_is_its_whole_name():
    known = Expected("postfix", ".", "-", "-")
    assert not known.covers(entry("x", program="postfix/smtpd"))
    assert not known.covers(entry("x", program="my-postfix"))
    assert known.covers(entry("x", program="postfix"))


def test_entries_are_read_from_every_form_that_a_journal_has():
    lines = [
        json.dumps({"SYSLOG_IDENTIFIER": "dovecot", "PRIORITY": "3", "MESSAGE": "Error: x"}),
        json.dumps({"_COMM": "sh", "MESSAGE": list(b"caf\xe9\x1b[31m")}),
        json.dumps({"SYSLOG_IDENTIFIER": ["a", "b"], "PRIORITY": "9", "MESSAGE": None}),
        "[1, 2]",
        '{"MESSAGE": "cut sho',
    ]
    found = list(read_entries("mail", lines))
    assert [(one.program, one.priority) for one in found] == [("dovecot", 3), ("sh", 6), ("b", 6)]
    assert found[1].message.isprintable()


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "_COMM", "_SYSTEMD_UNIT"]),
            st.none() | st.text() | st.integers() | st.lists(st.integers() | st.text() | st.none()),
        )
    )
)
def test_no_entry_gives_a_traceback(entries):
    for one in unusual(read_entries("mail", map(json.dumps, entries)), []):
        assert str(one).isprintable()


def test_the_journal_is_asked_from_a_moment_in_any_zone():
    zone = dt.timezone(dt.timedelta(hours=2))
    command = journalctl(dt.datetime(2026, 1, 1, 2, tzinfo=zone))
    assert command[-1] == "--since=@1767225600"
