# SPDX-License-Identifier: GPL-3.0-or-later
"""Which state the mail directory is in, without reading it: triggers count what changes.

Two counts: of what a survey reads, and of what the tables of Postfix are compiled from.
Whoever writes bumps them, also somebody with ``sqlite3`` on the host.  A directory whose counts
cannot be trusted (triggers missing, loaded from a text dump) has no revision, and is read whole.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

# Columns that a survey reads.  A test holds this against what its statements ask for.
SURVEYED = {
    "domain": ("name", "siren", "selector"),
    "mailbox": (
        *("uuid", "address", "siren", "state", "delivery", "quota", "declared"),
        "created_at",
    ),
    "alias": ("address", "siren", "targets"),
    "groupware": ("uuid", "active"),
    "relay": ("address", "siren", "host", "state", "delivery", "declared"),
    "remote": ("address", "siren", "host", "state", "delivery", "declared"),
}
# Columns that the tables of Postfix are compiled from.
COMPILED = {
    "domain": ("name", "selector"),
    "mailbox": ("address", "siren", "state", "delivery", "declared"),
    "alias": ("address", "siren", "targets"),
    "relay": ("address", "siren", "host", "state", "delivery", "declared"),
    "remote": ("address", "siren", "host", "state", "delivery", "declared"),
}

TABLE = """
CREATE TABLE IF NOT EXISTS revision (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    surveyed INTEGER NOT NULL,
    compiled INTEGER NOT NULL
);
INSERT OR IGNORE INTO revision (id, surveyed, compiled) VALUES (1, 0, 0);
"""


def _triggers() -> dict[str, str]:
    """Triggers by name, each without its ``CREATE TRIGGER name``."""
    found = {}
    for table, columns in SURVEYED.items():
        compiled = COMPILED.get(table, ())
        counts = _bumped("surveyed", *(["compiled"] if compiled else []))
        for event in ("insert", "delete"):
            found[f"{table}_{event}"] = f"AFTER {event.upper()} ON {table} {counts}"
        for kind, named in (("surveyed", columns), ("compiled", compiled)):
            if named:
                change = f"AFTER UPDATE OF {', '.join(named)} ON {table}"
                found[f"{table}_{kind}"] = f"{change} {_bumped(kind)}"
    return found


def _bumped(*counts: str) -> str:
    changes = ", ".join(f"{count} = {count} + 1" for count in counts)
    return f"BEGIN UPDATE revision SET {changes}; END"  # noqa: S608 - our own words


TRIGGERS = _triggers()
SCHEMA = TABLE + "".join(
    f"CREATE TRIGGER IF NOT EXISTS {name} {text};\n" for name, text in TRIGGERS.items()
)


@dataclass(frozen=True, slots=True)
class Revision:
    """The state of what a survey reads, and of what the tables are compiled from."""

    surveyed: str
    compiled: str


def read(connection: sqlite3.Connection) -> Revision | None:
    """The revision; None when the counts cannot be trusted.

    The epoch (``user_version``) is in no text dump and the schema's own number (``schema_version``)
    grows when a table or trigger goes and comes again, so that a directory edited outside of SQLite
    or behind the back of the triggers never looks like the one before.
    """
    if not _complete(connection):
        return None
    ((epoch,),) = connection.execute("PRAGMA user_version").fetchall()
    ((schema,),) = connection.execute("PRAGMA schema_version").fetchall()
    ((surveyed, compiled),) = connection.execute("SELECT surveyed, compiled FROM revision")
    return Revision(f"{epoch}.{schema}.{surveyed}", f"{epoch}.{schema}.{compiled}")


def ensure(connection: sqlite3.Connection) -> None:
    """Put right what counts, where that is needed: a new epoch then begins."""
    if _complete(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name, text in TRIGGERS.items():
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            connection.execute(f"CREATE TRIGGER {name} {text}")
        connection.execute(f"PRAGMA user_version = {secrets.randbelow(2**31 - 1) + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _complete(connection: sqlite3.Connection) -> bool:
    """Whether table, row, every trigger and the epoch are there."""
    select = connection.execute
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' OR name = 'revision'"
    standing = dict(select(query).fetchall())
    if "revision" not in standing:
        return False
    triggers = {name: f"CREATE TRIGGER {name} {text}" for name, text in TRIGGERS.items()}
    ((rows,),) = select("SELECT count(*) FROM revision")
    ((epoch,),) = select("PRAGMA user_version")
    return rows == 1 and epoch > 0 and triggers.items() <= standing.items()
