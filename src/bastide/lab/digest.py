# SPDX-License-Identifier: GPL-3.0-or-later
"""When is a host's configuration the one that the roles describe?

Two digests answer.  The first names images: the roles of the host and the inventory, with the
lab's name and network left out, so that a second lab starts from the images of the first; a twin's
are named by the inventory of the first lab, though its own may say more.  The second says what was
applied to a container: the same with name, network, inventory and certificate of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from bastide.lab.certificates import fingerprint
from bastide.lab.layout import Host, Lab

PLAYBOOK = "playbooks/platform.yml"


def image_digest(lab: Lab, host: Host, base: str) -> str:
    """Sixteen hexadecimal digits over all that the image of `host` is made from."""
    first = lab.origin
    paths = [*_inventory(first), *_playbook(first, host)]
    return _digest(first, paths, f"{base}\n{host.name}")


def applied_digest(lab: Lab, host: Host, image: str) -> str:
    """What a container of `host` must have been configured with, given its image digest."""
    places = ",".join(one.address for one in lab.hosts)
    facts = f"{image}\n{lab.name}\n{lab.subnet}\n{places}\n{fingerprint(lab, host)}"
    return _digest(lab, _inventory(lab), facts)


def _digest(lab: Lab, paths: Iterable[Path], facts: str) -> str:
    sum_ = hashlib.sha256(f"{facts}\n".encode())
    for path in paths:
        sum_.update(str(path.relative_to(lab.root)).encode() + b"\0")
        sum_.update(_anywhere(lab, path.read_bytes()) + b"\0")
    return sum_.hexdigest()[:16]


def _inventory(lab: Lab) -> Iterator[Path]:
    yield lab.inventory
    # Variables of the hosts are read from it.
    yield lab.inventory.with_name("platform.yml")
    yield from _files(lab.inventory.parent / "group_vars")
    yield from _files(lab.inventory.parent / "host_vars")


def _playbook(lab: Lab, host: Host) -> Iterator[Path]:
    playbook = lab.root / PLAYBOOK
    yield playbook
    roles = _roles(playbook, host)
    for role in sorted(roles):
        yield from _files(lab.root / "roles" / role)
    if "guichet" in roles:
        # What the role installs is built from this checkout; whatever it lacks, the role will tell.
        pins = (lab.root / name for name in ("pyproject.toml", "requirements.lock"))
        yield from (one for one in pins if one.is_file())
        yield from _files(lab.root / "schemas/catalog/procedures")
        for package in ("comarquage", "guichet"):
            yield from _code(lab.root / "src" / package)


def _roles(playbook: Path, host: Host) -> set[str]:
    """Roles that the playbook gives to `host`: its plays name one group each, or all."""
    plays: list[dict[str, Any]] = yaml.safe_load(playbook.read_text(encoding="utf-8"))
    return {
        role if isinstance(role, str) else str(role["role"])
        for play in plays
        if str(play.get("hosts")).removeprefix("all:&") in ("all", host.group)
        for role in play.get("roles", [])
    }


def _files(folder: Path) -> Iterable[Path]:
    # What a role is tested with is no part of what it does.
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and "molecule" not in path.parts
    )


def _code(folder: Path) -> Iterable[Path]:
    return (path for path in _files(folder) if "__pycache__" not in path.parts)


def _anywhere(lab: Lab, content: bytes) -> bytes:
    """`content` with this lab's place left out: its addresses and its name."""
    prefix = lab.subnet.rsplit(".", 1)[0] + "."
    content = content.replace(prefix.encode(), b"<subnet>.")
    return content.replace(f"lab_name: {lab.name}\n".encode(), b"lab_name: <name>\n")
