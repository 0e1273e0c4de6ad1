# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine offers for containers, and what it lacks."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from bastide.diagnostics import Diagnostic, RunFailed, diagnose
from bastide.lab.kinds import NOT_ROOT, TOOLS_MISSING

# Program -> Debian package. netavark is no program on PATH: podman calls it from here.
_TOOLS = {
    "podman": "podman",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "iptables": "iptables",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
_NETAVARK = ("/usr/lib/podman/netavark", "/usr/libexec/podman/netavark")
_CGROUPS = Path("/sys/fs/cgroup")
_CAP_SYS_RESOURCE = 24  # capability.h


def check_machine() -> None:
    """Make sure that the lab can run here.

    Raises:
        RunFailed: not root (L601), or programs are missing (L602, with the way to install them).
    """
    findings: list[Diagnostic] = []
    if os.geteuid() != 0:
        findings.append(diagnose(NOT_ROOT, ""))
    missing = {tool: package for tool, package in _TOOLS.items() if not shutil.which(tool)}
    if not any(Path(path).exists() for path in _NETAVARK):
        missing["netavark"] = "netavark aardvark-dns"
    if _hybrid_cgroups():
        if not shutil.which("runc"):
            missing["runc"] = "runc"
    elif not shutil.which("crun") and not shutil.which("runc"):
        missing["crun"] = "crun"
    if missing:
        packages = " ".join(sorted(set(missing.values())))
        findings.append(
            diagnose(TOOLS_MISSING, "", tools=", ".join(sorted(missing)), packages=packages)
        )
    if findings:
        raise RunFailed(*findings)


def containers_conf() -> str | None:
    """Settings that podman needs on this machine, as in containers.conf(5); None when none are.

    crun refuses hybrid cgroups, and asks for limits that only CAP_SYS_RESOURCE may raise.
    """
    hybrid, limited = _hybrid_cgroups(), not _may_raise_limits()
    if not hybrid and not limited:
        return None
    lines = ["# Written by bastide lab: what this machine needs."]
    if limited:
        lines += ["[containers]", 'default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]']
    if hybrid:
        lines += ["[engine]", 'runtime = "runc"']
    return "\n".join(lines) + "\n"


def ansible_playbook() -> str:
    """The ansible-playbook that goes with this Python, else the one on PATH."""
    beside = Path(sys.executable).parent / "ansible-playbook"
    return str(beside) if beside.exists() else "ansible-playbook"


def _hybrid_cgroups() -> bool:
    return not (_CGROUPS / "cgroup.controllers").exists()


def _may_raise_limits() -> bool:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> _CAP_SYS_RESOURCE & 1)
    return True
