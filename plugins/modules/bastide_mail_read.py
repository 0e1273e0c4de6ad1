#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the messages that came to one mailbox since the last look."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_read
short_description: Give the new messages of one mailbox
version_added: "0.1.0"
description:
  - Gives messages of a mailbox of the platform, oldest first, that came after those it gave before.
  - Nothing is marked, moved or removed, and no password is needed.
options:
  address:
    description: Address of the mailbox.
    type: str
    required: true
  folders:
    description: Folders to read; one that does not exist is empty.
    type: list
    elements: str
    default: [INBOX, Junk]
  after:
    description: >-
      What was given before, by folder, C(validity) (UIDVALIDITY) and C(uid), the last one. A folder
      with another UIDVALIDITY is read from its beginning.
    type: dict
    default: {}
  most:
    description: Messages to give at once.
    type: int
    default: 1000
  most_bytes:
    description: Bytes after which no further message is given.
    type: int
    default: 8000000
  largest:
    description: Bytes of a message beyond which its content is not given.
    type: int
    default: 20000000
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Read the reports that have come
  bastide_mail_read:
    address: dmarc@cahors.fr
    after: {INBOX: {validity: 1750000000, uid: 41}}
"""

RETURN = r"""
present:
  description: Whether this host has the mailbox.
  returned: success
  type: bool
messages:
  description: >-
    C(folder), C(validity), C(uid) and C(content) (Base64) of each; the content of one that is too
    large is null.
  returned: success
  type: list
more:
  description: Whether there are more to give.
  returned: success
  type: bool
"""

import base64
from collections.abc import Iterator
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_preauth as preauth
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_files import HostError, explain
from ansible.module_utils.bastide_mailbox import checked_address


def read(given: dict[str, Any]) -> dict[str, Any]:
    """Read it; the module's result.

    Raises:
        HostError: The address is none, or Dovecot does not open the mailbox.
    """
    address = checked_address(given["address"])
    with directory.opened(read_only=True) as connection:
        query = "SELECT count(*) FROM mailbox WHERE address = ?"
        (present,) = connection.execute(query, (address,)).fetchone()
    if not present:
        return {"present": False, "messages": [], "more": False}
    messages: list[dict[str, Any]] = []
    size = 0
    with preauth.opened(address) as imap:
        for one in _new(imap, given):
            if len(messages) >= given["most"] or size >= given["most_bytes"]:
                return {"present": True, "messages": messages, "more": True}
            length = imap.size(one["uid"])
            content = None
            if length is not None and length <= given["largest"]:
                content = imap.message(one["uid"])
                size += length
            if length is not None:
                text = None if content is None else base64.b64encode(content).decode()
                messages.append({**one, "content": text})
    return {"present": True, "messages": messages, "more": False}


def _new(imap: preauth.Unread, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Folder, UIDVALIDITY and UID of each message that was not given before."""
    for folder in given["folders"]:
        opened = imap.examine(folder)
        if opened is None:
            continue
        validity, following = opened
        before = given["after"].get(folder) or {}
        same = before.get("validity") == validity
        for uid in imap.uids(int(before["uid"]) if same else 0, following):
            yield {"folder": folder, "validity": validity, "uid": uid}


def main() -> None:
    """Run as an Ansible module."""
    arguments: dict[str, Any] = {
        "address": {"type": "str", "required": True},
        "folders": {"type": "list", "elements": "str", "default": ["INBOX", "Junk"]},
        "after": {"type": "dict", "default": {}},
        "most": {"type": "int", "default": 1000},
        "most_bytes": {"type": "int", "default": 8_000_000},
        "largest": {"type": "int", "default": 20_000_000},
    }
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    try:
        result = read(module.params)
    except HostError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=explain(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
