# SPDX-License-Identifier: GPL-3.0-or-later
"""``state.json``: when the last run was, when the last that ended well, what was wrong since."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

STALE_HOURS = 72


@dataclass
class State:
    """The state of a folder; times are UTC, ISO 8601.

    `succeeded` is when what is served was last known to be the newest there is.
    `archives` keeps, by audience, validators of HTTP and the date of what is served.
    """

    succeeded: str = ""
    attempted: str = ""
    failures: int = 0
    findings: list[str] = field(default_factory=list)
    release: str = ""
    archives: dict[str, dict[str, str]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def hours(self, now: dt.datetime) -> float | None:
        """Hours since the last run that ended well; None where none has."""
        try:
            return (now - dt.datetime.fromisoformat(self.succeeded)).total_seconds() / 3600
        except (ValueError, TypeError):
            return None


def load(folder: Path) -> State:
    """The state of `folder`; a fresh one where there is none, or none that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        data = json.loads((folder / "state.json").read_text("utf-8"))
        state = State(**data)
        if isinstance(state.counts, dict) and isinstance(state.archives, dict):
            return state
    return State()


def save(folder: Path, state: State) -> None:
    """Replace the state file at once: it is the former one or this one, never half of it."""
    written(folder / "state.json", json.dumps(asdict(state), indent=2, sort_keys=True) + "\n")


def written(path: Path, text: str) -> None:
    """Write a small file so that nobody ever sees half of it."""
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)
    synced(path.parent)


def synced(folder: Path) -> None:
    """Make names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
