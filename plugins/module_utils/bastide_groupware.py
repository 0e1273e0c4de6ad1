# SPDX-License-Identifier: GPL-3.0-or-later
"""The groupware of a mail host follows the mail directory, where the role sogo put one.

A program of that role does the work on the host, so that whoever sets a password there can call
it too: hashes go from the mail directory to SOGo's table of users and pass through nobody.
"""

from __future__ import annotations

import json
from pathlib import Path

from ansible.module_utils.bastide_files import HostError, run, words

PROGRAM = Path("/usr/local/lib/bastide/groupware_users.py")

# What failed, when it does not follow.
ADDRESS = "groupware:users"

_DEAF = "the groupware does not follow the mail directory"

# What the program keeps, by the name it counts it under.
KEPT = {"users": "sogo:bastide_users", "links": "/var/lib/bastide/mail/shared"}


def differing() -> tuple[list[str], list[str]]:
    """What is not as the mail directory says, and what to warn of when that cannot be known."""
    return _asked("--check")


def follow() -> list[str]:
    """Bring the groupware to what the mail directory says; what to warn of when it is deaf.

    Nothing else waits for it: mail goes on without calendars, and the next run finds the same
    difference again.
    """
    return _asked()[1]


def _asked(*options: str) -> tuple[list[str], list[str]]:
    if not PROGRAM.exists():
        return [], []
    try:
        done = run(["/usr/bin/python3", "-I", str(PROGRAM), *options])
        counts = json.loads(done.stdout) if done.returncode == 0 else None
    except (HostError, ValueError) as error:
        return [], [f"{_DEAF}: {error}"]
    if counts is None:
        return [], [f"{_DEAF}: {words(done)}"]
    return [name for key, name in KEPT.items() if counts.get(key)], []
