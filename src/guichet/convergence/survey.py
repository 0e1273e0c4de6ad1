# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the share and the rows: found without touching anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guichet.convergence.assets import Assets
from guichet.convergence.bodies import definition_of
from guichet.convergence.reconcile import Change, change, reconcile
from guichet.convergence.share import Body, Share, host_of
from guichet.guide.levels import levels
from guichet.models import Agent, Host, Procedure, Request, Tenant
from guichet.procedures import digest_of
from guichet.tenancy.scope import acting_for

Standing = dict[str, tuple[str, Body]]


@dataclass(slots=True)
class Survey:
    """What was found; the fields are those of the other bulk modules."""

    share: Share
    assets: Assets
    scope: frozenset[str]
    changes: list[Change] = field(default_factory=list)
    left_alone: list[dict[str, str]] = field(default_factory=list)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    # Addresses of rows that are there and not at work.
    resting: set[str] = field(default_factory=set)
    # Desks of levels above the communes, whose words are shown on those of the communes, too.
    above: dict[str, Body] = field(default_factory=dict)

    def in_scope(self, siren: str) -> bool:
        """True when the run may touch what belongs to `siren`."""
        return not self.scope or siren in self.scope

    def fail(self, address: str, siren: str, why: str) -> None:
        """Note what cannot be done, and that its change does not happen."""
        self.failed[address] = (siren, why)
        self.undone.add(address)


def survey(share: Share, assets: Assets, scope: frozenset[str]) -> Survey:
    """Compare the share with the rows of the tenants in scope."""
    found = Survey(share, assets, scope, above=share.levels())
    for address, (siren, why) in share.unusable.items():
        if found.in_scope(siren):
            found.failed[address] = (siren, why)
    hosts = dict(Host.objects.values_list("name", "siren"))
    known = set(hosts.values())
    for siren in sorted(known | {owner for owner, _ in share.resources.values()}):
        if found.in_scope(siren):
            _one(found, siren, hosts, there=siren in known)
    found.changes.sort(key=lambda one: str(one["address"]))
    return found


def _one(found: Survey, siren: str, hosts: Mapping[str, str], *, there: bool) -> None:
    wanted: Standing = {
        address: (siren, _as_wanted(found, address, body))
        for address, (owner, body) in found.share.resources.items()
        if owner == siren
    }
    host = found.share.desk_of(siren)
    if host and hosts.get(host, siren) != siren:
        for address in wanted:
            found.fail(address, siren, f"{host} is the desk of {hosts[host]}")
        return
    for address, (_, body) in wanted.items():
        objection = found.assets.objection(body.get("banner"))
        if objection:
            found.failed[address] = (siren, objection)
            found.undone.add(address)
    if not there:
        found.changes += reconcile(wanted, {})
        return
    with acting_for(siren):
        tenant = Tenant.objects.get(siren=siren)
        actual, elsewhere = _standing(found, tenant, host or tenant.host)
    for address in sorted(wanted.keys() & elsewhere):
        found.fail(address, siren, "the interface of the desk has one of this name")
        del wanted[address]
    moved = host is not None and host != tenant.host and tenant.open
    gone = {
        address: one
        for address, one in actual.items()
        if address not in wanted and address not in found.share.unusable
    }
    fate = found.share.fate(siren, tenant.host)
    if fate in ("domain-gone", "collectivity-gone") and host is None:
        found.left_alone += [{"address": one, "siren": siren, "why": fate} for one in gone]
        gone = {}
    for one in reconcile(wanted, {a: b for a, b in actual.items() if a in wanted} | gone):
        found.changes.append(_named(found, one, tenant.host if moved else None))


def _named(found: Survey, one: Change, former: str | None) -> Change:
    """The action by its name: what holds data of people is suspended, and comes back."""
    if one["action"] == "delete":
        return {**one, "action": "suspend"}
    if one["action"] == "create" and one["address"] in found.resting:
        return {**one, "action": "restore"}
    if former and one["address"].startswith("desk:"):
        before = {**(one["before"] or {}), "host": former}
        after = {**one["after"], "host": host_of(one["address"])}
        return change("rename", one["address"], one["siren"], before, after)
    return one


def _as_wanted(survey: Survey, address: str, body: Body) -> Body:
    """The body, with what it leads to: a new library is a change, and so are words of a level."""
    if address.startswith("procedure:"):
        return {**body, "digest": digest_of(definition_of(body) or {})}
    insee = (body.get("guide") or {}).get("insee") if address.startswith("desk:") else None
    if not insee:
        return body
    found = levels(insee, survey.above, survey.share.title)
    return {**body, "guide": {**body["guide"], "levels": found}} if found else body


def _standing(found: Survey, tenant: Tenant, host: str) -> tuple[Standing, set[str]]:
    """What is at work, at the addresses of `host`; and what the interface holds."""
    siren = tenant.siren
    standing: Standing = {}
    elsewhere: set[str] = set()
    counts = {"desk": 1, "request": Request.objects.count()}
    desk = f"desk:{host}"
    if tenant.open:
        # A desk that moved has no row at its new address: another body makes it a change.
        body = tenant.body if host == tenant.host else {**tenant.body, "host": tenant.host}
        standing[desk] = (siren, body)
    else:
        found.resting.add(desk)
    rows: list[tuple[str, Any, bool, Body]] = [
        (f"procedure:{host}/{one.slug}", one, one.offered, _body(one))
        for one in Procedure.objects.select_related("current").filter(tenant=siren)
    ]
    rows += [
        (f"agent:{host}/{one.email}", one, one.active, agent_body(one))
        for one in Agent.objects.prefetch_related("charges__procedure").filter(tenant=siren)
    ]
    for address, one, at_work, body in rows:
        kind = address.partition(":")[0]
        counts[kind] = counts.get(kind, 0) + 1
        if one.origin != "yaml":
            elsewhere.add(address)
        elif at_work:
            standing[address] = (siren, body)
        else:
            found.resting.add(address)
    found.totals[siren] = counts
    return standing, elsewhere


def _body(one: Procedure) -> Body:
    return {**one.body, "digest": one.current.digest if one.current else ""}


def agent_body(one: Agent) -> Body:
    """An agent as the share would say it."""
    body: Body = {"role": one.role}
    if one.name:
        body["name"] = one.name
    # Charges of procedures that the interface made are the interface's.
    named = [charge.procedure for charge in one.charges.all() if charge.procedure.origin == "yaml"]
    charges = sorted(procedure.slug for procedure in named)
    return {**body, "procedures": charges} if charges else body
