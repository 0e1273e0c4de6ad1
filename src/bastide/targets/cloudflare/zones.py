# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones at Cloudflare as one more service that is asked and converged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

from bastide.desired import Service
from bastide.diagnostics import RunFailed, diagnose
from bastide.fleet import Fleet
from bastide.model.cloudflare import Cloudflare
from bastide.targets.cloudflare.client import Client
from bastide.targets.cloudflare.converge import Converger
from bastide.targets.cloudflare.faults import STALE, UNREACHABLE
from bastide.targets.cloudflare.memory import Memory
from bastide.targets.cloudflare.settings import Account
from bastide.targets.cloudflare.survey import Survey, Surveyor, wanted_facets
from bastide.targets.owners import Wanted, lines_of
from bastide.targets.remote import Remote, Result

HOST = "cloudflare"
"""Its name in plans and journals."""


class CloudZones(Remote):
    """The zones of a platform in its account; the keys that mail hosts make are there by then."""

    service: ClassVar[Service] = "dns"
    task = "Converge the zones at Cloudflare"
    before_hosts = False
    unreachable, stale = UNREACHABLE.code, STALE.code

    def __init__(self, fleet: Fleet, declared: Cloudflare) -> None:
        super().__init__(fleet, HOST)
        self._account = Account.of(fleet.repository.root, declared)
        self._memory = Memory(
            fleet.repository.state / "cloudflare.json", wanted_facets(declared.settings)
        )
        self._last: tuple[list[str], Survey] | None = None

    def _look(self, sirens: list[str], values: Mapping[str, str]) -> Result:
        with self._client() as client:
            survey = self._survey(client, sirens, values)
        self._last = (sirens, survey)
        return {
            "changed": bool(survey.changes),
            "changes": survey.changes,
            "failed_changes": survey.failed,
            "left_alone": survey.left_alone,
            "digest": survey.digest,
        }

    def _make(self, sirens: list[str], values: Mapping[str, str], expect: str | None) -> Result:
        with self._client() as client:
            survey = self._seen(sirens) or self._survey(client, sirens, values)
            if expect is not None and expect != survey.digest:
                raise RunFailed(diagnose(STALE, "", found=survey.digest, expected=expect))
            wanted = Wanted(self.share.path, sirens)
            converger = Converger(client, self._memory, wanted, values)
            converger.run(survey)
        return {
            "changed": bool(converger.changes),
            "changes": converger.changes,
            "failed_changes": sorted(converger.failed, key=lambda one: one["address"]),
            "digest": survey.digest,
        }

    def _seen(self, sirens: list[str]) -> Survey | None:
        """What the plan of this same run found, once; each zone is looked at again when written."""
        last, self._last = self._last, None
        return last[1] if last and last[0] == sirens else None

    def _survey(self, client: Client, sirens: list[str], values: Mapping[str, str]) -> Survey:
        wanted = Wanted(self.share.path, sirens)
        return Surveyor(client, self._memory, wanted, self._claimed, values).look()

    def _claimed(self) -> Iterator[str]:
        """Names of the zones that any charter declares, in the scope or not."""
        for line in lines_of(self.share.path):
            for resource in line["resources"]:
                yield resource["address"].removeprefix("zone:")

    @contextmanager
    def _client(self) -> Iterator[Client]:
        client = Client(self._account, on_wait=self._tell_wait)
        try:
            yield client
        finally:
            client.close()

    def _tell_wait(self, seconds: float) -> None:
        if self.on_event:
            self.on_event({"event": "waiting", "holder": f"{HOST} (429, {seconds:.0f} s)"})
