#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do one step of a move of mailboxes from one mail host to another."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_move
short_description: One step of bringing a collectivity's mailboxes to another mail host
version_added: "0.1.0"
description:
  - C(bastide mail move) calls it on the source and on the target, in an order that leaves every
    mailbox on one of them whenever it is killed. Every step may be done again.
options:
  do:
    description: >-
      The step. C(list) tells what a collectivity has here; C(fetch) brings the mail here from
      O(source); C(close) and C(open) end and begin logins and delivery; C(compare) gives
      fingerprints and filters; C(take) makes the mailboxes this host's, C(give) those of O(target).
    type: str
    required: true
    choices: [list, fetch, close, compare, take, give, open]
  siren:
    description: Whose mailboxes to list.
    type: str
    default: ""
  boxes:
    description: What C(list) gave, as JSON text.
    type: str
    default: "[]"
  hashes:
    description: Password hash by uuid.
    type: dict
    default: {}
  scripts:
    description: What C(compare) gave of the filters, as JSON text.
    type: str
    default: "{}"
  source:
    description: Where the source's Dovecot answers dsync, C(name:port).
    type: str
    default: ""
  target:
    description: Name of the host that the mailboxes are given to.
    type: str
    default: ""
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Tell whose mailboxes are here
  bastide_mail_move:
    do: list
    siren: "214600421"
"""

RETURN = r"""
boxes:
  description: The mailboxes, without their passwords.
  returned: for list
  type: list
  elements: dict
hashes:
  description: Password hash by uuid.
  returned: for list
  type: dict
fingerprints:
  description: By uuid, SHA-256 over folders, UIDs, flags and sizes, and the number of messages.
  returned: for compare
  type: dict
scripts:
  description: By uuid, the filters.
  returned: for compare
  type: dict
"""

import json
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_mailmove as move
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_files import HostError, explain, service_lock
from ansible.module_utils.bastide_mailcommit import prepare_tables, transaction

LOCK = Path("/var/lib/bastide/mail/lock")


def act(given: dict[str, Any]) -> dict[str, Any]:
    """Do the step; HostError when something stands in the way."""
    do, boxes = given["do"], move.boxes_from(given["boxes"], given["hashes"])
    with directory.opened(read_only=False) as connection:
        if do == "list":
            found = move.boxes_here(connection, given["siren"])
            hashes = {b["uuid"]: b.pop("password") for b in found}
            known = {uuid: one for uuid, one in hashes.items() if one}
            return {"boxes": found, "hashes": known}
        if do == "fetch":
            move.prepare(connection, boxes)
            move.fetch(boxes, given["source"])
        elif do == "close":
            move.close(connection, boxes)
        elif do == "open":
            move.open_again(connection, boxes)
        elif do == "compare":
            return {"fingerprints": move.fingerprints(boxes), "scripts": move.scripts_of(boxes)}
        else:
            _hand_over(connection, given, boxes)
    return {}


def _hand_over(connection: Any, given: dict[str, Any], boxes: list[move.Box]) -> None:
    if given["do"] == "take":
        move.put_scripts(boxes, json.loads(given["scripts"]))
    with transaction(connection):
        if given["do"] == "take":
            move.take(connection, boxes)
        else:
            move.give(connection, boxes, given["target"])
        prepare_tables(connection)
    objection = postmaps.put_in_place()
    if objection:
        raise HostError(f"Postfix: {objection}")
    move.forget(boxes)


def main() -> None:
    """Run as an Ansible module."""
    arguments: dict[str, Any] = {
        "do": {
            "type": "str",
            "required": True,
            "choices": ["list", "fetch", "close", "compare", "take", "give", "open"],
        },
        "siren": {"type": "str", "default": ""},
        "boxes": {"type": "str", "default": "[]"},
        "hashes": {"type": "dict", "default": {}, "no_log": True},
        "scripts": {"type": "str", "default": "{}"},
        "source": {"type": "str", "default": ""},
        "target": {"type": "str", "default": ""},
        "lock_timeout": {"type": "int", "default": 60},
    }
    module = AnsibleModule(argument_spec=arguments)
    try:
        with service_lock(LOCK, module.params["lock_timeout"]):
            facts = act(module.params)
    except HostError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=explain(error))
    module.exit_json(changed=module.params["do"] not in ("list", "compare"), **facts)


if __name__ == "__main__":
    main()
