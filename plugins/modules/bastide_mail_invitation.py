#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Note a link on which the user of a mailbox may choose a password, once."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_invitation
short_description: Let the user of one mailbox choose its password by a link
version_added: "0.1.0"
description:
  - Notes the digest of the secret that a link holds; the role mail_credentials serves the page.
  - Earlier links to the same mailbox that were not used are replaced.
  - The password that stands, if any, goes on until another one is chosen.
options:
  address:
    description: Address of the mailbox.
    type: str
    required: true
  digest:
    description: SHA-256 of the secret, 64 hex digits. The secret itself does not come here.
    type: str
    required: true
  hours:
    description: How long the link may be used.
    type: int
    default: 72
  renew:
    description: Whether the mailbox may have a password already.
    type: bool
    default: false
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Let the town hall choose its password
  bastide_mail_invitation:
    address: mairie@cahors.fr
    digest: "{{ secret | hash('sha256') }}"
"""

RETURN = r"""
expires_at:
  description: Until when the link may be used (ISO 8601, UTC).
  returned: success
  type: str
why:
  description: Why not, a word (C(absent), C(undeclared), C(suspended) or C(has-password)).
  returned: failure
  type: str
"""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_files import HostError, explain, service_lock
from ansible.module_utils.bastide_mailbox import LOCK, Refused, checked_address, declared_mailbox

DIGEST = re.compile(r"[0-9a-f]{64}\Z")
MOST_HOURS = 24 * 30
# A link that was used or ran out says so for this long; then nobody knows it any more.
REMEMBERED = timedelta(days=180)


def invite(address: str, digest: str, hours: int, *, renew: bool, check_mode: bool) -> str:
    """Note it.

    Returns:
        Until when it counts (ISO 8601, UTC).

    Raises:
        Refused: The mailbox is none to choose a password for.
        HostError: The address, the digest or the hours are none.
    """
    checked_address(address)
    if not DIGEST.match(digest) or not 1 <= hours <= MOST_HOURS:
        raise HostError(f"needs a SHA-256 and from 1 to {MOST_HOURS} hours")
    now = datetime.now(UTC)
    expires_at = _text(now + timedelta(hours=hours))
    with directory.opened(read_only=check_mode) as connection:
        key = _mailbox(connection, address, renew=renew)
        if not check_mode:
            _write(connection, key, digest, now, expires_at)
    return expires_at


def _mailbox(connection: sqlite3.Connection, address: str, *, renew: bool) -> str:
    found = declared_mailbox(connection, address)
    if found.state != "active":
        raise Refused("suspended", f"{address} is suspended")
    if found.password is not None and not renew:
        raise Refused("has-password", f"{address} has a password already")
    return found.uuid


def _write(
    connection: sqlite3.Connection, key: str, digest: str, now: datetime, expires_at: str
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "UPDATE invitation SET ended = 'replaced', ended_at = ? WHERE uuid = ? AND ended IS NULL",
        (_text(now), key),
    )
    connection.execute("DELETE FROM invitation WHERE expires_at < ?", (_text(now - REMEMBERED),))
    connection.execute(
        "INSERT INTO invitation (token, uuid, created_at, expires_at) VALUES (?, ?, ?, ?)",
        (digest, key, _text(now), expires_at),
    )
    connection.execute("COMMIT")


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def main() -> None:
    """Run as an Ansible module."""
    arguments: dict[str, Any] = {
        "address": {"type": "str", "required": True},
        "digest": {"type": "str", "required": True},
        "hours": {"type": "int", "default": 72},
        "renew": {"type": "bool", "default": False},
        "lock_timeout": {"type": "int", "default": 60},
    }
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    given = module.params
    try:
        with service_lock(LOCK, given["lock_timeout"]):
            expires_at = invite(
                given["address"],
                given["digest"],
                given["hours"],
                renew=given["renew"],
                check_mode=module.check_mode,
            )
    except Refused as error:
        module.fail_json(msg=str(error), why=error.why)
    except HostError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=explain(error))
    module.exit_json(changed=True, expires_at=expires_at)


if __name__ == "__main__":
    main()
