# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes that another mail host of the platform holds, and who holds whose.

A host knows the way to them: it takes their mail in, filters it and passes it on, and
Dovecot brings a login to the holder.  Convergence never turns a mailbox into the way to one,
nor the other way round: mail would be left behind.  `bastide mail move` does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.bastide_reconcile import Body
from ansible.module_utils.bastide_share import is_address, is_domain

KIND = "remote"
PREFIX = f"{KIND}:"
RENAMED = "renamed_from"
# Domain of a mailbox that is on its way to this host, ``<uuid>@…`` (RFC 2606 §2).
MOVING = "moving.invalid"
FORMER = "former.invalid"

STATES = ("active", "suspended")
DELIVERIES = ("keep", "bounce")

PUT = (
    "INSERT INTO remote (address, siren, host, state, delivery, declared)"
    " VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (address) DO UPDATE SET siren = excluded.siren, host = excluded.host,"
    " state = excluded.state, delivery = excluded.delivery, declared = excluded.declared"
)
QUERY = "SELECT 'remote:' || address, siren, host, state, delivery, declared FROM remote"
DROP = "DELETE FROM remote WHERE address = ?"

# Address with its kind in front, SIREN, host, state, delivery, whether a charter declares it.
RemoteRow = tuple[str, str, str, str, str, int]


def check_remote(_name: str, body: Body) -> str | None:
    """Why the way to a mailbox is not acceptable, None when it is."""
    if body.keys() - {RENAMED} != {"to", "state", "delivery"}:
        return "needs to, state and delivery"
    if not is_domain(body["to"]) or not is_address(body.get(RENAMED, "a@x.fr")):
        return "the host that it is on, or its former address, is none"
    if body["state"] not in STATES or body["delivery"] not in DELIVERIES:
        return "its state or its delivery is none that a mailbox has"
    return None


def remote_row(
    action: str, name: str, siren: str, after: Body | None, _now: str
) -> tuple[str, tuple[Any, ...]]:
    """Statement and values that bring a row to `after`."""
    if action == "delete" or after is None:
        return DROP, (name,)
    declared = after.get("declared", True)
    return PUT, (name, siren, after["to"], after["state"], after["delivery"], declared)


def held_here(connection: sqlite3.Connection) -> list[str]:
    """SIREN of those whose mail lies on this host."""
    query = "SELECT DISTINCT siren FROM mailbox WHERE domain NOT IN (?, ?) ORDER BY siren"
    return [row[0] for row in connection.execute(query, (FORMER, MOVING))]


def renamed(resources: Mapping[str, tuple[str, Body]]) -> set[str]:
    """Former addresses of what was renamed on its holder: the way to it follows."""
    return {
        f"{PREFIX}{body[RENAMED]}"
        for address, (_, body) in resources.items()
        if address.startswith(PREFIX) and RENAMED in body
    }


def misplaced(
    desired: Mapping[str, tuple[str, Body]],
    mailboxes: Iterable[tuple[Any, ...]],
    remotes: Iterable[RemoteRow],
    held: Mapping[str, Iterable[str]],
) -> dict[str, str]:
    """SIREN → why nothing of its mailboxes is touched: their mail lies on another host than placed.

    Args:
        desired: The mailboxes and remotes of the share, among others.
        mailboxes: Those of the directory.
        remotes: Those of the directory.
        held: What the other mail hosts said: host → SIREN of those whose mail lies there.
    """
    here = {row[1] for row in mailboxes if _is_live(row[0])}
    elsewhere = {siren: host for host, sirens in held.items() for siren in sirens}
    for row in remotes:
        elsewhere.setdefault(row[1], row[2])
    found = {}
    for address, (siren, body) in desired.items():
        if address.startswith(PREFIX) and siren in here:
            found[siren] = (
                f"its mail lies on this host, platform.yml places it on {body['to']}:"
                " bastide mail move brings it there"
            )
        elif address.startswith("mailbox:") and siren in elsewhere and siren not in here:
            found[siren] = (
                f"its mail lies on {elsewhere[siren]}, platform.yml places it on this host:"
                " bastide mail move brings it here"
            )
    return found


def _is_live(address: str) -> bool:
    return not address.endswith((f"@{FORMER}", f"@{MOVING}"))
