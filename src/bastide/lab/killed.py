# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that were killed together with their monitor: podman still takes them for running.

conmon(8) waits for a container's first process and notes its exit code in a file; podman believes
that file alone.  Where both were killed, or the machine lost its power and /run is on a disk, the
file is never written, and podman can neither start such a container nor enter it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

# libpod's `TmpDir` for root, as conmon is given it by --exit-dir.
_EXITS = Path("/run/libpod/exits")
_KILLED = "137"  # 128 + SIGKILL
_WITH_A_PROCESS = ("running", "paused", "stopping")


def was_killed(container: dict[str, Any], proc: Path = Path("/proc")) -> bool:
    """Whether `container`, as in podman-ps(1), has lost the process that it is said to have.

    Its number may be another process's by now: the control group bears the container's name. One
    that nobody has waited for, a zombie, is dead as well.
    """
    if container["State"] not in _WITH_A_PROCESS:
        return False
    process = proc / str(container["Pid"])
    try:
        groups = (process / "cgroup").read_text(encoding="utf-8")
        status = (process / "status").read_text(encoding="utf-8")
    except OSError:
        return True
    return f"libpod-{container['Id']}" not in groups or "\nState:\tZ" in status


def note_exit(container: dict[str, Any], exits: Path = _EXITS) -> None:
    """Write what conmon would have written, so that podman sees what is; its data stays."""
    if exits.is_dir():
        (exits / container["Id"]).write_text(_KILLED, encoding="ascii")
