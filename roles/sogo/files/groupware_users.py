#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Managed by Bastide (role sogo).
"""Bring what the groupware knows of its users to what the mail directory says, as root.

Two things follow the directory: the table that SOGo reads its users from, with the hashes of
their passwords, and the links under which colleagues of one collectivity reach each other's
shared folders by IMAP.  Hashes go from one database of this host to the other and nowhere else.

    groupware_users.py [--check]

prints ``{"users": n, "links": n}``: how many differ (``--check``), or did and are right now.
No row is ever removed: what SOGo keeps for a user (calendars, address books) hangs on the uuid
in it.  Who may not log in has a hash that no password fits.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

DIRECTORY = Path("/var/lib/bastide/mail/directory.db")
LOCK = Path("/var/lib/bastide/mail/groupware.lock")
STORAGE = Path("/srv/mail")
LINKS = Path("/var/lib/bastide/mail/shared")
CACHE = "/run/memcached/memcached.sock"
# Statements below that name it (S608) take nothing else that is not quoted.
TABLE = "bastide_groupware.bastide_users"

# crypt(3) returns it for no password.
CLOSED = "{BLF-CRYPT}*"
# Nobody can write to an address of it (RFC 2606 §2).
FORMER = "former.invalid"
# Seconds to wait for an apply that is writing.
BUSY = 20.0
# Rows in one statement.
CHUNK = 500

# c_uid, c_name, c_password, c_cn, mail, tenant: in the order of the table.
Row = tuple[str, str, str, str, str, str]

_USERS = (
    "SELECT m.uuid, m.address, m.siren,"
    " CASE WHEN g.active AND m.declared AND m.state = 'active' THEN m.password END"
    " FROM groupware g JOIN mailbox m ON m.uuid = g.uuid"
)


def read_directory(path: Path) -> tuple[dict[str, Row], dict[str, str]]:
    """What ought to be: rows by uuid, and links (``<siren>/<address>`` → where mail lies)."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY)
    with contextlib.closing(connection):
        found = connection.execute(_USERS).fetchall()
    rows = {
        uuid: (uuid, uuid, password or CLOSED, address, address, siren)
        for uuid, address, siren, password in found
    }
    links = {
        f"{siren}/{address}": str(STORAGE / uuid[:2] / uuid)
        for uuid, address, siren, _ in found
        if "/" not in address
    }
    return rows, links


def read_table() -> dict[str, Row]:
    """What SOGo reads now, by uuid."""
    query = f"SELECT c_uid, c_name, c_password, c_cn, mail, tenant FROM {TABLE}"  # noqa: S608
    lines = mariadb(query, "--batch", "--raw", "--skip-column-names").splitlines()
    rows = (line.split("\t") for line in lines)
    return {row[0]: (row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows}


def differences(wanted: dict[str, Row], standing: dict[str, Row]) -> dict[str, Row]:
    """The rows to write.  One that the directory does not know lets nobody in any more."""
    differing = {uuid: row for uuid, row in wanted.items() if standing.get(uuid) != row}
    for uuid in standing.keys() - wanted.keys():
        nobody = f"{uuid}@{FORMER}"
        closed = (uuid, uuid, CLOSED, nobody, nobody, standing[uuid][5])
        if standing[uuid] != closed:
            differing[uuid] = closed
    return differing


def write_table(rows: list[Row]) -> None:
    """Write the rows, in one transaction."""
    statements = ["START TRANSACTION"]
    for start in range(0, len(rows), CHUNK):
        values = ", ".join(
            f"({', '.join(map(literal, row))})" for row in rows[start : start + CHUNK]
        )
        statements.append(
            f"INSERT INTO {TABLE} (c_uid, c_name, c_password, c_cn, mail, tenant)"  # noqa: S608
            f" VALUES {values} ON DUPLICATE KEY UPDATE c_name = VALUES(c_name),"
            " c_password = VALUES(c_password), c_cn = VALUES(c_cn), mail = VALUES(mail),"
            " tenant = VALUES(tenant)"
        )
    mariadb(";\n".join([*statements, "COMMIT;\n"]))


def literal(text: str) -> str:
    """`text` as SQL, in hexadecimal: nothing in it can end it."""
    return f"CONVERT(X'{text.encode().hex()}' USING utf8mb4)"


def mariadb(statements: str, *options: str) -> str:
    """What the database answers; hashes go in by standard input, where no process list shows them.

    Raises:
        OSError: With the database's words.
    """
    command = ["/usr/bin/mariadb", "--no-defaults", "--default-character-set=utf8mb4", *options]
    done = subprocess.run(
        command, input=statements, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode != 0:
        raise OSError(f"mariadb: {done.stderr.strip().splitlines()[-1] if done.stderr else '?'}")
    return done.stdout


def forget(rows: Iterable[Row]) -> None:
    """Make SOGo forget what it cached of these users: an old password would still let in."""
    words = {name for row in rows for name in (row[0], row[4])}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as cache:
        cache.settimeout(10)
        try:
            cache.connect(CACHE)
        except OSError:
            return  # a cache that is down remembers nothing
        with cache.makefile("rwb") as stream:
            for name in sorted(words):
                stream.write(f"delete {name}+attributes\r\n".encode())
            stream.write(b"version\r\n")
            stream.flush()
            while not stream.readline().startswith(b"VERSION"):
                pass


def read_links() -> dict[str, str]:
    """The links that stand, as `read_directory` writes them."""
    found = {}
    for folder in LINKS.iterdir() if LINKS.is_dir() else ():
        if folder.is_dir() and not folder.is_symlink():
            for one in folder.iterdir():
                if one.is_symlink():
                    found[f"{folder.name}/{one.name}"] = str(one.readlink())
    return found


def write_links(wanted: dict[str, str], standing: dict[str, str]) -> None:
    """Make what misses, then remove what is too much; a link holds nobody's data."""
    for name, target in wanted.items():
        if standing.get(name) == target:
            continue
        path = LINKS / name
        path.parent.mkdir(mode=0o755, exist_ok=True)
        fresh = path.parent / ".new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.rename(path)
    for name in standing.keys() - wanted.keys():
        (LINKS / name).unlink(missing_ok=True)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one run at a time read and write, so that the last to write is the last to have read."""
    with LOCK.open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(*, check: bool) -> dict[str, int]:
    """Compare, and unless `check` bring both in line."""
    with contextlib.nullcontext() if check else alone():
        wanted, links = read_directory(DIRECTORY)
        standing, linked = read_table(), read_links()
        differing = differences(wanted, standing)
        if not check:
            if differing:
                write_table(list(differing.values()))
                forget([*differing.values(), *(standing[u] for u in differing if u in standing)])
            if links != linked:
                write_links(links, linked)
    return {"users": len(differing), "links": len(links.items() ^ linked.items())}


if __name__ == "__main__":
    os.umask(0o022)
    try:
        print(json.dumps(main(check="--check" in sys.argv[1:])))  # noqa: T201 - its answer
    except (OSError, sqlite3.Error, subprocess.TimeoutExpired) as error:
        sys.exit(f"groupware: {error}")
