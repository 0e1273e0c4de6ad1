# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine of a Molecule scenario: one container of the lab's base image.

    machine.py up|down ROLE FOLDER

It has systemd, SSH and a network with a way out.  FOLDER gets the inventory, the keys and an
authority with the machine's certificate, as a lab has them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import yaml

from bastide.lab.access import enrol, ensure_key
from bastide.lab.certificates import ensure_certificates
from bastide.lab.image import base_image, ensure_base
from bastide.lab.layout import Host, Lab
from bastide.lab.podman import Podman
from bastide.lab.readiness import wait_booted

NAMES = ("machine.example", "webmail.example")


def up(role: str, folder: Path) -> None:
    """Start the machine and say in an inventory how it is reached."""
    lab = Lab(folder, "bastide-molecule", "", ())
    podman, container = Podman(lab), lab.name + "-" + role
    ensure_base(podman, print)
    podman.run(
        *("run", "--detach", "--replace", "--name", container, "--hostname", role),
        *("--systemd", "always", "--volume", "/var/lib/bastide", base_image(), "/sbin/init"),
    )
    shown = podman.run("inspect", "--format", "{{.NetworkSettings.IPAddress}}", container)
    host = Host(role, "machines", shown.strip(), (22,), NAMES)
    wait_booted(podman, host, container)
    ensure_key(lab)
    enrol(podman, lab, host, container)
    ensure_certificates(Lab(folder, lab.name, "", (host,)))
    (folder / "inventory.yml").write_text(yaml.safe_dump(inventory(lab, host)), encoding="utf-8")


def inventory(lab: Lab, host: Host) -> dict[str, object]:
    """The machine as Ansible sees it, with the variables that roles want of an inventory."""
    known = lab.files / "ssh" / "known_hosts"
    variables = {
        "ansible_host": host.address,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(lab.files / "ssh" / "key"),
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={known} -o IdentitiesOnly=yes",
        "tls_certificate_source": str(lab.files / "tls" / f"{host.name}.pem"),
        "tls_key_source": str(lab.files / "tls" / f"{host.name}.key"),
        "roundcube_authority_source": str(lab.files / "tls" / "ca.pem"),
    }
    return {"all": {"hosts": {host.name: variables}}}


def down(role: str, folder: Path) -> None:
    """Remove the machine; there need be none."""
    lab = Lab(folder, "bastide-molecule", "", ())
    Podman(lab).attempt("rm", "--force", "--volumes", "--time", "0", f"{lab.name}-{role}")


if __name__ == "__main__":
    os.umask(0o077)
    _, verb, wanted, place = sys.argv
    Path(place).mkdir(parents=True, exist_ok=True)
    {"up": up, "down": down}[verb](wanted, Path(place))
