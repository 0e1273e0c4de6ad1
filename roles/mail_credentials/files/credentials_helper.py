#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Managed by Bastide (role mail_credentials).
"""Answer one question about the link of an invitation, as root, and end.

The page that users see has no rights; this is all it can do.  A line of JSON comes in on
standard input, ``{"token": "…"}`` to look or ``{"token": "…", "hash": "{BLF-CRYPT}…"}`` to
set the password, and one goes out: ``{"state": "valid", "address": "…"}``.  Whoever took
over the page could set no password without the secret of a link.

States: valid (it may be used), done (it was, just now), used, expired, replaced, closed
(the mailbox is suspended or gone), unknown.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

MOST = 1000
# What bastide.targets.credentials makes: 32 random bytes in base64url (RFC 4648 §5).
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")
HASH = re.compile(r"\{BLF-CRYPT\}\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}\Z")
# Seconds to wait for an apply that is writing.
BUSY = 20.0
LOGINS = "logins"
# What the role sogo puts there.
GROUPWARE = Path("/usr/local/lib/bastide/groupware_users.py")

_FIND = (
    "SELECT m.address, m.state, m.declared, i.expires_at, i.ended FROM invitation i"
    " LEFT JOIN mailbox m ON m.uuid = i.uuid WHERE i.token = ?"
)


def answer(connection: sqlite3.Connection, question: dict[str, object]) -> dict[str, str]:
    """Look at a link, or use it; in one transaction, so that it is used once."""
    token, hashed = question.get("token"), question.get("hash")
    if not isinstance(token, str) or not TOKEN.match(token):
        return {"state": "unknown"}
    if hashed is not None and not (isinstance(hashed, str) and HASH.match(hashed)):
        return {"state": "unknown"}
    key = hashlib.sha256(token.encode()).hexdigest()
    connection.execute("BEGIN" if hashed is None else "BEGIN IMMEDIATE")
    try:
        found = look(connection, key)
        if hashed is not None and found["state"] == "valid":
            use(connection, key, found["address"], hashed)
            found["state"] = "done"
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return found


def look(connection: sqlite3.Connection, key: str) -> dict[str, str]:
    """The state of the link whose secret has the SHA-256 `key`."""
    row = connection.execute(_FIND, (key,)).fetchone()
    if row is None:
        return {"state": "unknown"}
    address, state, declared, expires_at, ended = row
    if ended:
        return {"state": ended}
    if expires_at <= _now():
        return {"state": "expired"}
    if state != "active" or not declared:
        return {"state": "closed"}
    return {"state": "valid", "address": address}


def use(connection: sqlite3.Connection, key: str, address: str, hashed: str) -> None:
    """Set the password, end the link, and note that the cached login must go."""
    connection.execute("UPDATE mailbox SET password = ? WHERE address = ?", (hashed, address))
    ended = "UPDATE invitation SET ended = 'used', ended_at = ? WHERE token = ?"
    connection.execute(ended, (_now(), key))
    noted = _noted(connection)
    _note(connection, {**noted, "flush": sorted({*noted["flush"], address})})


def forget_login(connection: sqlite3.Connection, address: str) -> None:
    """Make Dovecot forget the former password, and end the sessions opened with it.

    What it was not told stays noted in the directory, for the next apply.
    """
    if _doveadm("auth", "cache", "flush", address) != 0:
        return
    _doveadm("kick", address)
    connection.execute("BEGIN IMMEDIATE")
    noted = _noted(connection)
    _note(connection, {**noted, "flush": [one for one in noted["flush"] if one != address]})
    connection.execute("COMMIT")


def tell_groupware() -> None:
    """Have the groupware, where the host has one, take over the new hash.

    What it did not take over, the next apply finds.
    """
    if not GROUPWARE.exists():
        return
    command = ["/usr/bin/python3", "-I", str(GROUPWARE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stderr.write(done.stderr)


def _noted(connection: sqlite3.Connection) -> dict[str, list[str]]:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (LOGINS,)).fetchone()
    noted = json.loads(row[0]) if row else {}
    return {"flush": list(noted.get("flush", ())), "kick": list(noted.get("kick", ()))}


def _note(connection: sqlite3.Connection, noted: dict[str, list[str]]) -> None:
    if noted["flush"] or noted["kick"]:
        value = json.dumps(noted, sort_keys=True)
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (LOGINS, value))
    else:
        connection.execute("DELETE FROM meta WHERE key = ?", (LOGINS,))


def _doveadm(*words: str) -> int:
    done = subprocess.run(["/usr/bin/doveadm", *words], capture_output=True, check=False)
    return done.returncode


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def main() -> None:
    """Take the question, answer it; what fails here is told to the journal, without secrets."""
    try:
        question = json.loads(sys.stdin.readline(MOST))
    except ValueError:
        question = None
    if not isinstance(question, dict):
        question = {}
    address = f"file:{sys.argv[1]}?mode=rw"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=BUSY, isolation_level=None)
        found = answer(connection, question)
        if found["state"] == "done":
            forget_login(connection, found["address"])
            tell_groupware()
        connection.close()
    except (sqlite3.Error, OSError) as error:
        sys.stderr.write(f"{sys.argv[1]}: {error}\n")
        found = {"state": "unavailable"}
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
