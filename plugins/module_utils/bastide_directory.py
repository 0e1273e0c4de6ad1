# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail directory of one host: a SQLite file that Dovecot reads and Bastide alone writes.

A mailbox row is never deleted: what leaves the charter is suspended and marked as no
longer declared, so that it can come back with its uuid and every message.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_remote as remote
from ansible.module_utils.bastide_files import HostError, room, sha256
from ansible.module_utils.bastide_reconcile import Body, Change

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
COMMIT;
"""

# What the maps of Postfix are made from, in one text; SQLite puts it together faster than
# rows could be fetched.
_SOURCE = """
SELECT coalesce((SELECT group_concat(line, char(10)) FROM (
    SELECT name || ' ' || selector AS line FROM domain ORDER BY name)), '')
|| char(12) || coalesce((SELECT group_concat(line, char(10)) FROM (
    SELECT address || ' ' || siren || ' ' || state || ' ' || delivery AS line
    FROM mailbox ORDER BY address)), '')
|| char(12) || coalesce((SELECT group_concat(line, char(10)) FROM (
    SELECT address || ' ' || siren || ' ' || targets AS line FROM alias ORDER BY address)), '')
"""


_RELAYS = """
SELECT 'relay:' || address, siren, host, state, delivery, declared FROM relay ORDER BY address
"""


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
    return (address, siren, body["selector"])


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
    return row[1], {"selector": row[2]}


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


def read_rows(connection: sqlite3.Connection) -> Rows:
    """Everything the directory holds; within the caller's transaction, one snapshot."""
    select = connection.execute
    # Our own columns, and nothing that came from anywhere (S608).
    mailbox = "'mailbox:' || address, siren, quota, state, delivery, declared"
    served = "(SELECT uuid FROM groupware WHERE active)"
    return Rows(
        select("SELECT 'maildomain:' || name, siren, selector FROM domain").fetchall(),
        [
            *select(f"SELECT {mailbox} FROM mailbox WHERE uuid NOT IN {served}"),  # noqa: S608
            *select(f"SELECT {mailbox}, 1 FROM mailbox WHERE uuid IN {served}"),  # noqa: S608
        ],
        select("SELECT 'alias:' || address, siren, targets FROM alias").fetchall(),
        relays=_read_relays(connection),
        remotes=remote.read_remotes(connection),
    )


def _read_relays(connection: sqlite3.Connection) -> list[RelayRow]:
    """None in a file that was made before there were any; writing to it adds the table."""
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'relay'"
    if connection.execute(known).fetchone() is None:
        return []
    return connection.execute(_RELAYS).fetchall()


def made_on(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, str]:
    """The day (ISO 8601) on which each of the mailboxes `names` was made, for `Rows.made`."""
    query = "SELECT substr(created_at, 1, 10) FROM mailbox WHERE address = ?"
    found = {f"mailbox:{name}": connection.execute(query, (name,)).fetchone() for name in names}
    return {address: row[0] for address, row in found.items() if row}


def count_rows(connection: sqlite3.Connection) -> Iterator[tuple[str, str, int]]:
    """Kind, SIREN and number of what stands there; mailboxes count while declared."""
    yield from connection.execute(
        "SELECT 'maildomain', siren, count(*) FROM domain GROUP BY siren UNION ALL"
        " SELECT 'mailbox', siren, count(*) FROM mailbox WHERE declared GROUP BY siren UNION ALL"
        " SELECT 'alias', siren, count(*) FROM alias GROUP BY siren"
    )


def source_digest(connection: sqlite3.Connection, version: str) -> str:
    """Digest of all that the maps are made from, and of how (`version`)."""
    (text,) = connection.execute(_SOURCE).fetchone()
    return sha256(
        f"{version}\n{text}\f{json.dumps(_read_relays(connection))}"
        f"\f{json.dumps(remote.read_remotes(connection))}"
    )


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


