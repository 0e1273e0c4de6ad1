# SPDX-License-Identifier: GPL-3.0-or-later
"""The mailboxes of one collectivity change their host, step by step; every step may be done again.

The order makes every death harmless: the target has everything and stands closed before the
source lets go, so mail waits in a queue in between and never runs in a circle.  The source
keeps the mail under an address that nobody can write to; nothing is deleted.  On both hosts a
mailbox is its uuid, and ``<uuid>@moving.invalid`` names it for dsync alone.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_mailarchive as mailarchive
from ansible.module_utils import bastide_remote as remote
from ansible.module_utils.bastide_directory import write_meta
from ansible.module_utils.bastide_files import HostError, run, words

COLUMNS = (
    "uuid",
    "address",
    "domain",
    "siren",
    "state",
    "delivery",
    "quota",
    "declared",
    "suspended_at",
    "created_at",
)
# A Sieve script of Dovecot is at most 1 MB (sieve_max_script_size).
MOST_SCRIPTS = 16 * 2**20
# Seconds that dsync waits for the other end (doveadm-sync(1), -T), each time it is begun: what was
# copied stays copied.  The last are Dovecot's own.
PATIENCE = (20, 120, 600)

Box = dict[str, Any]


def boxes_here(connection: sqlite3.Connection, siren: str) -> list[Box]:
    """What a collectivity has on this host, with what goes beside the mail."""
    query = (
        f"SELECT {', '.join(COLUMNS)}, password,"  # noqa: S608 - our own words
        " EXISTS (SELECT 1 FROM meta WHERE key = 'moving:' || uuid),"
        " uuid IN (SELECT uuid FROM groupware WHERE active)"
        " FROM mailbox WHERE siren = ? AND domain NOT IN (?, ?) ORDER BY address"
    )
    found = []
    for row in connection.execute(query, (siren, remote.FORMER, remote.MOVING)):
        box: Box = dict(zip((*COLUMNS, "password", "moving", "collaborative"), row, strict=True))
        links = connection.execute("SELECT * FROM invitation WHERE uuid = ?", (box["uuid"],))
        box["links"] = [list(one) for one in links]
        found.append(box)
    return found


def prepare(connection: sqlite3.Connection, boxes: list[Box]) -> None:
    """Rows for those on their way; one that arrived in a run before stays as it is."""
    statement = (
        "INSERT OR IGNORE INTO mailbox (uuid, address, domain, siren, state, delivery, quota,"
        " declared, created_at) VALUES (?, ?, ?, ?, 'suspended', 'keep', ?, 0, ?)"
    )
    connection.executemany(
        statement,
        [
            (
                *(b["uuid"], _name(b), remote.MOVING, b["siren"]),
                *(b["quota"], b["created_at"]),
            )
            for b in boxes
        ],
    )


def fetch(boxes: list[Box], source: str) -> None:
    """Make the mail here the mail there: folders, UIDs, flags and subscriptions (dsync).

    `source` is where the source's Dovecot answers, ``name:port``.  Both ends were once seen to wait
    for each other, over TLS, until one gave up after 600 seconds: hence less at first, and again.
    """
    for box in boxes:
        for seconds in PATIENCE:
            options = ["-R", "-T", str(seconds), "-u", _name(box), f"tcps:{source}"]
            done = run(["doveadm", "backup", *options], timeout=86400)
            # 2: another change came in meanwhile; the last run, of a closed mailbox, has none.
            if done.returncode in (0, 2):
                break
        else:
            raise HostError(f"doveadm backup of {box['address']}: {words(done)}")


def close(connection: sqlite3.Connection, boxes: list[Box]) -> None:
    """From now on nobody logs in and mail waits with the senders' hosts."""
    for box in boxes:
        write_meta(connection, f"moving:{box['uuid']}", True)
    _forget(boxes, kick=True)


def open_again(connection: sqlite3.Connection, boxes: list[Box]) -> None:
    """The end of it, or a step back: the mailbox here is the one that counts."""
    keys = [(f"moving:{box['uuid']}",) for box in boxes]
    connection.executemany("DELETE FROM meta WHERE key = ?", keys)
    _forget(boxes, kick=False)


def fingerprints(boxes: list[Box]) -> dict[str, list[Any]]:
    """By uuid, what mailarchive.fingerprint says."""
    return {box["uuid"]: list(mailarchive.fingerprint(_name(box))) for box in boxes}


