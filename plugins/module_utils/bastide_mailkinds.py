# SPDX-License-Identifier: GPL-3.0-or-later
"""What the share may say of a mail domain, a mailbox, an alias: the form of each kind's body."""

from __future__ import annotations

import re

from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_remote as remote
from ansible.module_utils.bastide_directory import COLLABORATIVE
from ansible.module_utils.bastide_reconcile import Body
from ansible.module_utils.bastide_share import is_address, is_domain, is_target
from ansible.module_utils.bastide_succession import HOLDER, OPTIONAL, RENAMED

MOST_BYTES = 2**53
STATES = ("active", "suspended")
DELIVERIES = ("keep", "bounce")
FIELDS = ("quota", "state", "delivery")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def check_domain(_name: str, body: Body) -> str | None:
    """Why a mail domain of the share is not acceptable, None when it is."""
    # Without one the domain has no key of its own: the platform's sign for it (bastide_signing).
    selector = body.get("selector", "x")
    good = (
        isinstance(selector, str) and dkim.SELECTOR.match(selector) and body.keys() <= {"selector"}
    )
    return None if good else "its selector is none"


def check_mailbox(_name: str, body: Body) -> str | None:
    """Why a mailbox of the share is not acceptable, None when it is."""
    try:
        quota, state, delivery = body["quota"], body["state"], body["delivery"]
    except KeyError as error:
        return f"needs {error}"
    if type(quota) is not int or not 0 <= quota <= MOST_BYTES:
        return "its quota is no number of bytes"
    if state not in STATES or delivery not in DELIVERIES:
        return "its state or its delivery is none that a mailbox has"
    if not is_address(body.get(RENAMED, "a@x.fr")) or not DAY.match(body.get(HOLDER, "2026-01-01")):
        return "its former address or the day of its new holder is none"
    if type(body.get(COLLABORATIVE, False)) is not bool:
        return "is neither collaborative nor classic"
    known = {*FIELDS, COLLABORATIVE, *OPTIONAL}
    return None if body.keys() <= known else f"has other fields than {', '.join(sorted(known))}"


def check_relay(_name: str, body: Body) -> str | None:
    """Why a mailbox elsewhere is not acceptable, None when it is."""
    if body.keys() != {"to", "state", "delivery"}:
        return "needs to, state and delivery"
    if not is_domain(body["to"]):
        return "the host that it is on is none"
    if body["state"] not in STATES or body["delivery"] not in DELIVERIES:
        return "its state or its delivery is none that a mailbox has"
    return None


def check_alias(_name: str, body: Body) -> str | None:
    """Why an alias of the share is not acceptable, None when it is."""
    targets = body.get("targets")
    if not isinstance(targets, list) or not targets or not all(map(is_target, targets)):
        return "its targets are no list of addresses"
    return None if targets == sorted(targets) else "its targets are not sorted"


# What judges the bodies of the share, by kind.
KINDS = {
    "maildomain": check_domain,
    "mailbox": check_mailbox,
    "alias": check_alias,
    "relay": check_relay,
    remote.KIND: remote.check_remote,
}
