#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archive one suspended mailbox, put it back, or remove its mail."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_archive
short_description: Archive, restore or purge one suspended mailbox
version_added: "0.1.0"
description:
  - C(archive) keeps mail, flags, UIDs and Sieve scripts in one file, reads it again and counts.
  - C(restore) puts an archive back where nothing lies, and compares.
  - C(purge) removes the mail of a mailbox after its grace, when its archive, read again, holds
    the same. It is never part of a run that archives.
options:
  do:
    description: What to do.
    type: str
    choices: [archive, restore, purge]
    required: true
  address:
    description: Address of the mailbox, which is suspended.
    type: str
    required: true
  folder:
    description: Where archives lie.
    type: path
    default: /var/lib/bastide/archives
  messages:
    description: For C(purge), the number of messages in the archive, which a person has typed.
    type: int
    default: -1
  grace_days:
    description: For C(purge), how long a mailbox stays after it was suspended.
    type: int
    default: 90
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
attributes:
  check_mode: {support: none}
  diff_mode: {support: none}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Archive a mailbox that is no longer used
  bastide_mail_archive:
    do: archive
    address: ancien@cahors.fr
"""

RETURN = r"""
archive:
  description: File, SHA-256, number of messages, fingerprint and time of the archive.
  returned: success
  type: dict
"""

from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_mailarchive as mailarchive
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_files import HostError, explain, service_lock
from ansible.module_utils.bastide_share import is_address

LOCK = Path("/var/lib/bastide/mail/lock")


def act(given: dict[str, Any]) -> dict[str, Any]:
    """Do it; what is noted of the archive.  HostError when something stands in the way."""
    if not is_address(given["address"]):
        raise HostError(f"{given['address']!r} is no address of a mailbox")
    with directory.opened(read_only=False) as connection:
        box = mailarchive.suspended_box(connection, given["address"])
        if given["do"] == "archive":
            return mailarchive.archive(connection, box, Path(given["folder"]))
        if given["do"] == "restore":
            return mailarchive.restore(connection, box)
        return mailarchive.purge(connection, box, given["messages"], given["grace_days"])


def main() -> None:
    """Run as an Ansible module."""
    arguments: dict[str, Any] = {
        "do": {"type": "str", "required": True, "choices": ["archive", "restore", "purge"]},
        "address": {"type": "str", "required": True},
        "folder": {"type": "path", "default": "/var/lib/bastide/archives"},
        "messages": {"type": "int", "default": -1},
        "grace_days": {"type": "int", "default": 90},
        "lock_timeout": {"type": "int", "default": 60},
    }
    module = AnsibleModule(argument_spec=arguments)
    try:
        with service_lock(LOCK, module.params["lock_timeout"]):
            noted = act(module.params)
    except HostError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=explain(error))
    module.exit_json(changed=True, archive=noted)


if __name__ == "__main__":
    main()
