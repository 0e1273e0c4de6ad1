# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed network of the lab, and the open one on which images are built."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import subprocess
from collections.abc import Iterator

from bastide.diagnostics import RunFailed, diagnose
from bastide.lab.kinds import ADDRESS_TAKEN, COMMAND_FAILED
from bastide.lab.layout import Lab
from bastide.lab.podman import Podman


def ensure_closed(podman: Podman, lab: Lab) -> None:
    """Make the lab's network: internal, which means that its containers get no way out.

    Raises:
        RunFailed: its addresses are taken, or a network of this name is not like that (L608).
    """
    found = podman.attempt("network", "inspect", lab.network)
    if found.returncode == 0:
        network = json.loads(found.stdout)[0]
        subnets = [one["subnet"] for one in network.get("subnets", [])]
        if subnets != [lab.subnet] or not network.get("internal"):
            error = f"network {lab.network} exists, is on {', '.join(subnets)}"
            raise RunFailed(diagnose(ADDRESS_TAKEN, "", subnet=lab.subnet, error=error))
        return
    made = podman.attempt(
        *("network", "create", "--internal", "--disable-dns", "--subnet", lab.subnet, lab.network)
    )
    if made.returncode != 0:
        raise RunFailed(diagnose(ADDRESS_TAKEN, "", subnet=lab.subnet, error=made.stderr.strip()))


def reach_closed(podman: Podman, lab: Lab) -> None:
    """Give this machine an address on the lab's network, so that it reaches the containers.

    An internal network gets none from podman. The containers still have no route out: they know
    their own network and nothing else. The bridge comes and goes with the containers, so this is
    done after every start.

    Raises:
        RunFailed: the address cannot be given (L603).
    """
    network = json.loads(podman.run("network", "inspect", lab.network))[0]
    subnet = ipaddress.IPv4Network(lab.subnet)
    address = f"{subnet[1]}/{subnet.prefixlen}"
    command = ["ip", "address", "replace", address, "dev", network["network_interface"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        error = done.stderr.strip()
        raise RunFailed(diagnose(COMMAND_FAILED, "", command=" ".join(command), error=error))


@contextlib.contextmanager
def way_out(podman: Podman, lab: Lab) -> Iterator[None]:
    """A network with a way out, for as long as images are built."""
    if podman.attempt("network", "exists", lab.build_network).returncode != 0:
        podman.run("network", "create", "--disable-dns", lab.build_network)
    try:
        yield
    finally:
        podman.attempt("network", "rm", "--force", lab.build_network)


def remove_networks(podman: Podman, lab: Lab) -> None:
    """Remove both."""
    podman.run("network", "rm", "--force", lab.network)
    podman.attempt("network", "rm", "--force", lab.build_network)
