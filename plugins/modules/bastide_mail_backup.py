#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Back up what a mail host keeps beside the mail, or put it back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_backup
short_description: Back up what a mail host keeps beside the mail, or put a backup back
version_added: "0.1.0"
description:
  - C(backup) writes one archive with the mail directory, DKIM keys, filters, subscriptions, rights
    on folders, the databases of webmail and groupware, Redis and the secret of postsrsd, reads it
    again and removes the oldest ones.
  - C(restore) puts an archive back on a host that the roles made and that holds nothing yet. Every
    sum is compared before anything is touched.
options:
  do:
    description: What to do.
    type: str
    choices: [backup, restore]
    required: true
  host:
    description: Name of this host in the inventory, which the archive bears.
    type: str
    required: true
  folder:
    description: For C(backup), where archives lie.
    type: path
    default: /var/lib/bastide/backups
  kept:
    description: For C(backup), how many archives of this host stay.
    type: int
    default: 7
  archive:
    description: For C(restore), path of the archive on this host.
    type: path
  parts:
    description: For C(restore), only these parts. Empty means all that the archive has.
    type: list
    elements: str
    default: []
  force:
    description: For C(restore), also over a mail directory that is not empty, or of another host.
    type: bool
    default: false
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
- name: Back up this mail host
  bastide_mail_backup:
    do: backup
    host: "{{ inventory_hostname }}"
"""

RETURN = r"""
backup:
  description: File, SHA-256, bytes, parts, missing parts, versions and the archives removed.
  returned: for backup
  type: dict
restored:
  description: Number of files put back, by part.
  returned: for restore
  type: dict
waiting:
  description: Number of files whose mail folder is not on this host, by part.
  returned: for restore
  type: dict
former:
  description: Copy of the mail directory that was replaced; empty for none.
  returned: for restore
  type: str
manifest:
  description: What the archive says of itself.
  returned: for restore
  type: dict
"""

from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_mailbackup as mailbackup
from ansible.module_utils import bastide_mailparts as mailparts
from ansible.module_utils import bastide_mailrestore as mailrestore
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_backupfile import Writer
from ansible.module_utils.bastide_files import HostError, explain, service_lock

LOCK = Path("/var/lib/bastide/mail/lock")


def back_up(given: dict[str, Any]) -> dict[str, Any]:
    """Make an archive; what its manifest says.  HostError when it is not whole."""
    folder = Path(given["folder"])

    def fill(writer: Writer, staging: Path) -> dict[str, Any]:
        # An apply writes these two together; it need not wait for the rest.
        with service_lock(LOCK, given["lock_timeout"]):
            missing = mailparts.gather(mailparts.TOGETHER, writer, staging)
        missing |= mailparts.gather(mailparts.OTHERS, writer, staging)
        counts = mailparts.count_of(staging / mailparts.DIRECTORY)
        return {**counts, "missing": missing, "versions": mailparts.versions()}

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with service_lock(folder / ".lock", given["lock_timeout"]):
        return mailbackup.make(folder, given["host"], given["kept"], fill)


def put_back(given: dict[str, Any]) -> dict[str, Any]:
    """Put an archive back; what became of its parts.  HostError when it cannot be."""
    if not given["archive"]:
        raise HostError("restore needs an archive")
    archive, parts = Path(given["archive"]), given["parts"]
    with service_lock(LOCK, given["lock_timeout"]):
        return mailrestore.restore(archive, given["host"], parts, force=given["force"])


def main() -> None:
    """Run as an Ansible module."""
    arguments: dict[str, Any] = {
        "do": {"type": "str", "required": True, "choices": ["backup", "restore"]},
        "host": {"type": "str", "required": True},
        "folder": {"type": "path", "default": "/var/lib/bastide/backups"},
        "kept": {"type": "int", "default": 7},
        "archive": {"type": "path"},
        "parts": {"type": "list", "elements": "str", "default": []},
        "force": {"type": "bool", "default": False},
        "lock_timeout": {"type": "int", "default": 60},
    }
    module = AnsibleModule(argument_spec=arguments)
    try:
        if module.params["do"] == "backup":
            result = {"backup": back_up(module.params)}
        else:
            result = put_back(module.params)
    except HostError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=explain(error))
    module.exit_json(changed=True, **result)


if __name__ == "__main__":
    main()
