# SPDX-License-Identifier: GPL-3.0-or-later
"""What state the lab is in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bastide.lab.layout import read_layout
from bastide.lab.machine import check_machine
from bastide.lab.podman import Podman
from bastide.lab.readiness import silent_ports


@dataclass(frozen=True, slots=True)
class HostStatus:
    """One host: is there a container, does it run, which TCP ports take no connection."""

    name: str
    group: str
    address: str
    container: str
    state: Literal["running", "stopped", "missing"]
    silent_ports: tuple[int, ...]

    @property
    def ready(self) -> bool:
        """Runs, and answers on every port."""
        return self.state == "running" and not self.silent_ports


def status(root: Path) -> list[HostStatus]:
    """The hosts of the lab of `root`, in the order of its inventory.

    Raises:
        RunFailed: the machine lacks something, or the inventory cannot be used (L6xx).
    """
    check_machine()
    lab = read_layout(root)
    containers = Podman(lab).containers(lab)
    found = []
    for host in lab.hosts:
        container = lab.container(host)
        state: Literal["running", "stopped", "missing"] = "missing"
        if container in containers:
            state = "running" if containers[container]["State"] == "running" else "stopped"
        silent = silent_ports(host) if state == "running" else list(host.ports)
        found.append(
            HostStatus(host.name, host.group, host.address, container, state, tuple(silent))
        )
    return found
