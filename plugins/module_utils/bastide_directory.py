# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail directory of one host: a SQLite file that Dovecot reads and Bastide alone writes.

What it holds is read here; `bastide_directory_changes` writes it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_remote as remote
from ansible.module_utils import bastide_revision
from ansible.module_utils.bastide_files import HostError, room
from ansible.module_utils.bastide_reconcile import Body

DATABASE = Path("/var/lib/bastide/mail/directory.db")

# Domain of mailboxes whose address was handed over, ``<uuid>@…``: nobody can write to it
# (RFC 2606 §2).
FORMER = "former.invalid"

# Field of a mailbox that the groupware serves too; classic ones have none.
COLLABORATIVE = "collaborative"
# Columns of the row of a classic one.
CLASSIC = 6

# Kinds that stay, suspended, when they leave the charter: behind each is somebody's mail.
KEPT = ("mailbox:", "relay:", remote.PREFIX)

# Seconds to wait for another writer of the file (a password being set).
BUSY = 30.0

# The same statements as roles/dovecot/files/directory.sql, which says what each column is.
SCHEMA = """
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS domain (
    name       TEXT PRIMARY KEY,
    siren      TEXT NOT NULL,
    selector   TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS domain_siren ON domain (siren);
CREATE TABLE IF NOT EXISTS mailbox (
    uuid         TEXT PRIMARY KEY,
    address      TEXT NOT NULL UNIQUE,
    domain       TEXT NOT NULL,
    siren        TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
    delivery     TEXT NOT NULL CHECK (delivery IN ('keep', 'bounce')),
    quota        INTEGER NOT NULL,
    password     TEXT,
    declared     INTEGER NOT NULL DEFAULT 1,
    suspended_at TEXT,
    created_at   TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS mailbox_siren ON mailbox (siren);
CREATE INDEX IF NOT EXISTS mailbox_domain ON mailbox (domain);
CREATE TABLE IF NOT EXISTS alias (
    address TEXT PRIMARY KEY,
    domain  TEXT NOT NULL,
    siren   TEXT NOT NULL,
    targets TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS alias_siren ON alias (siren);
CREATE INDEX IF NOT EXISTS alias_domain ON alias (domain);
CREATE TABLE IF NOT EXISTS groupware (
    uuid   TEXT PRIMARY KEY,
    active INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS relay (
    address  TEXT PRIMARY KEY,
    siren    TEXT NOT NULL,
    host     TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
    delivery TEXT NOT NULL CHECK (delivery IN ('keep', 'bounce')),
    declared INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS remote (
    address  TEXT PRIMARY KEY,
    siren    TEXT NOT NULL,
    host     TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
    delivery TEXT NOT NULL CHECK (delivery IN ('keep', 'bounce')),
    declared INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS invitation (
    token      TEXT PRIMARY KEY,
    uuid       TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended      TEXT CHECK (ended IN ('used', 'replaced')),
    ended_at   TEXT
);
CREATE INDEX IF NOT EXISTS invitation_uuid ON invitation (uuid);
CREATE TABLE IF NOT EXISTS meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT OR IGNORE INTO meta (key, value) VALUES ('schema', '1');
CREATE TABLE IF NOT EXISTS settled (
    siren  TEXT PRIMARY KEY,
    line   TEXT NOT NULL,
    totals TEXT NOT NULL
);
"""
SCHEMA += f"{bastide_revision.SCHEMA}COMMIT;\n"

# Address with its kind in front, SIREN, and what the body says.
DomainRow = tuple[str, str, str]
MailboxRow = tuple[Any, ...]
AliasRow = tuple[str, str, str]
RelayRow = tuple[str, str, str, str, str, int]


@dataclass(slots=True)
class Rows:
    """The directory as it stands, as plain rows: sets of them are compared at once.

    - `domains`: (``maildomain:…``, siren, selector)
    - `mailboxes`: (``mailbox:…``, siren, quota, state, delivery, declared), and 1 more where
      the groupware serves it too
    - `aliases`: (``alias:…``, siren, targets as JSON)
    - `made`: the day on which some mailboxes were made, by ``mailbox:…``
    - `relays`: (``relay:…``, siren, host, state, delivery, declared), mailboxes of a groupware
    - `remotes`: (``remote:…``, …), the same of mailboxes that another mail host holds
    """

    domains: list[DomainRow] = field(default_factory=list)
    mailboxes: list[MailboxRow] = field(default_factory=list)
    aliases: list[AliasRow] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    relays: list[RelayRow] = field(default_factory=list)
    remotes: list[RelayRow] = field(default_factory=list)

    def as_set(self) -> set[tuple[Any, ...]]:
        """All of them; no two kinds have an address in common."""
        return {*self.domains, *self.mailboxes, *self.aliases, *self.relays, *self.remotes}

    @property
    def sirens(self) -> set[str]:
        """Whose they are."""
        return {row[1] for row in self.as_set()}

    @property
    def selectors(self) -> dict[str, str]:
        """DKIM selector of each domain, by name."""
        return {address[len("maildomain:") :]: selector for address, _, selector in self.domains}


