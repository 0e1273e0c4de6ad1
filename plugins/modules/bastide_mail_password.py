#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set the password of one mailbox."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_password
short_description: Set the password of one mailbox
version_added: "0.1.0"
description:
  - Sets the password hash of a mailbox that is declared, and makes Dovecot forget the old one.
  - Passwords stand in no charter; this is how a credential reaches the mail host.
options:
  address:
    description: Address of the mailbox.
    type: str
    required: true
  password_hash:
    description: Hash with its scheme in front, as C(doveadm pw) prints it.
    type: str
    required: true
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
- name: Set the password of the town hall's mailbox
  bastide_mail_password:
    address: mairie@cahors.fr
    password_hash: "{{ vault_mairie_cahors }}"
"""

RETURN = r"""
address:
  description: The mailbox.
  returned: success
  type: str
"""

import re
import sqlite3

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_groupware as groupware
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_doveadm import forget_logins, note_logins
from ansible.module_utils.bastide_files import HostError, explain, service_lock
from ansible.module_utils.bastide_mailbox import LOCK, checked_address, declared_mailbox
from ansible.module_utils.bastide_reconcile import change

# {SCHEME}hash; the clear schemes are not for us.
HASH = re.compile(r"\{(?!PLAIN|CLEAR)[A-Z0-9.-]{2,30}\}[!-~]{8,500}\Z")


def set_password(address: str, password_hash: str, *, check_mode: bool) -> tuple[bool, list[str]]:
    """Set it.

    Returns:
        Whether it changes, and warnings.

    Raises:
        HostError: The address is no declared mailbox, or the hash is none.
    """
    checked_address(address)
    if not HASH.match(password_hash):
        raise HostError("the password is not a hash with its scheme, as doveadm pw prints it")
    with directory.opened(read_only=check_mode) as connection:
        found = declared_mailbox(connection, address)
        changed = found.password != password_hash
        if check_mode:
            return changed, []
        if changed:
            _write(connection, address, password_hash, found.state)
        return changed, forget_logins(connection) + groupware.follow()


def _write(connection: sqlite3.Connection, address: str, password_hash: str, state: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    statement = "UPDATE mailbox SET password = ? WHERE address = ?"
    connection.execute(statement, (password_hash, address))
    same = {"state": state}  # sessions go on; only the cached login must go
    note_logins(connection, [change("update", f"mailbox:{address}", "", same, same)])
    connection.execute("COMMIT")


def main() -> None:
    """Run as an Ansible module."""
    arguments = {
        "address": {"type": "str", "required": True},
        "password_hash": {"type": "str", "required": True, "no_log": True},
        "lock_timeout": {"type": "int", "default": 60},
    }
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    address, secret = module.params["address"], module.params["password_hash"]
    try:
        if module.check_mode:
            changed, warnings = set_password(address, secret, check_mode=True)
        else:
            with service_lock(LOCK, module.params["lock_timeout"]):
                changed, warnings = set_password(address, secret, check_mode=False)
    except HostError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=explain(error))
    for warning in warnings:
        module.warn(warning)
    module.exit_json(changed=changed, address=address)


if __name__ == "__main__":
    main()
