# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes Dovecot forget what it cached of changed mailboxes, and end sessions of suspended ones.

Without the flush an old login still works for as long as the cache lives; without the kick
an open session goes on.  Whom to tell is kept in the directory, in the same transaction as
the change, so that a killed run leaves nobody logged in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from ansible.module_utils.bastide_directory import read_meta, write_meta
from ansible.module_utils.bastide_files import HostError, run, words
from ansible.module_utils.bastide_reconcile import Change

KEY = "logins"
# Beyond so many, the whole cache is emptied instead.
MOST_NAMED = 500


def note_logins(connection: sqlite3.Connection, changes: Iterable[Change]) -> None:
    """Note, in the caller's transaction, whose cached login is no longer right."""
    flush, kick = _noted(connection)
    for one in changes:
        kind, _, name = one["address"].partition(":")
        if kind == "mailbox" and one["after"] is not None and one["before"] is not None:
            flush.add(name)
            if one["action"] in ("rename", "replace"):
                # Sessions of the former address, or of the former holder.
                former = one["before"].get("address", name)
                flush.add(former)
                kick.add(former)
            elif one["after"]["state"] == "suspended":
                kick.add(name)
            else:
                kick.discard(name)
    if flush:
        write_meta(connection, KEY, {"flush": sorted(flush), "kick": sorted(kick)})


def forget_logins(connection: sqlite3.Connection) -> list[str]:
    """Tell Dovecot about those noted; what to warn of when it does not listen.

    A Dovecot that is down has no cache and no sessions, but may also be merely deaf, so
    the note stays for the next run.
    """
    flush, kick = _noted(connection)
    if not flush:
        return []
    try:
        _tell(flush, kick)
    except HostError as error:
        return [f"Dovecot was not told of {len(flush)} changed mailboxes: {error}"]
    connection.execute("DELETE FROM meta WHERE key = ?", (KEY,))
    return []


def _noted(connection: sqlite3.Connection) -> tuple[set[str], set[str]]:
    noted = read_meta(connection, KEY)
    if not isinstance(noted, dict):
        return set(), set()
    return set(noted.get("flush", ())), set(noted.get("kick", ()))


def _tell(flush: set[str], kick: set[str]) -> None:
    named = sorted(flush) if len(flush) <= MOST_NAMED else []
    _doveadm("auth", "cache", "flush", *named)
    if not kick:
        return
    here = {line.split()[0] for line in _doveadm("who", "-1").splitlines()[1:] if line.strip()}
    for name in sorted(here & kick):
        # Exit code 68: the session has ended by itself meanwhile.
        _doveadm("kick", name, fine=(0, 68))


def _doveadm(*argv: str, fine: tuple[int, ...] = (0,)) -> str:
    done = run(["doveadm", *argv])
    if done.returncode not in fine:
        raise HostError(f"doveadm {argv[0]}: {words(done)}")
    return done.stdout.decode(errors="replace")
