# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stacks are as their charters want them, so that a run leaves them out.

Beside the exported state of each stack lies the digest of the graph that was brought about last,
written after success only.  Either file may be removed at any time: the stack is then looked at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bastide.documents import write_atomically
from bastide.targets.pulumi.graph import Graph
from bastide.targets.pulumi.state import State, state_of


def mark_of(desired: Graph, retired: Iterable[str] | None) -> str:
    """``sha256:…`` over all that a run of this stack depends on."""
    gone = None if retired is None else sorted(retired)
    text = json.dumps([desired.digest, gone])
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def is_settled(file: Path, desired: Graph, retired: Iterable[str] | None) -> bool:
    """Whether the last run of the stack brought exactly this about."""
    try:
        return file.read_text(encoding="ascii").strip() == mark_of(desired, retired)
    except (OSError, ValueError):
        return False


def settle(file: Path, desired: Graph, retired: Iterable[str] | None) -> None:
    """Remember that it did."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, mark_of(desired, retired) + "\n")


def keep(file: Path, deployment: Mapping[str, Any]) -> None:
    """Keep what a stack holds, for plans that are made without the `pulumi` command."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(deployment, sort_keys=True) + "\n")


def kept(file: Path) -> State | None:
    """The state that was kept; None when there is none, or none that can be read."""
    try:
        return state_of(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