def scripts_of(boxes: list[Box]) -> dict[str, dict[str, str]]:
    """By uuid, the Sieve scripts: path below the home → content in base64, or ``-> target``."""
    found: dict[str, dict[str, str]] = {}
    for box in boxes:
        home, size = _home(box), 0
        mine = found[box["uuid"]] = {}
        for path in (home / ".dovecot.sieve", *sorted((home / "sieve").glob("*"))):
            name = str(path.relative_to(home))
            if path.is_symlink():
                mine[name] = f"-> {path.readlink()}"
            elif path.is_file():
                data = path.read_bytes()
                size += len(data)
                mine[name] = base64.b64encode(data).decode()
        if size > MOST_SCRIPTS:
            raise HostError(f"the filters of {box['address']} take {size} bytes")
    return found


def put_scripts(boxes: list[Box], scripts: dict[str, dict[str, str]]) -> None:
    """Put them into the homes here, which the mail has made."""
    for box in boxes:
        home = _home(box)
        for name, content in scripts.get(box["uuid"], {}).items():
            path = home / name
            if path.parent not in (home, home / "sieve") or ".." in name:
                raise HostError(f"{name!r} is no filter")
            path.parent.mkdir(mode=0o700, exist_ok=True)
            mailarchive.own_as_mail(path.parent)
            path.unlink(missing_ok=True)
            if content.startswith("-> "):
                path.symlink_to(content[3:])
            else:
                path.write_bytes(base64.b64decode(content))
                path.chmod(0o600)
            mailarchive.own_as_mail(path)


def take(connection: sqlite3.Connection, boxes: list[Box]) -> None:
    """The target has the mailboxes from now on, still closed."""
    for box in boxes:
        write_meta(connection, f"moving:{box['uuid']}", True)
        connection.execute(remote.DROP, (box["address"],))
        values = [f"{column} = ?" for column in (*COLUMNS[1:], "password")]
        connection.execute(
            f"UPDATE mailbox SET {', '.join(values)} WHERE uuid = ?",  # noqa: S608 - our own words
            (*(box[column] for column in COLUMNS[1:]), box["password"], box["uuid"]),
        )
        for one in box["links"]:
            marks = ", ".join("?" * len(one))
            connection.execute(f"INSERT OR REPLACE INTO invitation VALUES ({marks})", one)  # noqa: S608 - marks alone


def give(connection: sqlite3.Connection, boxes: list[Box], host: str) -> None:
    """The source knows the way alone; what lay here stays under its uuid."""
    for box in boxes:
        row = (box["address"], box["siren"], host, box["state"], box["delivery"], box["declared"])
        connection.execute(remote.PUT, row)
        write_meta(
            connection,
            f"former:{box['uuid']}",
            {"address": box["address"], "siren": box["siren"], "moved_to": host},
        )
        connection.execute(
            "UPDATE mailbox SET address = uuid || '@' || ?, domain = ?, declared = 0,"
            " state = 'suspended', delivery = 'bounce',"
            " suspended_at = coalesce(suspended_at, strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now'))"
            " WHERE uuid = ?",
            (remote.FORMER, remote.FORMER, box["uuid"]),
        )
        connection.execute("DELETE FROM meta WHERE key = ?", (f"moving:{box['uuid']}",))


def forget(boxes: list[Box]) -> None:
    """Have Dovecot look again who has them, and end sessions."""
    _forget(boxes, kick=True)


def _forget(boxes: list[Box], *, kick: bool) -> None:
    names = [box["address"] for box in boxes]
    if not names:
        return
    _doveadm("auth", "cache", "flush", *names)
    for name in names if kick else ():
        # 68: nobody was logged in.
        _doveadm("kick", name, fine=(0, 68))


def _doveadm(*argv: str, fine: tuple[int, ...] = (0,)) -> None:
    done = run(["doveadm", *argv])
    if done.returncode not in fine:
        raise HostError(f"doveadm {argv[0]}: {words(done)}")


def _name(box: Box) -> str:
    return f"{box['uuid']}@{remote.MOVING}"


def _home(box: Box) -> Path:
    return mailarchive.STORAGE / box["uuid"][:2] / box["uuid"]


def boxes_from(given: str, hashes: dict[str, str]) -> list[Box]:
    """The mailboxes that the engine brings from the source, each with its password again."""
    return [{**box, "password": hashes.get(box["uuid"])} for box in json.loads(given)]
