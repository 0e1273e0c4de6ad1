# SPDX-License-Identifier: GPL-3.0-or-later
"""The request budget: one token bucket over all workers.

Cloudflare allows 1,200 requests in five minutes to a user or token, and answers 429 for up to five
minutes beyond; the provider retries for less than that, and has no limit of its own.  The engine
therefore hands out no stack before there are tokens for the calls that its preview counted.
Source: https://developers.cloudflare.com/fundamentals/api/reference/limits/
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Budget:
    """`rate` requests a second, of which `burst` may be saved up.

    A stack that needs more than `burst` waits until the bucket is full, then leaves it in debt:
    what comes after waits the longer.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate, self._burst = rate, burst
        self._clock, self._sleep = clock, sleep
        self._tokens, self._at = burst, clock()
        self._lock = threading.Lock()

    def take(self, requests: int) -> None:
        """Wait until `requests` may be made."""
        while (missing := self._try(requests)) > 0:
            self._sleep(missing)

    def penalise(self, seconds: float) -> None:
        """Nothing is handed out for `seconds`: the other side said it was too much."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, 0) - seconds * self._rate

    def _try(self, requests: int) -> float:
        """Take them, or tell how many seconds are missing."""
        with self._lock:
            self._refill()
            wanted = min(requests, self._burst)
            if self._tokens < wanted:
                return (wanted - self._tokens) / self._rate
            self._tokens -= requests
            return 0

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