def row_of(address: str, siren: str, body: Body) -> tuple[Any, ...]:
    """The row that a resource of the share asks for."""
    if address.startswith("mailbox:"):
        row = (address, siren, body["quota"], body["state"], body["delivery"], 1)
        return (*row, 1) if body.get(COLLABORATIVE) else row
    if address.startswith("alias:"):
        return (address, siren, targets_text(body["targets"]))
    if address.startswith(("relay:", remote.PREFIX)):
        return (address, siren, body["to"], body["state"], body["delivery"], 1)
    return (address, siren, body.get("selector", ""))


def resource_of(row: tuple[Any, ...]) -> tuple[str, Body]:
    """``(siren, body)`` of a row, in the form of the share.

    The body of a mailbox or relay that has left the charter has ``"declared": False`` beside.
    """
    if row[0].startswith(KEPT):
        first = "quota" if row[0].startswith("mailbox:") else "to"
        body: Body = {first: row[2], "state": row[3], "delivery": row[4]}
        if row[0].startswith("mailbox:") and len(row) > CLASSIC:
            body[COLLABORATIVE] = True
        return row[1], body if row[5] else {**body, "declared": False}
    if row[0].startswith("alias:"):
        return row[1], {"targets": targets_of(row[2])}
    return row[1], {"selector": row[2]} if row[2] else {}


def targets_text(targets: list[str]) -> str:
    """Checked targets as JSON; none of them holds what JSON would escape."""
    return '["' + '", "'.join(targets) + '"]'


def targets_of(text: str) -> list[Any]:
    """Targets from the text of a row; what somebody else wrote there may be no list."""
    try:
        targets = json.loads(text)
    except ValueError:
        targets = text
    return targets if isinstance(targets, list) else [targets]


@contextlib.contextmanager
def opened(*, read_only: bool) -> Iterator[sqlite3.Connection]:
    """The directory's database; made when missing, or empty in memory when only looking.

    Raises:
        HostError: With SQLite's words and the free space, when it cannot be used.
    """
    if read_only and not DATABASE.exists():
        connection = sqlite3.connect(":memory:", isolation_level=None)
        fresh = True
    else:
        fresh = not read_only
        if fresh:
            DATABASE.parent.mkdir(parents=True, exist_ok=True)
        mode = "ro" if read_only else "rwc"
        address = f"{DATABASE.as_uri()}?mode={mode}"
        connection = _connect(address)
    try:
        if fresh:
            connection.executescript(SCHEMA)
            bastide_revision.ensure(connection)
        yield connection
    except sqlite3.Error as error:
        raise _refused(error) from error
    finally:
        connection.close()


