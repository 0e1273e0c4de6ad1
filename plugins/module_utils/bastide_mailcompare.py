# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the share and the rows of the mail directory, and what of it may be done.

Whoever has something left to do, or to be told, is noted as restless and looked at in each run;
all others are settled (`bastide_settled`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_remote as remote
from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_reconcile import Body, Change, reconcile
from ansible.module_utils.bastide_succession import OPTIONAL
from ansible.module_utils.bastide_succession import successions as successions_of

Row = tuple[Any, ...]


def changes_of(found: Survey, rows: directory.Rows) -> list[Change]:
    """What differs.  Equal rows are set aside as sets, so that a host at rest is cheap."""
    resources = found.share.resources
    scope = found.scope
    desired = {a: one for a, one in resources.items() if one[0] in scope} if scope else resources
    today = datetime.now(UTC).date().isoformat()
    changes, settled = successions_of(found, desired, rows, today)
    want = {directory.row_of(a, siren, body) for a, (siren, body) in desired.items()}
    have = rows.as_set()
    astray = remote.misplaced(desired, rows.mailboxes, rows.remotes, found.held)
    for siren, why in astray.items():
        found.fail(f"placement:{found.share.collectivities[siren].slug}", siren, why)
    _note_restless(found, want - have, have - want)
    if astray:
        found.restless.update(astray)
        settled |= {r[0] for r in want | have if r[1] in astray and r[0].startswith(directory.KEPT)}
    if settled:
        want = {row for row in want if row[0] not in settled}
        have = {row for row in have if row[0] not in settled}
    wanted = {row[0]: desired[row[0]] for row in want - have}
    standing = {row[0]: directory.resource_of(row) for row in have - want}
    actual = {address: standing[address] for address in standing.keys() & desired.keys()}
    followed = remote.renamed(desired)
    actual.update({address: standing[address] for address in standing.keys() & followed})
    for address in standing.keys() - resources.keys() - found.share.unusable.keys() - followed:
        if _may_go(found, address, standing[address]):
            found.restless.add(standing[address][0])
            actual[address] = standing[address]
    for one in reconcile(wanted, actual):
        owner = actual.get(one["address"], (one["siren"], {}))[0]
        objection = _objection(found, one, owner)
        if objection:
            found.fail(one["address"], one["siren"], objection)
        else:
            changes.append(one if one["address"] in followed else _as_mail(found, one))
    return changes


def _note_restless(found: Survey, missing: set[Row], surplus: set[Row]) -> None:
    """Who is to be looked at again: whoever has, or names, what is not as it is to be.

    A mailbox that has left its charter and rests is surplus, and nothing that was left to do.
    """
    share = found.share
    found.restless |= share.contested | {row[1] for row in missing}
    for row in surplus:
        claimant = share.resources.get(row[0]) or share.unusable.get(row[0])
        if claimant:
            found.restless |= {claimant[0], row[1]}
    # What becomes of these depends on the day.
    special = (
        siren for siren, body in share.resources.values() if not body.keys().isdisjoint(OPTIONAL)
    )
    found.restless.update(special)


def _may_go(found: Survey, address: str, standing: tuple[str, Body]) -> bool:
    """Whether something that the share does not list is to be changed; notes what is left."""
    siren, body = standing
    if not found.in_scope(siren):
        return False
    fate = found.share.fate(siren, address)
    kind = address[: address.index(":")]
    if f"{kind}:" in directory.KEPT and not body.get("declared", True):
        # Suspended already; changed only when somebody opened it, or its owner retired.
        want = {**body, "state": "suspended"}
        if fate == "retired":
            want["delivery"] = "bounce"
        return want != body and fate in ("present", "retired")
    if fate == "retired":
        return kind != "maildomain"  # it goes on answering that its mailboxes are suspended
    if fate == "present" and kind != "maildomain":
        return True
    found.leave(address, siren, "undeclared" if fate == "present" else fate)
    found.restless.add(siren)
    return False


def _objection(found: Survey, one: Change, owner: str) -> str | None:
    if owner == one["siren"]:
        return None
    if one["address"].startswith(directory.KEPT):
        return f"its mail belongs to {owner}; nobody inherits mail by taking an address over"
    return None if found.in_scope(owner) else f"belongs to {owner}, outside of the scope"


def _as_mail(found: Survey, one: Change) -> Change:
    """A change of `reconcile` in the words of mailboxes, which are never deleted."""
    address, before = one["address"], one["before"]
    if not address.startswith(directory.KEPT) or before is None:
        return one
    if one["action"] == "delete":
        retired = found.share.fate(one["siren"], address) == "retired"
        kept = before["delivery"] if "declared" in before else "keep"
        delivery = "bounce" if retired else kept
        after = {**before, "state": "suspended", "delivery": delivery, "declared": False}
        return {**one, "action": "suspend", "after": after}
    return {**one, "action": "restore"} if "declared" in before else one
