# SPDX-License-Identifier: GPL-3.0-or-later
"""One apply at a time for an environment; whoever waits is told for whom."""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bastide.diagnostics import RunFailed, Severity, declare, diagnose

HELD = declare(
    "A511",
    Severity.ERROR,
    en="another apply holds the lock: {holder}",
    fr="un autre apply tient le verrou : {holder}",
    hint_en="waited {seconds} s; run again once it has ended",
    hint_fr="attendu {seconds} s ; relancez quand il aura fini",
)
_POLL = 0.2
# Who took the lock this instant has not yet written who they are.
_NAMELESS, _PATIENCE = "unknown", 1.0


def who() -> str:
    """``user@host``, as the journal and the lock name a person."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


@contextlib.contextmanager
def run_lock(
    path: Path, wait: float, on_wait: Callable[[str], None] | None = None
) -> Iterator[int]:
    """Hold the lock at `path`; wait up to `wait` seconds, then ``RunFailed``.

    Gives the descriptor. The kernel lets go of the lock when every process that has it
    open has ended, however it ended: Ansible is given it, so that an apply whose engine was
    killed keeps the lock until what it had begun is over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        began = time.monotonic()
        deadline = began + wait
        told = False
        while not _try(file.fileno()):
            file.seek(0)
            holder = _describe(file.read())
            if time.monotonic() >= deadline:
                raise RunFailed(diagnose(HELD, str(path), holder=holder, seconds=round(wait)))
            named = holder != _NAMELESS or time.monotonic() - began > min(_PATIENCE, wait / 2)
            if on_wait and named and not told:
                on_wait(holder)
                told = True
            time.sleep(_POLL)
        file.truncate(0)
        file.write(json.dumps({"who": who(), "pid": os.getpid(), "since": _now()}))
        file.flush()
        yield file.fileno()
        file.truncate(0)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _describe(text: str) -> str:
    try:
        holder = json.loads(text)
        return f"{holder['who']}, process {holder['pid']}, since {holder['since']}"
    except (ValueError, TypeError, KeyError):
        return _NAMELESS


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")
