# SPDX-License-Identifier: GPL-3.0-or-later
"""What is unusual in the journal of a host.

A service that writes a warning at each start, a unit that fails and comes back, a setting that
the next release drops: nobody sees them until they hurt.  A line is unusual by its priority
(syslog.h, ``warning`` or worse) or by its words; what is known and harmless stands in a list,
each with its reason.

Used by the engine, its tests and, through a link in plugins/module_utils, on the hosts.  It
therefore imports nothing but the standard library.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

WARNING = 4
"""Priority of syslog; smaller is worse."""
_INFO = 6
_WORDS = re.compile(
    r"traceback \(most recent call last\)|\bfatal:|\bpanic\b|segfault|permission denied"
    r"|deprecated|\bfailed with result\b|entered failed state|core dumped|out of memory",
    re.IGNORECASE,
)
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal; `program` is its syslog identifier."""

    host: str
    program: str
    priority: int
    message: str
    unit: str = ""

    @property
    def notable(self) -> bool:
        """Whether somebody should look at it, unless it is expected."""
        return self.priority <= WARNING or _WORDS.search(self.message) is not None


@dataclass(frozen=True, slots=True)
class Expected:
    """Lines that are known: `program` and `message` are regular expressions.

    The whole name of the program has to match, the message anywhere.  `reason` says why the
    line harms nobody, `cause` what makes it: a test of ours, or something about the platform.
    """

    program: str
    message: str
    reason: str
    cause: str

    def covers(self, entry: Entry) -> bool:
        """Whether `entry` is such a line."""
        return (
            re.fullmatch(self.program, entry.program) is not None
            and re.search(self.message, entry.message) is not None
        )


@dataclass(frozen=True, slots=True)
class Unusual:
    """Lines that nobody expects, alike but for their numbers: the first one, and how many."""

    first: Entry
    count: int

    def __str__(self) -> str:
        """As ``mail postfix/smtpd [warning] x3: …``."""
        name = _PRIORITIES[self.first.priority]
        times = f" x{self.count}" if self.count > 1 else ""
        return f"{self.first.host} {self.first.program} [{name}]{times}: {self.first.message}"


_PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
# Numbers, queue ids, addresses, and what Roundcube calls a session.
_VARIABLE = re.compile(r"<\w{8}>|[^\s=<]+@[^\s>,]+|[0-9A-Fa-f]{8,}|\d+")


def journalctl(since: dt.datetime) -> list[str]:
    """The command whose output :func:`read_entries` reads; `since` knows its zone."""
    fields = "PRIORITY,SYSLOG_IDENTIFIER,_COMM,MESSAGE,_SYSTEMD_UNIT"
    return [
        *("journalctl", "--quiet", "--no-pager", "--output=json", f"--output-fields={fields}"),
        f"--since=@{since.timestamp():.0f}",
    ]


def read_entries(host: str, lines: Iterable[str]) -> Iterator[Entry]:
    """Entries from lines of ``journalctl -o json`` (systemd.journal-fields(7))."""
    for line in lines:
        try:
            data = json.loads(line)
        except ValueError:
            continue  # journalctl was cut short
        if isinstance(data, dict):
            yield _entry(host, data)


def unusual(entries: Iterable[Entry], expected: Sequence[Expected]) -> list[Unusual]:
    """Notable lines that `expected` does not cover; the most frequent first."""
    first: dict[tuple[str, str, str], Entry] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    for entry in entries:
        if not entry.notable or any(one.covers(entry) for one in expected):
            continue
        key = (entry.host, entry.program, _VARIABLE.sub("#", entry.message))
        first.setdefault(key, entry)
        counts[key] += 1
    return [Unusual(first[key], count) for key, count in counts.most_common()]


def _entry(host: str, data: dict[str, Any]) -> Entry:
    priority = _text(data.get("PRIORITY"))
    known = len(priority) == 1 and priority in "01234567"
    return Entry(
        host,
        _text(data.get("SYSLOG_IDENTIFIER")) or _text(data.get("_COMM")) or "-",
        int(priority) if known else _INFO,
        _text(data.get("MESSAGE"))[:_LONGEST],
        _text(data.get("_SYSTEMD_UNIT")),
    )


def _text(value: Any) -> str:
    """A field: text, or the bytes of what is no text, or several of them, of which the last."""
    if isinstance(value, list) and value and not isinstance(value[0], int):
        value = value[-1]
    if isinstance(value, list):
        octets = bytes(one for one in value if isinstance(one, int) and one in range(256))
        value = octets.decode(errors="replace")
    text = value if isinstance(value, str) else ""
    return "".join(c if c.isprintable() else " " for c in text).strip()


HARMLESS: tuple[Expected, ...] = (
    Expected(
        "sshd",
        r"^error: kex_exchange_identification: ",
        "anybody may open port 22 and say nothing, or not what SSH says",
        "whoever looks whether the port answers",
    ),
    Expected(
        "sshd",
        r"^pam_env\(sshd:session\): deprecated reading of user environment enabled$",
        "Debian's /etc/pam.d/sshd says so, for ~/.pam_environment, which nobody has",
        "each login by SSH",
    ),
    Expected(
        "dovecot",
        r"^(?:master: |\w+(?:\(\d+\))?: (?=.*by pid=1 uid=0 ))Warning: Killed with signal 15 "
        r"|^auth: Error: (?:read|net_connect_unix)\(anvil-auth-penalty\) failed: "
        r"|^log\(\d+\): Warning: Shutting down logging for '\w+: ' with \d+ clients$",
        "systemd stops Dovecot in this way: its master by doveadm, what is left by itself",
        "a restart of Dovecot",
    ),
    Expected(
        "knotd",
        r"^warning: \[\S+\] notify, outgoing, remote \S+, server responded with error 'NOTAUTH'$"
        r"|^error: \[\S+\] zone event 'notify' failed \(failed\)$",
        "a new zone is announced a moment before the catalog that has it, which then brings it",
        "each new zone",
    ),
    Expected(
        "knotd",
        r"^warning: \[\S+\] [AI]XFR, incoming, .* responded with error '(?:SERVFAIL|NOTAUTH)'$"
        r"|^warning: \[\S+\] refresh, remote \S+ not usable$"
        r"|^error: \[\S+\] (?:refresh, failed|zone event 'refresh' failed) \(no usable master\)",
        "a secondary asks for a new zone before the primary has signed it, and is told when it has;"
        " one that goes on lacking zones is told by `bastide verify`",
        "each new zone, a start of a secondary before its primary",
    ),
    Expected(
        r"postfix/.*smtpd",
        r"^warning: \S+: SASL (?:PLAIN|LOGIN) authentication failed: ",
        "anybody may try a password, and the suspended have theirs refused",
        "strangers, users who mistype, `bastide verify`",
    ),
    Expected(
        "dovecot",
        r"^auth: Error: imapc?\(\S+\): Authentication failed: "
        r"\[(?:AUTHENTICATIONFAILED|CONTACTADMIN)\]",
        "the same, asked about at the mail host that holds the mailbox",
        "strangers, users who mistype, `bastide verify`",
    ),
    Expected(
        "roundcube",
        r"IMAP Error: Login failed for .* AUTHENTICATE PLAIN: ",
        "the same by the webmail; a mail host that does not answer reads otherwise",
        "strangers, users who mistype, `bastide verify`",
    ),
)
"""Lines that a platform in good health writes too."""
