# SPDX-License-Identifier: GPL-3.0-or-later
"""What the registry itself says about a name: RDAP (RFC 9082, RFC 9083), politely.

One question a second at most, since no limit is published, and an answer is kept for a day:
35,000 names would else take ten hours of every day.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bastide.documents import write_atomically
from bastide.registration import paris_date
from bastide.targets.registrars.faults import unanswered
from bastide.targets.registrars.http import Api, NoAuth

KEPT = dt.timedelta(hours=24)
_APART = 1.0
_OK, _NOT_FOUND = 200, 404


@dataclass(frozen=True, slots=True)
class Registered:
    """One name at the registry; `expiry` a day in Paris, `status` as RFC 8056 names it."""

    registered: bool
    expiry: dt.date | None = None
    status: tuple[str, ...] = ()


class Rdap:
    """The RDAP server at `base`; answers are kept in the folder `kept`."""

    def __init__(
        self,
        base: str,
        kept: Path,
        *,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._who = f"RDAP {base}"
        self._api = Api(self._who, base, NoAuth(), "application/rdap+json", sleep)
        self._kept, self._now = kept, now
        self._monotonic, self._sleep = monotonic, sleep
        self._next = 0.0

    def look_up(self, domain: str, kept: dt.timedelta = KEPT) -> Registered:
        """What the registry says about `domain` (A-labels), no longer than `kept` ago."""
        file = self._kept / f"{domain}.json"
        found = self._read(file, kept)
        if found is None:
            found = self._ask(domain)
            answer = {"asked": self._now().isoformat(), "registered": found.registered}
            answer |= {"expiry": str(found.expiry or ""), "status": list(found.status)}
            self._kept.mkdir(parents=True, exist_ok=True)
            write_atomically(file, json.dumps(answer) + "\n")
        return found

    def _read(self, file: Path, longest: dt.timedelta) -> Registered | None:
        try:
            kept = json.loads(file.read_bytes())
            age = self._now() - dt.datetime.fromisoformat(kept["asked"])
            expiry = dt.date.fromisoformat(kept["expiry"]) if kept["expiry"] else None
            found = Registered(bool(kept["registered"]), expiry, tuple(kept["status"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # never asked, or not ours
        return found if dt.timedelta(0) <= age < longest else None

    def _ask(self, domain: str) -> Registered:
        wait = self._next - self._monotonic()
        if wait > 0:
            self._sleep(wait)
        self._next = self._monotonic() + _APART
        answer = self._api.call("GET", f"/domain/{domain}")
        if answer.status == _NOT_FOUND:
            return Registered(registered=False)
        if answer.status != _OK:
            raise unanswered(self._who, f"HTTP status {answer.status}")
        try:
            return _registered(answer.body, domain)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise unanswered(self._who, f"no answer of RFC 9083 about {domain}") from error


def _registered(body: Any, domain: str) -> Registered:
    """From a domain object (RFC 9083 §5.3); ``ValueError`` and the like for anything else."""
    if body["objectClassName"] != "domain" or body["ldhName"].lower().rstrip(".") != domain:
        raise ValueError(domain)
    expiry = None
    for event in body.get("events", ()):
        if event["eventAction"] == "expiration":
            expiry = paris_date(dt.datetime.fromisoformat(event["eventDate"]))
    return Registered(
        registered=True, expiry=expiry, status=tuple(str(s) for s in body.get("status", ()))
    )
