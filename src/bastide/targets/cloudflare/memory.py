# SPDX-License-Identifier: GPL-3.0-or-later
"""Which zones were seen with DNSSEC and the declared settings, so that they are not asked again.

A nightly look at a fleet is one request for each zone; asking for DNSSEC and settings as well would
treble it.  What is kept can be lost: the next run asks again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from bastide.documents import write_atomically


class Memory:
    """What was seen, by the id of the zone; kept in `path` by :meth:`save`."""

    def __init__(self, path: Path, wanted: Mapping[str, str | int]) -> None:
        text = json.dumps(wanted, sort_keys=True)
        self._path, self._digest = path, hashlib.sha256(text.encode()).hexdigest()
        self._seen = _read(path)
        self._changed = False

    def knows(self, zone_id: str) -> bool:
        """Whether the zone was seen as it is wanted."""
        return self._seen.get(zone_id) == self._digest

    def note(self, zone_id: str) -> None:
        """The zone is as it is wanted."""
        self._changed = self._changed or not self.knows(zone_id)
        self._seen[zone_id] = self._digest

    def save(self) -> None:
        """Write down what is new."""
        if self._changed:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(self._seen, indent=0, sort_keys=True) + "\n"
            write_atomically(self._path, text.encode())
            self._changed = False


def _read(path: Path) -> dict[str, str]:
    try:
        seen = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return seen if isinstance(seen, dict) else {}
