# SPDX-License-Identifier: GPL-3.0-or-later
"""Knowing that a host is up: systemd inside is asked, and its ports from outside; no guessing."""

from __future__ import annotations

import socket
import time

from bastide.diagnostics import RunFailed, diagnose
from bastide.lab.kinds import NOT_READY
from bastide.lab.layout import Host
from bastide.lab.podman import Podman

# With two labs starting on two cores, systemd was seen to need more than one minute.
BOOT_SECONDS = 180
POWER_OFF_SECONDS = 30
_POLL_SECONDS = 0.1

# systemd's private socket appears some tenths of a second after the container.
_BOOTED = """
until [ -S /run/systemd/private ]; do sleep 0.1; done
state=$(systemctl is-system-running --wait)
[ "$state" = running ] || systemctl --failed --plain --no-legend --no-pager
"""


def wait_booted(podman: Podman, host: Host, container: str) -> None:
    """Wait until systemd has started everything.

    Raises:
        RunFailed: units failed, or it takes too long (L607).
    """
    done = podman.attempt("exec", container, "timeout", str(BOOT_SECONDS), "sh", "-c", _BOOTED)
    failed = done.stdout.strip()
    if done.returncode != 0 or failed:
        error = failed.replace("\n", "; ") or done.stderr.strip() or "systemd does not answer"
        _not_ready(host, container, error)


def wait_ports(host: Host, container: str) -> None:
    """Wait until every port of `host` answers.

    Raises:
        RunFailed: some stay silent (L607).
    """
    deadline = time.monotonic() + BOOT_SECONDS
    while silent := silent_ports(host):
        if time.monotonic() > deadline:
            ports = ", ".join(map(str, silent))
            _not_ready(host, container, f"no answer on port {ports}")
        time.sleep(_POLL_SECONDS)  # between two looks at the ports


def silent_ports(host: Host) -> list[int]:
    """Ports of `host` that take no TCP connection now."""
    return [port for port in host.ports if not answers(host.address, port)]


def answers(address: str, port: int) -> bool:
    """Whether a TCP connection is taken, within a second."""
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def power_off(podman: Podman, container: str) -> None:
    """Shut `container` down as a machine is: podman-stop(1) would time out on systemd."""
    podman.attempt("exec", container, "systemctl", "poweroff")
    deadline = time.monotonic() + POWER_OFF_SECONDS
    while _runs(podman, container):
        if time.monotonic() > deadline:
            podman.attempt("kill", container)
            return
        time.sleep(_POLL_SECONDS)  # between two looks at the container


def _runs(podman: Podman, container: str) -> bool:
    done = podman.attempt("container", "inspect", "--format", "{{.State.Running}}", container)
    return done.stdout.strip() == "true"


def _not_ready(host: Host, container: str, error: str) -> None:
    raise RunFailed(
        diagnose(
            NOT_READY,
            "",
            host=host.name,
            container=container,
            seconds=BOOT_SECONDS,
            error=error,
        )
    )
