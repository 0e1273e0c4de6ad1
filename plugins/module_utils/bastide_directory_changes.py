# SPDX-License-Identifier: GPL-3.0-or-later
"""How changes of the share become rows of the mail directory, set-wise.

A mailbox row is never deleted: what leaves the charter is suspended and marked as no
longer declared, so that it can come back with its uuid and every message.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils import bastide_remote as remote
from ansible.module_utils.bastide_directory import COLLABORATIVE, FORMER, targets_text
from ansible.module_utils.bastide_reconcile import Body, Change


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
    return _PUT_DOMAIN, (name, siren, after.get("selector", ""), now)


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