def write_changes(connection: sqlite3.Connection, changes: Iterable[Change]) -> None:
    """Bring the rows to the `after` of each change, set-wise, in the caller's transaction."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    batches: dict[str, list[tuple[Any, ...]]] = {statement: [] for statement in _STATEMENTS}
    for one in changes:
        kind, _, name = one["address"].partition(":")
        action, after = one["action"], one["after"]
        if action == "rename":
            # Its row takes the address first, then what a mailbox that was there gets.
            former, domain = one["before"]["address"], name.rpartition("@")[2]
            batches[_MOVE_MAILBOX].append((name, domain, former))
        elif action == "replace":
            batches[_NOTE_FORMER].append((now, name))
            batches[_PART_MAILBOX].append((FORMER, FORMER, now, name))
            action = "create"
        statement, values = _STATEMENT_OF[kind](action, name, one["siren"], after, now)
        batches[statement].append(values)
        if kind == "mailbox":
            joins = after.get(COLLABORATIVE, False)
            batches[_JOIN_GROUPWARE if joins else _LEAVE_GROUPWARE].append((name,))
    for statement, values_of_all in batches.items():
        connection.executemany(statement, values_of_all)


_PUT_DOMAIN = (
    "INSERT INTO domain (name, siren, selector, created_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET siren = excluded.siren, selector = excluded.selector"
)
_PUT_ALIAS = (
    "INSERT INTO alias (address, domain, siren, targets) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (address) DO UPDATE SET siren = excluded.siren, targets = excluded.targets"
)
_PUT_RELAY = (
    "INSERT INTO relay (address, siren, host, state, delivery, declared)"
    " VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (address) DO UPDATE SET siren = excluded.siren, host = excluded.host,"
    " state = excluded.state, delivery = excluded.delivery, declared = excluded.declared"
)
_DROP_ALIAS = "DELETE FROM alias WHERE address = ?"
_ADD_MAILBOX = (
    "INSERT INTO mailbox (uuid, address, domain, siren, quota, state, delivery, suspended_at,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SET_MAILBOX = (
    "UPDATE mailbox SET quota = ?, state = ?, delivery = ?, declared = ?,"
    " suspended_at = iif(? = 'active', NULL, coalesce(suspended_at, ?)) WHERE address = ?"
)
_MOVE_MAILBOX = "UPDATE mailbox SET address = ?, domain = ? WHERE address = ?"
_NOTE_FORMER = (
    "INSERT OR REPLACE INTO meta (key, value) SELECT 'former:' || uuid,"
    " json_object('address', address, 'siren', siren, 'until', ?) FROM mailbox WHERE address = ?"
)
_PART_MAILBOX = (
    "UPDATE mailbox SET address = uuid || '@' || ?, domain = ?, declared = 0,"
    " state = 'suspended', delivery = 'bounce', suspended_at = coalesce(suspended_at, ?)"
    " WHERE address = ?"
)
_JOIN_GROUPWARE = (
    "INSERT INTO groupware (uuid, active) SELECT uuid, 1 FROM mailbox WHERE address = ?"
    " ON CONFLICT (uuid) DO UPDATE SET active = 1"
)
# Its row stays, as its calendars do.
_LEAVE_GROUPWARE = (
    "UPDATE groupware SET active = 0 WHERE uuid = (SELECT uuid FROM mailbox WHERE address = ?)"
)
_STATEMENTS = (
    *(_PUT_DOMAIN, _DROP_ALIAS, _PUT_ALIAS, _PUT_RELAY),
    *(_NOTE_FORMER, _PART_MAILBOX, _MOVE_MAILBOX, _ADD_MAILBOX, _SET_MAILBOX),
    *(_JOIN_GROUPWARE, _LEAVE_GROUPWARE),
    *(remote.PUT, remote.DROP),
)


def _domain_row(
    _action: str, name: str, siren: str, after: Body, now: str
) -> tuple[str, tuple[Any, ...]]:
    return _PUT_DOMAIN, (name, siren, after["selector"], now)


def _alias_row(
    action: str, name: str, siren: str, after: Body | None, _now: str
) -> tuple[str, tuple[Any, ...]]:
    if action == "delete" or after is None:
        return _DROP_ALIAS, (name,)
    return _PUT_ALIAS, (name, name.rpartition("@")[2], siren, targets_text(after["targets"]))


def _relay_row(
    _action: str, name: str, siren: str, after: Body, _now: str
) -> tuple[str, tuple[Any, ...]]:
    declared = after.get("declared", True)
    return _PUT_RELAY, (name, siren, after["to"], after["state"], after["delivery"], declared)


def _mailbox_row(
    action: str, name: str, siren: str, after: Body, now: str
) -> tuple[str, tuple[Any, ...]]:
    quota, state, delivery = after["quota"], after["state"], after["delivery"]
    if action == "create":
        domain, since = name.rpartition("@")[2], now if state == "suspended" else None
        key = str(uuid.uuid4())
        return _ADD_MAILBOX, (key, name, domain, siren, quota, state, delivery, since, now)
    declared = after.get("declared", True)
    return _SET_MAILBOX, (quota, state, delivery, declared, state, now, name)


_STATEMENT_OF: dict[str, Any] = {
    "maildomain": _domain_row,
    "alias": _alias_row,
    "mailbox": _mailbox_row,
    "relay": _relay_row,
    remote.KIND: remote.remote_row,
}
