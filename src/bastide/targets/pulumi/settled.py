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
from bastide.targets.pulumi.graph import FORMAT, Graph, ZonePolicy, waiting_of
from bastide.targets.pulumi.state import State, state_of


def source_of(line: Mapping[str, Any], policy: ZonePolicy, values: Mapping[str, str]) -> str:
    """``sha256:…`` over what a graph is made from: as good as its own digest, and cheaper.

    Of `values` only those count that the line waits for.
    """
    waits = {token: values.get(token) for _, token in waiting_of(line)}
    return _digest([FORMAT, line, policy.account, policy.dnssec, dict(policy.settings), waits])


def mark_of(source: str, desired: Graph, retired: Iterable[str] | None) -> str:
    """What is remembered of a stack: two digests, that of the source and that of the graph."""
    gone = None if retired is None else sorted(retired)
    return f"{source}\n{_digest([desired.digest, gone])}\n"


def remembered(file: Path) -> tuple[str, str]:
    """The two digests in `file`; empty when there is none."""
    try:
        source, graph = file.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return "", ""
    return source, graph


def settle(file: Path, mark: str) -> None:
    """Remember that a run brought this about."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, mark)


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def keep(file: Path, data: Mapping[str, Any]) -> None:
    """Keep what a stack holds, for plans without the command, or the graph it was run for."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(data, sort_keys=True) + "\n")


def kept(file: Path) -> State | None:
    """The state that was kept; None when there is none, or none that can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return state_of(found) if isinstance(found, dict) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
