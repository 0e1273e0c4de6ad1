# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab consists of, read from inventory/lab/hosts.yml."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from bastide.diagnostics import RunFailed, diagnose
from bastide.lab.kinds import INVENTORY_UNUSABLE


@dataclass(frozen=True, slots=True)
class Host:
    """One machine of the lab.

    `ports` are TCP ports that must answer before it counts as up; `names` go into its certificate;
    `image_of` is the host whose image it starts from; empty, as a rule, for its own. `after` is
    the host that must be ready before this one is configured; empty for none.
    """

    name: str
    group: str
    address: str
    ports: tuple[int, ...]
    names: tuple[str, ...]
    image_of: str = ""
    after: str = ""

    @property
    def mac(self) -> str:
        """A hardware address that goes with the address.

        A container made anew would else be unreachable until its neighbours forget the former
        one: some ten seconds of silence.
        """
        return "02:ba:" + ":".join(f"{int(byte):02x}" for byte in self.address.split("."))


@dataclass(frozen=True, slots=True)
class Lab:
    """The lab of one root: its name, its network, its hosts, and where its files lie."""

    root: Path
    name: str
    subnet: str
    hosts: tuple[Host, ...]

    @property
    def inventory(self) -> Path:
        """The inventory file that Ansible is given."""
        return inventory_file(self.root)

    @property
    def origin(self) -> Lab:
        """The lab whose inventory its images are named by: of a twin the first one, else itself."""
        link = origin_of(self.root)
        return read_layout(link) if link.exists() else self

    @property
    def files(self) -> Path:
        """Keys, certificates and logs of this lab; safe to delete, it is made again."""
        return self.root / ".bastide" / "lab"

    @property
    def network(self) -> str:
        """The closed network."""
        return f"{self.name}-lab"

    @property
    def build_network(self) -> str:
        """The network with a way out, on which images are built and nothing runs."""
        return f"{self.name}-build"

    @property
    def resolver(self) -> str:
        """Address of the lab's own resolver: the first of group `closed`."""
        return next(host.address for host in self.hosts if host.group == "closed")

    def container(self, host: Host) -> str:
        """Name of the container that is `host`."""
        return f"{self.name}-{host.name}"


def origin_of(root: Path) -> Path:
    """Where the root of a twin says whose twin it is: a link."""
    return root / ".bastide" / "twin-of"


def inventory_file(root: Path) -> Path:
    """Where the hosts of the lab are listed."""
    return root / "inventory" / "lab" / "hosts.yml"


def read_layout(root: Path) -> Lab:
    """Read the lab of `root`.

    Raises:
        RunFailed: the inventory is missing, or lacks what the lab needs (L604).
    """
    root = root.resolve()
    path = inventory_file(root)
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        variables = tree["all"]["vars"]
        subnet = ipaddress.IPv4Network(variables["lab_subnet"])
        hosts = tuple(
            _host(name, group, facts)
            for group, content in tree["all"]["children"].items()
            for name, facts in (content.get("hosts") or {}).items()
        )
        name = str(variables["lab_name"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        _unusable(path, str(error))
    except (KeyError, TypeError, AttributeError) as error:
        _unusable(path, f"{error!r}: missing, or not of the expected form")
    for host in hosts:
        if ipaddress.IPv4Address(host.address) not in subnet:
            _unusable(path, f"{host.name}: {host.address} is outside of {subnet}")
    named = {host.name for host in hosts}
    earlier: set[str] = set()
    for host in hosts:
        if host.image_of and host.image_of not in named:
            _unusable(path, f"{host.name}: lab_image names {host.image_of}, which is no host")
        if host.after and host.after not in earlier:
            _unusable(path, f"{host.name}: lab_after names {host.after}, which is no host above it")
        earlier.add(host.name)
    if not any(host.group == "closed" for host in hosts):
        _unusable(path, "group closed has no host: the lab would have no resolver")
    return Lab(root, name, str(subnet), hosts)


def _host(name: str, group: str, facts: dict[str, Any]) -> Host:
    return Host(
        name=str(name),
        group=str(group),
        address=str(ipaddress.IPv4Address(facts["ansible_host"])),
        ports=tuple(int(port) for port in facts["lab_ports"]),
        names=tuple(str(dns_name) for dns_name in facts["lab_names"]),
        image_of=str(facts.get("lab_image", "")),
        after=str(facts.get("lab_after", "")),
    )


def _unusable(path: Path, error: str) -> NoReturn:
    raise RunFailed(diagnose(INVENTORY_UNUSABLE, str(path), error=error))
