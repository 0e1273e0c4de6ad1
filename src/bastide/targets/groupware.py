# SPDX-License-Identifier: GPL-3.0-or-later
"""The groupware as one more that is asked and converged: it answers as a host does.

No machine of the inventory stands for it: the engine asks the Zimbra server itself, with the
fleet's compiled lines as its share.  What went wrong on the way is an answer, as with hosts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bastide.desired import share_header
from bastide.diagnostics import BastideError
from bastide.documents import write_atomically
from bastide.fleet import Fleet
from bastide.model.groupware import Zimbra
from bastide.targets.ansible import HostAnswer, OnEvent
from bastide.targets.reconcile import change
from bastide.targets.shares import Share
from bastide.targets.zimbra import Client, Driver, Owner, Server
from bastide.targets.zimbra.directory import domain_of
from bastide.targets.zimbra.faults import STALE, UNREACHABLE

Result = dict[str, Any]
# What lies in no domain: others' are none of our business, there is always a `default`.
_ABOVE = ("cos:", "domain:")


class Groupware:
    """The Zimbra server of a platform and its share; `host` is its name."""

    def __init__(self, fleet: Fleet, zimbra: Zimbra) -> None:
        self.host = zimbra.host
        self._server = server_of(fleet.repository.root, zimbra)
        self.share = _write_share(fleet, zimbra.host)

    @classmethod
    def of(cls, fleet: Fleet) -> Groupware | None:
        """That of the fleet's platform; None when it has no Zimbra server."""
        zimbra = fleet.platform.mail.zimbra
        return cls(fleet, zimbra) if zimbra else None

    def observe(self, sirens: list[str], on_event: OnEvent | None = None) -> HostAnswer:
        """What would change for `sirens` (empty: for all); nothing is written.

        The result is that of a module in check mode: `changes` are also those that are known
        to fail, which `failed_changes` tells apart.
        """

        def look(driver: Driver) -> Result:
            wanted = _Wanted(self.share.path, sirens)
            plan = driver.plan(wanted.resources, wanted.owners, whole=not sirens)
            doomed = [
                change("create", one["address"], one["siren"], None, wanted.body(one["address"]))
                for one in plan.failed
            ]
            return {
                "changed": bool(plan.changes or doomed),
                "changes": [*plan.changes, *doomed],
                "failed_changes": plan.failed,
                "left_alone": [one for one in plan.left_alone if wanted.concerns(one)],
                "digest": plan.digest,
            }

        return self._answer(look, on_event)

    def converge(
        self, sirens: list[str], expect: str | None, on_event: OnEvent | None = None
    ) -> HostAnswer:
        """Make the changes, if they are still those of the digest `expect`."""

        def make(driver: Driver) -> Result:
            wanted = _Wanted(self.share.path, sirens)
            outcome = driver.run(wanted.resources, expect, wanted.owners)
            return {
                "changed": bool(outcome.changes),
                "changes": outcome.changes,
                "failed_changes": outcome.failed,
            }

        return self._answer(make, on_event)

    def _answer(self, work: Callable[[Driver], Result], on_event: OnEvent | None) -> HostAnswer:
        answer = HostAnswer(self.host, "groupware", "ok")
        try:
            answer.result = work(Driver(Client.of(self._server)))
        except BastideError as error:
            codes = {found.code for found in error.diagnostics}
            answer.status = "unreachable" if UNREACHABLE.code in codes else "failed"
            answer.message = str(error)
            answer.result = {"stale": STALE.code in codes}
        if on_event:
            event = {"event": answer.status, "host": self.host, "task": "Converge the groupware"}
            on_event({**event, "message": answer.message, "result": answer.result})
        return answer


class _Wanted:
    """What the share asks of the server, for some SIREN or for all."""

    def __init__(self, share: Path, sirens: list[str]) -> None:
        self.resources: dict[str, tuple[str, dict[str, Any]]] = {}
        self.owners: dict[str, Owner] = {}
        self._everybody = not sirens
        with share.open("rb") as lines:
            next(lines)
            for line in map(json.loads, lines):
                if not sirens or line["siren"] in sirens:
                    self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        siren, gone = line["siren"], frozenset(line["retired_domains"])
        self.owners[siren] = Owner(frozenset(line["domains"]), line["retired"], gone)
        for resource in line["resources"]:
            address = resource["address"]
            if domain_of(address.partition(":")[2]) not in gone:
                self.resources[address] = (siren, resource["body"])

    def body(self, address: str) -> dict[str, Any]:
        """The body that is declared for `address`."""
        return self.resources[address][1]

    def concerns(self, left: dict[str, str]) -> bool:
        """Whether what was left alone is worth telling to whoever asked for this plan."""
        if left["address"] in self.resources:
            return True
        if left["why"] == "system" or not (self._everybody or left["siren"] in self.owners):
            return False
        return left["siren"] != "" or not left["address"].startswith(_ABOVE)


def server_of(root: Path, zimbra: Zimbra) -> Server:
    """Where `zimbra` is administered, for a client; files are looked for from `root`."""

    def file(name: str | None) -> str:
        return str(root / name) if name else ""

    return Server(
        url=zimbra.url,
        user=zimbra.user,
        password_env=zimbra.password_env or "",
        password_file=file(zimbra.password_file),
        ca_file=file(zimbra.ca_file),
    )


def _write_share(fleet: Fleet, host: str) -> Share:
    """As the shares of hosts, beside which it lies; the inventory knows nothing of it."""
    path = fleet.repository.state / "shares" / host / "groupware.jsonl"
    header = share_header("groupware", host, fleet.repository.environment)
    content: Iterable[bytes] = [header, *fleet.share_lines("groupware")]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
    return Share(host, "groupware", path, "", fleet.share_revision("groupware"))
