#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the unusual lines of this host's journal."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_host_journal
short_description: Give the unusual lines of a host's journal
version_added: "0.1.0"
description:
  - Gives lines of priority warning or worse, and those whose words tell of a failure, but for
    what is known to be harmless; lines that differ by their numbers alone count as one.
options:
  hours:
    description: How far to look back.
    type: int
    default: 24
  most:
    description: Lines to give; the most frequent come first.
    type: int
    default: 100
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Look at the journal of the last day
  bastide_host_journal:
    hours: 24
"""

RETURN = r"""
unusual:
  description: C(program), C(priority), C(message) and C(count) of each.
  returned: success
  type: list
more:
  description: How many more there are.
  returned: success
  type: int
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_files import HostError, run, words
from ansible.module_utils.bastide_journals import HARMLESS, journalctl, read_entries, unusual


def look(hours: int, most: int) -> dict[str, Any]:
    """Look; the module's result.  HostError when there is no journal to read."""
    done = run(journalctl(datetime.now(UTC) - timedelta(hours=hours)))
    if done.returncode != 0:
        raise HostError(f"journalctl: {words(done)}")
    lines = done.stdout.decode(errors="replace").splitlines()
    found = unusual(read_entries("", lines), HARMLESS)
    shown = [
        {
            "program": one.first.program,
            "priority": one.first.priority,
            "message": one.first.message,
            "count": one.count,
        }
        for one in found[:most]
    ]
    return {"unusual": shown, "more": max(0, len(found) - most)}


def main() -> None:
    """Run as an Ansible module."""
    arguments: dict[str, Any] = {
        "hours": {"type": "int", "default": 24},
        "most": {"type": "int", "default": 100},
    }
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    try:
        result = look(module.params["hours"], module.params["most"])
    except HostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
