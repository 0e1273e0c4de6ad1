# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes each host's share of the desired state, and the index that the inventory reads."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bastide.desired import (
    SERVICES,
    Service,
    certificates_on,
    facts_for,
    line_on,
    share_header,
)
from bastide.documents import ASSETS, write_atomically
from bastide.fleet import Fleet
from bastide.targets.banners import bring_banners
from bastide.targets.hosts import Hosts

_INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Share:
    """One written share; `digest` is the hex SHA-256 of its content.

    `revision` is that of the fleet's lines that went into it.
    """

    host: str
    service: Service
    path: Path
    digest: str
    revision: str


def write_shares(fleet: Fleet, hosts: Hosts) -> list[Share]:
    """Write the share of every host, only where it differs from what lies there.

    Every host of a service's group knows every collectivity.  Of several mail hosts one holds the
    mailboxes of a collectivity (`mail.placement`), the others the way to it.
    """
    folder = fleet.repository.state / "shares"
    index_file = folder / _INDEX
    index = _read_index(index_file)
    placed = {(host, service) for service in SERVICES for host in hosts.of(service)}
    if index.get("generation") == fleet.share_generation and _complete(index, folder, placed):
        return _from_index(index, folder)
    shares = []
    for service in SERVICES:
        shares += _of_service(fleet, service, hosts, folder, index["hosts"])
    _write_index(index_file, fleet.share_generation, shares)
    return shares


def _of_service(
    fleet: Fleet, service: Service, machines: Hosts, folder: Path, written: dict[str, Any]
) -> list[Share]:
    hosts = machines.of(service)
    if not hosts:
        return []
    revision = fleet.share_revision(service)
    placement = fleet.platform.mail.placement if service == "mail" else None
    if placement is not None and revision:
        revision += f"-{hashlib.sha256(repr(placement).encode()).hexdigest()[:16]}"
    environment = fleet.repository.environment
    headers = {
        host: share_header(service, host, environment, facts_for(service, host, fleet.platform))
        for host in hosts
    }
    if revision:
        told = hashlib.sha256(b"".join(headers.values()))
        revision += f"-{told.hexdigest()[:16]}"
    known = {host: written.get(host, {}).get(service, {}) for host in hosts}
    shares = []
    common: list[bytes] | None = None
    for host, entry in known.items():
        path = folder / host / f"{service}.jsonl"
        if revision and entry.get("revision") == revision and path.is_file():
            shares.append(Share(host, service, path, entry["digest"], revision))
            continue
        common = common if common is not None else fleet.share_lines(service)
        lines = _lines_on(fleet, service, host, machines, common)
        if service == "desk":
            bring_banners(fleet.repository.root, path.parent / ASSETS, lines)
        header = headers[host]
        # A share of France is some hundred megabytes: it is never put together in memory.
        content = hashlib.sha256(header)
        for line in lines:
            content.update(line)
        digest = content.hexdigest()
        if entry.get("digest") != digest or not path.is_file():
            # Killed from here on, the index would tell of a share that is no longer there.
            (folder / _INDEX).unlink(missing_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, itertools.chain([header], lines))
        shares.append(Share(host, service, path, digest, revision))
    return shares


def _lines_on(
    fleet: Fleet, service: Service, host: str, machines: Hosts, common: list[bytes]
) -> list[bytes]:
    """The lines of a share as `host` gets them: as they are, but of mail and of certificates."""
    if service == "mail" and (placement := fleet.platform.mail.placement) is not None:
        return [line_on(line, host, placement) for line in common]
    if service == "tls" and (desks := machines.of("desk")):
        if host in desks and host in machines.of("web"):
            return [certificates_on(line, desks=None) for line in common]
        return [certificates_on(line, desks=host in desks) for line in common]
    return common


def _read_index(file: Path) -> dict[str, Any]:
    try:
        index = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        index = None
    whole = isinstance(index, dict) and isinstance(index.get("hosts"), dict)
    return index if whole else {"hosts": {}}


def _complete(index: dict[str, Any], folder: Path, placed: set[tuple[str, Service]]) -> bool:
    known = {(host, service) for host, found in index["hosts"].items() for service in found}
    return known == placed and all(
        (folder / host / f"{service}.jsonl").is_file() for host, service in known
    )


def _from_index(index: dict[str, Any], folder: Path) -> list[Share]:
    return [
        Share(host, service, folder / host / entry["file"], entry["digest"], entry["revision"])
        for host, found in index["hosts"].items()
        for service, entry in found.items()
    ]


def _write_index(file: Path, generation: str, shares: list[Share]) -> None:
    hosts: dict[str, dict[str, Any]] = {}
    for share in shares:
        hosts.setdefault(share.host, {})[share.service] = {
            "file": share.path.name,
            "digest": share.digest,
            "revision": share.revision,
        }
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"generation": generation, "hosts": hosts}, indent=1, sort_keys=True)
    write_atomically(file, text.encode())
