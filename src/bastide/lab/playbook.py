# SPDX-License-Identifier: GPL-3.0-or-later
"""Running playbooks/platform.yml on one host of the lab."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile

from bastide.diagnostics import RunFailed, diagnose
from bastide.lab.digest import PLAYBOOK
from bastide.lab.kinds import CLOSED_UPDATE_FAILED, PLAYBOOK_FAILED
from bastide.lab.layout import Host, Lab
from bastide.lab.machine import ansible_playbook


def run_platform(lab: Lab, host: Host, *, online: bool) -> None:
    """Configure `host`; `online` says that it can reach Debian's mirrors now, and no other host.

    The whole output is kept in .bastide/lab/logs.

    Raises:
        RunFailed: a task failed (L605; L606 when offline, where a package cannot be fetched).
    """
    log = lab.files / "logs" / f"{host.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # Connections kept open end with this run: the next container of this address is another one.
    with tempfile.TemporaryDirectory(prefix="bastide-") as sockets, log.open("wb") as output:
        done = subprocess.run(
            [
                ansible_playbook(),
                "--inventory",
                str(lab.inventory),
                "--limit",
                host.name,
                "--extra-vars",
                json.dumps({"base_refresh_packages": online, "lab_alone": online}),
                str(lab.root / PLAYBOOK),
            ],
            cwd=lab.root,
            env={
                **os.environ,
                "ANSIBLE_CONFIG": str(lab.root / "ansible.cfg"),
                "ANSIBLE_INVENTORY_ENABLED": "yaml",
                "ANSIBLE_SSH_CONTROL_PATH_DIR": sockets,
                "ANSIBLE_NOCOLOR": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        kind = PLAYBOOK_FAILED if online else CLOSED_UPDATE_FAILED
        error = _first_error(log.read_text(encoding="utf-8", errors="replace"))
        raise RunFailed(diagnose(kind, "", host=host.name, error=error, log=log))


def _first_error(output: str) -> str:
    found = re.search(r"^(\[ERROR\]: .*|fatal: .*|.*UNREACHABLE!.*)$", output, re.MULTILINE)
    lines = output.strip().splitlines() or ["no output"]
    return (found.group(1) if found else lines[-1])[:300]
