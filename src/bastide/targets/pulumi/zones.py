# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones at Cloudflare through Pulumi, as one more service that is asked and converged."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from bastide.desired import Service
from bastide.diagnostics import RunFailed, diagnose
from bastide.fleet import Fleet, Repository
from bastide.model.cloudflare import API, Cloudflare, Pulumi
from bastide.targets.cloudflare.client import Client
from bastide.targets.cloudflare.compare import has_redirects
from bastide.targets.cloudflare.faults import UNREACHABLE
from bastide.targets.cloudflare.settings import Account
from bastide.targets.owners import lines_of
from bastide.targets.pulumi.faults import NO_PACKAGE, STALE
from bastide.targets.pulumi.found import Found, found_redirects, found_zone
from bastide.targets.pulumi.graph import ZonePolicy, unicode_of
from bastide.targets.pulumi.setup import Setup
from bastide.targets.pulumi.stacks import Line, Result, Stacks
from bastide.targets.remote import Remote
from bastide.targets.remote import Result as RemoteResult

HOST = "cloudflare"
"""Its name in plans and journals, the same as with the direct adapter."""


class PulumiZones(Remote):
    """The stacks of a platform; keys that mail hosts make are in its zones by then."""

    service: ClassVar[Service] = "dns"
    task = "Converge the zones at Cloudflare through Pulumi"
    before_hosts = False
    unreachable, stale = UNREACHABLE.code, STALE.code

    def __init__(self, fleet: Fleet, declared: Cloudflare) -> None:
        super().__init__(fleet, HOST)
        self.setup = setup_of(fleet.repository, declared)
        self._redirects = declared.redirects is not None
        self._account = Account.of(fleet.repository.root, declared)
        self._stacks = Stacks(self.setup, self._found)
        self._asked: tuple[list[str], Mapping[str, str]] | None = None

    def _look(self, sirens: list[str], values: Mapping[str, str]) -> RemoteResult:
        for package in ("pulumi", "pulumi_cloudflare"):
            if importlib.util.find_spec(package) is None:
                raise RunFailed(diagnose(NO_PACKAGE, "", package=package.replace("_", "-")))
        seen = self._stacks.observe(self._lines(sirens), values)
        self._asked = (sirens, dict(values))
        self._tell(seen)
        return self._with_the_gone(seen, everybody=not sirens) | {"notes": seen.notes}

    def _make(
        self, sirens: list[str], values: Mapping[str, str], expect: str | None
    ) -> RemoteResult:
        if self._asked != (sirens, dict(values)):
            # Mail hosts gave keys since the plan was made: the stacks that wait for them are other.
            self._stacks.observe(self._lines(sirens), values)
        made = self._stacks.converge(expect)
        self._asked = None
        if made.stale:
            raise RunFailed(diagnose(STALE, ""))
        return made.data

    def _lines(self, sirens: list[str]) -> list[Line]:
        return [line for line in lines_of(self.share.path) if not sirens or line["siren"] in sirens]

    def _with_the_gone(self, seen: Result, *, everybody: bool) -> RemoteResult:
        """The result, with the stacks of collectivities whose file left the repository."""
        data = seen.data
        if everybody:
            known = {line["siren"] for line in lines_of(self.share.path)}
            data["left_alone"] += [
                {"address": f"stack:{stack}", "siren": stack, "why": "collectivity-gone"}
                for stack in self.setup.stacks_known()
                if stack not in known
            ]
        return data

    def _tell(self, seen: Result) -> None:
        if self.on_event:
            for note in seen.notes:
                self.on_event({"event": "note", "host": self.host, "note": note})

    def _found(self, domain: str) -> Found:
        """What is at Cloudflare of `domain`."""
        client = Client(self._account)
        try:
            return found_at(client, domain, redirects=self._redirects)
        finally:
            client.close()


def found_at(client: Client, domain: str, *, redirects: bool) -> Found:
    """What is at Cloudflare of `domain`: by the direct adapter, in two requests.

    A third asks for its redirect rules, where the platform has any or the zone may have some.
    """
    zone = client.zones([domain]).get(domain)
    if zone is None:
        return Found()
    shown = {"id": zone.id, "name": unicode_of(domain), "account": {"id": client.account.id}}
    records = client.records(zone)
    found = found_zone(domain, shown, records)
    if redirects or has_redirects(None, records):
        found |= found_redirects(domain, zone.id, client.entrypoint(zone), zone.rules)
    return found


def setup_of(repository: Repository, declared: Cloudflare) -> Setup:
    """What platform.yml says, for a run; files are looked for from the root of the repository."""
    own = declared.pulumi or Pulumi(backend="file://stacks")

    def file(name: str | None) -> Path | None:
        return repository.root / name if name else None

    return Setup(
        policy=ZonePolicy(declared.account, settings=declared.settings),
        backend=own.backend,
        home=file(own.home) or repository.root / ".bastide" / "pulumi",
        state=repository.state / "pulumi",
        passphrase_env=own.passphrase_env,
        passphrase_file=file(own.passphrase_file),
        token_env=declared.token_env,
        token_file=file(declared.token_file),
        base_url="" if declared.base_url == API else declared.base_url,
        workers=own.workers,
        requests_per_second=own.requests_per_second,
    )
