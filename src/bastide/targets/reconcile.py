# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reconcile function: what must change for the actual set to become the desired one.

Used by the engine and, through a link in plugins/module_utils, by every bulk module on
the hosts.  It therefore imports nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

Body = Mapping[str, Any]
Change = dict[str, Any]

PENDING = "pending"


def is_pending(body: Body | None) -> bool:
    """True for a desired value that only another host can give, later in the same run."""
    return body is not None and PENDING in body


def change(
    action: str, address: str, siren: str, before: Body | None, after: Body | None
) -> Change:
    """One change, in the form that modules return and plans hold."""
    return {
        "action": action,
        "address": address,
        "siren": siren,
        "before": dict(before) if before is not None else None,
        "after": dict(after) if after is not None else None,
    }


def reconcile(
    desired: Mapping[str, tuple[str, Body]],
    actual: Mapping[str, tuple[str, Body]],
) -> list[Change]:
    """Compare two sets keyed by address and return the changes, sorted by address.

    Each value is ``(siren, body)``.  Equal bodies of the same owner give no change; a
    pending body equals nothing.  What a missing address means (delete, suspend, leave
    alone) is the caller's policy: it filters `actual` before and renames actions after.
    """
    changes = []
    for address in sorted(desired.keys() | actual.keys()):
        want, have = desired.get(address), actual.get(address)
        if want is None and have is not None:
            changes.append(change("delete", address, have[0], have[1], None))
        elif have is None and want is not None:
            changes.append(change("create", address, want[0], None, want[1]))
        elif want is not None and have is not None and (is_pending(want[1]) or want != have):
            changes.append(change("update", address, want[0], have[1], want[1]))
    return changes


def digest(changes: Iterable[Change], pending: Iterable[str] = ()) -> str:
    """``sha256:…`` over the changes, independent of their order.

    `pending` names addresses whose new value was not known when the plan was made: their
    value does not count, so that the plan and its apply have the same digest.
    """
    unknown = set(pending)
    lines = sorted(_line(one, masked=one["address"] in unknown) for one in changes)
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _line(one: Change, *, masked: bool) -> str:
    after = {PENDING: True} if masked or is_pending(one["after"]) else one["after"]
    facts = [one["action"], one["address"], one["siren"], one["before"], after]
    return json.dumps(facts, sort_keys=True, separators=(",", ":"))
