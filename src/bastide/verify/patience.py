# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for secondaries, which have a new zone a moment after the primary: bounded, in all.

``bastide apply`` ends when the primary serves what it wrote.  A secondary that is well has it
a second later; one that is not is to be told, and must not hold up a look at a whole fleet.
"""

from __future__ import annotations

import threading
import time

_SECONDS = 10.0
_PAUSE = 0.25


class Patience:
    """Time that a run may spend on asking again; it begins with the first answer that is wrong."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._until: float | None = None
        self._lock = threading.Lock()

    def ask_again(self) -> bool:
        """Pause, and say whether there is any use in asking once more; False when it is over."""
        now = time.monotonic()
        with self._lock:
            if self._until is None:
                self._until = now + self._seconds
        if now >= self._until:
            return False
        time.sleep(_PAUSE)  # a server tells nobody when it has a zone
        return True
