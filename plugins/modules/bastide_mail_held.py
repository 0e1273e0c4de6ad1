#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say whose mail lies on this host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_held
short_description: Whose mailboxes a mail host holds
version_added: "0.1.0"
description:
  - Reads the mail directory and changes nothing.
  - Asked of every mail host before any is converged, where there are several, so that none makes
    an empty mailbox for mail that lies on another.
attributes:
  check_mode: {support: full}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Ask whose mail lies here
  bastide_mail_held: {}
  register: held
"""

RETURN = r"""
sirens:
  description: SIREN of the collectivities whose mailboxes are here, sorted.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_files import HostError
from ansible.module_utils.bastide_remote import held_here


def main() -> None:
    """Run as an Ansible module."""
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        with directory.opened(read_only=True) as connection:
            sirens = held_here(connection)
    except HostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, sirens=sirens)


if __name__ == "__main__":
    main()
