# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes that take another address, and addresses that get another holder.

A mailbox is its uuid, so a rename moves no mail, and an address handed over begins with a
new uuid: the former mail stays where it lies, under an address that nobody can write to.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_directory import MailboxRow, Rows, resource_of
from ansible.module_utils.bastide_reconcile import Body, Change, change

RENAMED, HOLDER = "renamed_from", "new_holder"
OPTIONAL = (RENAMED, HOLDER)


def handed_over(resources: Mapping[str, tuple[str, Body]]) -> list[str]:
    """Addresses of the mailboxes that declare a new holder, without their kind."""
    return [a.partition(":")[2] for a, (_, body) in resources.items() if HOLDER in body]


def successions(
    found: Survey, desired: Mapping[str, tuple[str, Body]], rows: Rows, today: str
) -> tuple[list[Change], set[str]]:
    """What changes its address or its holder, and the addresses that this settles.

    `today` is a day (ISO 8601): a new holder comes from that day on, once, which the day the
    mailbox was made tells.  What cannot be done is noted in `found`.
    """
    special = [a for a, (_, body) in desired.items() if RENAMED in body or HOLDER in body]
    changes: list[Change] = []
    settled: set[str] = set()
    if not special:
        return changes, settled
    standing = {row[0]: row for row in rows.mailboxes}
    for address in sorted(special):
        siren, body = desired[address]
        after = {key: value for key, value in body.items() if key not in OPTIONAL}
        row = standing.get(address)
        if RENAMED in body:
            former = standing.get(f"mailbox:{body[RENAMED]}")
            if former is None or _is_declared(found, former[0]):
                continue  # it was renamed already, or never was: a mailbox like any other
            settled.add(address)
            objection = _cannot_rename(siren, former, row)
            if objection:
                found.fail(address, siren, objection)
                continue
            settled.add(former[0])
            before = {**resource_of(former)[1], "address": str(body[RENAMED])}
            changes.append(change("rename", address, siren, before, after))
        elif row is not None and rows.made.get(address, "9") < body[HOLDER] <= today:
            settled.add(address)
            if row[1] != siren and row[5]:
                found.fail(address, siren, f"{row[1]} still declares it")
                continue
            changes.append(change("replace", address, siren, resource_of(row)[1], after))
    return changes, settled


def _is_declared(found: Survey, address: str) -> bool:
    return address in found.share.resources or address in found.share.unusable


def _cannot_rename(siren: str, former: MailboxRow, row: MailboxRow | None) -> str | None:
    if former[1] != siren:
        return f"the mail of {former[0]} belongs to {former[1]}; nobody inherits it by a rename"
    if row is not None:
        return f"it has mail of its own already, so that of {former[0]} cannot take its place"
    return None
