# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for a host that does not answer: its share now against the last one applied."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from bastide.fleet import Repository
from bastide.targets.shares import Share

Key = tuple[str, str]


def applied_copy(repository: Repository, share: Share) -> Path:
    """Where the share that a host last took over whole is kept."""
    return repository.state / "applied" / share.host / f"{share.service}.jsonl"


def keep_applied(repository: Repository, share: Share) -> None:
    """Note that the host now holds `share`."""
    copy = applied_copy(repository, share)
    copy.parent.mkdir(parents=True, exist_ok=True)
    part = copy.with_suffix(".part")
    shutil.copyfile(share.path, part)
    part.replace(copy)


def waiting_for(repository: Repository, share: Share) -> list[tuple[str, str]]:
    """``(siren, address)`` of every resource that is not as the host last took it over.

    Of a zone that the host has already, the record sets and whether it is signed: each has a
    line of its own.
    """
    copy = applied_copy(repository, share)
    old = _resources(copy) if copy.is_file() else {}
    new = _resources(share.path)
    waiting: set[Key] = set()
    for key in old.keys() | new.keys():
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if before and after and key[1].startswith("zone:"):
            sets, others = _parts(key[1], before), _parts(key[1], after)
            changed = {a for a in sets.keys() | others.keys() if sets.get(a) != others.get(a)}
            waiting |= {(key[0], address) for address in changed}
        else:
            waiting.add(key)
    return sorted(waiting)


def _parts(address: str, zone: str) -> dict[str, Any]:
    """Record sets, signing and redirects of a zone, each by the address that a plan gives it."""
    body = json.loads(zone)
    sets = {f"rrset:{one['name']}/{one['type']}": one for one in body["rrsets"]}
    name = address.removeprefix("zone:")
    whole = {
        f"dnssec:{name}": body.get("dnssec", ""),
        f"redirects:{name}": body.get("redirects", []),
    }
    return {**whole, **sets}


def _resources(path: Path) -> dict[Key, str]:
    found = {}
    with path.open(encoding="utf-8") as lines:
        next(lines, None)
        for text in lines:
            line = json.loads(text)
            for resource in line["resources"]:
                key = (line["siren"], resource["address"])
                found[key] = json.dumps(resource["body"], sort_keys=True)
    return found
