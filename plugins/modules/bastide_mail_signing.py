#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go on with the platform's DKIM keys, as far as the world can see them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_signing
short_description: Sign with the DKIM keys that every name server gives, and with no others
version_added: "0.1.0"
description:
  - Comes after C(bastide_mail_directory), which noted what is asked for and made the first keys,
    and after C(bastide_zones), which published them.
  - Looks at the name servers and the clock and moves each generation of keys on as far as is safe.
    The next one signs once every name server gives it and no cache can hold what was there before;
    the former one stays published until what it signed has arrived.
  - A domain is signed for once its CNAMEs lead to the keys for everybody.
  - What changes in the zone by this is found by the next plan.
options:
  go_on:
    description: Whether to move on; else it only tells how far the keys have come.
    type: bool
    default: true
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
requirements: [openssl, python3-dnspython]
attributes:
  check_mode: {support: full}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Sign with the keys that the world can see
  bastide_mail_signing: {}
"""

RETURN = r"""
generations:
  description: Each generation of keys, with its place and the times of its steps.
  returned: always
  type: list
  elements: dict
signing:
  description: Number of the generation that signs, null for none.
  returned: always
  type: int
domains:
  description: How many domains it signs for.
  returned: always
  type: int
waiting:
  description: Domains whose CNAMEs are not there.
  returned: always
  type: list
  elements: str
wanted:
  description: What the share asked for last, null for nothing.
  returned: always
  type: dict
"""

import time
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_signing as signing
from ansible.module_utils import bastide_signlook as signlook
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_files import HostError, explain, service_lock
from ansible.module_utils.bastide_rotation import advance

LOCK = Path("/var/lib/bastide/mail/lock")


def go_on(state: signing.State) -> bool:
    """Move on as far as is safe; whether anything is other than before."""
    wanted = state.wanted
    if wanted is None:
        return False
    if not signlook.HAS_DNSPYTHON:
        raise HostError("python3-dnspython is not installed on this host")
    before, now = state.data, int(time.time())
    unsigned = [one for one in state.known if one.signs is None]
    seen = signlook.generations_seen(wanted, unsigned)
    former = state.known
    state.known = advance(former, wanted.generation, now, seen, wanted.pace)
    numbers = {one.number for one in former}
    for one in state.known:
        if one.number not in numbers:
            signing.make(wanted, one)
    places = {one.place for one in state.known}
    with directory.opened(read_only=True) as connection:
        selectors = directory.read_selectors(connection)
    mapped = _domains(state, set(selectors), now)
    # Killed between the two, the next run writes the map that the note asks for. A key is taken
    # off the zone by the next run at the earliest, when nothing signs with it any more.
    signing.save(state)
    own = {domain for domain, selector in selectors.items() if selector}
    changed = signing.write_map(mapped, own)
    for one in former:
        if one.place not in places:
            signing.remove(wanted, one.place)
    return changed or state.data != before


def _domains(state: signing.State, domains: set[str], now: int) -> dict[str, list[str]]:
    """Domain → selectors that are to sign for it; looks at those that nobody signs for yet."""
    wanted, current = state.wanted, state.signing
    if wanted is None or current is None:
        return {}
    signed = domains & signing.signed_domains().keys()
    unsigned = domains - signed
    if unsigned:
        found, looked_at = signlook.domains_seen(wanted, unsigned)
        signed |= found
        state.waiting = sorted(looked_at - found)
        state.looked = now if looked_at == unsigned else 0
    else:
        state.waiting = []
    selectors = list(wanted.in_place(current.place).values())
    return dict.fromkeys(signed, selectors)


def outcome(state: signing.State, *, changed: bool) -> dict[str, Any]:
    """The result of the module."""
    current = state.signing
    data = state.data
    return {
        "changed": changed,
        "generations": data["generations"],
        "signing": current.number if current else None,
        "domains": len(signing.signed_domains()),
        "waiting": state.waiting,
        "wanted": data["wanted"],
    }


def main() -> None:
    """Run as an Ansible module."""
    arguments = {
        "go_on": {"type": "bool", "default": True},
        "lock_timeout": {"type": "int", "default": 60},
    }
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    try:
        if module.check_mode or not module.params["go_on"]:
            result = outcome(signing.read(), changed=False)
        else:
            with service_lock(LOCK, module.params["lock_timeout"]):
                state = signing.read()
                changed = go_on(state)
                result = outcome(state, changed=changed)
    except HostError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=explain(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
