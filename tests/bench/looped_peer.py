# SPDX-License-Identifier: GPL-3.0-or-later
"""The same state as Ansible tasks with loops, for some collectivities, extrapolated to all."""

from __future__ import annotations

import json
from pathlib import Path

from measure import BIN, call, timed

COLLECTIVITIES = 10
_PLAYBOOK = Path(__file__).with_name("looped.yml")
_FOLDER = "/var/tmp/bastide-peer"


def seconds_for_all(root: Path, runs: int) -> list[float]:
    """Seconds of a run that changes nothing, for every collectivity of `root`.

    A loop costs the same for each item, so what `COLLECTIVITIES` take beyond an empty run is
    multiplied.
    """
    share = _items(root)
    some = {kind: [one for slug in sorted(share)[:COLLECTIVITIES] for one in share[slug][kind]]
            for kind in ("zones", "addresses", "pages")}  # fmt: skip
    count = sum(len(items) for items in some.values())
    in_all = sum(len(items) for kinds in share.values() for items in kinds.values())
    none = {kind: [] for kind in some}
    _play(root, some)  # makes everything; those that are measured change nothing
    [empty] = timed(lambda: _play(root, none), 1)
    looped = timed(lambda: _play(root, some), runs)
    return [empty + (seconds - empty) * in_all / count for seconds in looped]


def _play(root: Path, items: dict[str, list[dict]]) -> None:
    variables = {f"bastide_peer_{kind}": listed for kind, listed in items.items()}
    given = root / ".bastide" / "peer.json"
    given.write_text(json.dumps(variables | {"bastide_peer_folder": _FOLDER}), encoding="utf-8")
    command = [str(BIN / "ansible-playbook"), str(_PLAYBOOK), "--extra-vars", f"@{given}"]
    call([*command, "--inventory", "inventory/lab"], root, ANSIBLE_CONFIG=str(root / "ansible.cfg"))


def _items(root: Path) -> dict[str, dict[str, list[dict]]]:
    """Slug → kind → items, from the shares that were applied."""
    found: dict[str, dict[str, list[dict]]] = {}
    for share in root.glob(".bastide/lab/shares/*/*.jsonl"):
        for line in share.read_text("ascii").splitlines()[1:]:
            entry = json.loads(line)
            empty = {"zones": [], "addresses": [], "pages": []}
            kinds = found.setdefault(entry["collectivity"], empty)
            for resource in entry["resources"]:
                _sort_in(kinds, resource)
    return found


def _sort_in(kinds: dict[str, list[dict]], resource: dict) -> None:
    kind, _, name = resource["address"].partition(":")
    text = json.dumps(resource["body"], indent=1)
    match kind:
        case "zone":
            kinds["zones"].append({"name": name, "content": text})
        case "mailbox" | "alias":
            value = json.dumps(resource["body"])
            kinds["addresses"].append({"file": kind, "address": name, "value": value})
        case "page" | "redirect":
            kinds["pages"].append({"name": name, "content": text})