def _connect(address: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(address, uri=True, timeout=BUSY, isolation_level=None)
    except sqlite3.Error as error:
        raise _refused(error) from error


def _refused(error: sqlite3.Error) -> HostError:
    # A full disk shows as "database or disk is full", "disk I/O error" or "unable to open".
    return HostError(f"{DATABASE}: {error}{room(DATABASE)}")


def read_rows(connection: sqlite3.Connection, sirens: Collection[str] | None = None) -> Rows:
    """What the directory holds; within the caller's transaction, one snapshot.

    Args:
        connection: The directory.
        sirens: Whose rows; None for everything.
    """
    return _read(connection, "siren", sirens)


def read_named(connection: sqlite3.Connection, addresses: Collection[str]) -> Rows:
    """Mailboxes (also elsewhere) and aliases of these addresses (``local@domain``); all domains."""
    found = _read(connection, "address", addresses)
    found.domains = connection.execute(_DOMAINS).fetchall()
    return found


# A list as one value.
_THOSE = "IN (SELECT value FROM json_each(?))"
_DOMAINS = "SELECT 'maildomain:' || name, siren, selector FROM domain"


def _read(connection: sqlite3.Connection, column: str, values: Collection[str] | None) -> Rows:
    # Our own columns, and nothing that came from anywhere (S608).
    given = () if values is None else (json.dumps(sorted(values)),)
    those = "" if values is None else f" WHERE {column} {_THOSE}"
    also = f"{those} AND" if those else " WHERE"

    def select(query: str) -> list[Any]:
        return connection.execute(query, given).fetchall()

    mailbox = "'mailbox:' || address, siren, quota, state, delivery, declared"
    served = "(SELECT uuid FROM groupware WHERE active)"
    relay = "'relay:' || address, siren, host, state, delivery, declared"
    return Rows(
        select(f"{_DOMAINS}{those}") if column == "siren" else [],
        [
            *select(f"SELECT {mailbox} FROM mailbox{also} uuid NOT IN {served}"),  # noqa: S608
            *select(f"SELECT {mailbox}, 1 FROM mailbox{also} uuid IN {served}"),  # noqa: S608
        ],
        select(f"SELECT 'alias:' || address, siren, targets FROM alias{those}"),  # noqa: S608
        relays=select(f"SELECT {relay} FROM relay{those}") if _has(connection, "relay") else [],  # noqa: S608
        remotes=select(f"{remote.QUERY}{those}") if _has(connection, remote.KIND) else [],
    )


def _has(connection: sqlite3.Connection, table: str) -> bool:
    """Not in a file that was made before there was any; writing to it adds the table."""
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(known, (table,)).fetchone() is not None


def read_selectors(connection: sqlite3.Connection) -> dict[str, str]:
    """DKIM selector of every domain, by name."""
    return dict(connection.execute("SELECT name, selector FROM domain"))


def owners_of(connection: sqlite3.Connection, addresses: Iterable[str]) -> set[str]:
    """SIREN of those who hold any of these addresses (``kind:name``)."""
    names: dict[str, list[str]] = {kind: [] for kind in _HOLDS}
    for address in addresses:
        kind, _, name = address.partition(":")
        names[kind].append(name)
    found: set[str] = set()
    for kind, table, column in ((kind, *place) for kind, place in _HOLDS.items()):
        if names[kind] and _has(connection, table):
            query = f"SELECT DISTINCT siren FROM {table} WHERE {column} {_THOSE}"  # noqa: S608 - ours
            found.update(row[0] for row in connection.execute(query, (json.dumps(names[kind]),)))
    return found


# Table and column that hold the name of an address, by its kind.
_HOLDS = {
    "maildomain": ("domain", "name"),
    "mailbox": ("mailbox", "address"),
    "alias": ("alias", "address"),
    "relay": ("relay", "address"),
    remote.KIND: ("remote", "address"),
}


def made_on(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, str]:
    """The day (ISO 8601) on which each of the mailboxes `names` was made, for `Rows.made`."""
    query = "SELECT substr(created_at, 1, 10) FROM mailbox WHERE address = ?"
    found = {f"mailbox:{name}": connection.execute(query, (name,)).fetchone() for name in names}
    return {address: row[0] for address, row in found.items() if row}


def count_rows(
    connection: sqlite3.Connection, sirens: Collection[str] | None = None
) -> Iterator[tuple[str, str, int]]:
    """Kind, SIREN and number of what stands there; mailboxes count while declared.

    `sirens` says whose; None for everybody's.
    """
    those = "" if sirens is None else f" AND siren {_THOSE}"
    given = () if sirens is None else (json.dumps(sorted(sirens)),)
    counted = (
        ("maildomain", "domain", "1"),
        ("mailbox", "mailbox", "declared"),
        ("alias", "alias", "1"),
    )
    for kind, table, which in counted:
        # Our own words, and nothing that came from anywhere.
        query = f"SELECT siren, count(*) FROM {table} WHERE {which}{those} GROUP BY siren"  # noqa: S608 - ours
        for siren, number in connection.execute(query, given):
            yield kind, siren, number


def read_meta(connection: sqlite3.Connection, key: str) -> Any:
    """A JSON value kept beside the rows; None when there is none."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    try:
        return json.loads(row[0]) if row else None
    except ValueError:
        return None


def write_meta(connection: sqlite3.Connection, key: str, value: Any) -> None:
    """Keep a JSON value beside the rows, in the caller's transaction."""
    statement = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"
    connection.execute(statement, (key, json.dumps(value, sort_keys=True)))
