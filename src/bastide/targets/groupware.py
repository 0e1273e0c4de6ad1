# SPDX-License-Identifier: GPL-3.0-or-later
"""The groupware as one more that is asked and converged: a Zimbra server, asked by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from bastide.desired import Service
from bastide.fleet import Fleet
from bastide.model.groupware import Zimbra
from bastide.targets.owners import Wanted
from bastide.targets.reconcile import change
from bastide.targets.remote import Remote, Result
from bastide.targets.zimbra import Client, Driver, Server
from bastide.targets.zimbra.faults import STALE, UNREACHABLE

# What lies in no domain: others' are none of our business, there is always a `default`.
_ABOVE = ("cos:", "domain:")


class Groupware(Remote):
    """The Zimbra server of a platform; a mail host sends on to accounts that are there by then."""

    service: ClassVar[Service] = "groupware"
    task = "Converge the groupware"
    before_hosts = True
    unreachable, stale = UNREACHABLE.code, STALE.code

    def __init__(self, fleet: Fleet, zimbra: Zimbra) -> None:
        super().__init__(fleet, zimbra.host)
        self._server = server_of(fleet.repository.root, zimbra)

    def _look(self, sirens: list[str], values: Mapping[str, str]) -> Result:  # noqa: ARG002
        wanted = Wanted(self.share.path, sirens)
        driver = Driver(Client.of(self._server))
        plan = driver.plan(wanted.resources, wanted.owners, whole=not sirens)
        doomed = [
            change("create", one["address"], one["siren"], None, wanted.body(one["address"]))
            for one in plan.failed
        ]
        return {
            "changed": bool(plan.changes or doomed),
            "changes": [*plan.changes, *doomed],
            "failed_changes": plan.failed,
            "left_alone": [one for one in plan.left_alone if _concerns(wanted, one)],
            "digest": plan.digest,
        }

    def _make(
        self,
        sirens: list[str],
        values: Mapping[str, str],  # noqa: ARG002 - no value of a host goes to the groupware
        expect: str | None,
    ) -> Result:
        wanted = Wanted(self.share.path, sirens)
        driver = Driver(Client.of(self._server))
        outcome = driver.run(wanted.resources, expect, wanted.owners)
        return {
            "changed": bool(outcome.changes),
            "changes": outcome.changes,
            "failed_changes": outcome.failed,
        }


def _concerns(wanted: Wanted, left: dict[str, str]) -> bool:
    """Whether what was left alone is worth telling to whoever asked for this plan."""
    if left["address"] in wanted.resources:
        return True
    if left["why"] == "system" or not (wanted.everybody or left["siren"] in wanted.owners):
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
