# SPDX-License-Identifier: GPL-3.0-or-later
"""What was last applied to each container: .bastide/lab/applied.json, container id → digest.

Only a shortcut: where an entry is missing, platform.yml runs once more and changes nothing.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

from bastide.lab.files import write_private
from bastide.lab.layout import Lab


class Applied:
    """The record of one lab; may be shared by threads."""

    def __init__(self, lab: Lab) -> None:
        self._path: Path = lab.files / "applied.json"
        self._lock = threading.Lock()
        try:
            self._digests: dict[str, str] = json.loads(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            self._digests = {}

    def get(self, container_id: str) -> str | None:
        """Digest last applied to the container with this id."""
        return self._digests.get(container_id)

    def put(self, container_id: str, digest: str) -> None:
        """Record that `digest` has been applied."""
        with self._lock:
            self._digests[container_id] = digest
            self._write()

    def keep_only(self, container_ids: set[str]) -> None:
        """Forget containers that are no more."""
        with self._lock:
            self._digests = {k: v for k, v in self._digests.items() if k in container_ids}
            self._write()

    def _write(self) -> None:
        write_private(self._path, json.dumps(self._digests, indent=1, sort_keys=True) + "\n")
