# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the plan: compiles the shares, asks every host what it would change, adds origins."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

from bastide.desired import RETIRED, Origin
from bastide.fleet import Fleet
from bastide.plan.conformity import grade_changes
from bastide.plan.plan import Doomed, LeftAlone, Plan, PlannedChange, Unanswered
from bastide.plan.safety import breaches
from bastide.plan.waiting import waiting_for
from bastide.targets.ansible import HostAnswer, OnEvent, TenantsRun, run_tenants
from bastide.targets.hosts import Hosts
from bastide.targets.remotes import remotes_of
from bastide.targets.shares import Share, write_shares
from bastide.targets.values import known_values, remember_values


class Planner:
    """Plans for one fleet, as it is compiled now."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        repository = fleet.repository
        name = repository.relative(repository.inventory / "hosts.yml")
        self.hosts = Hosts.read(repository.inventory, name, fleet.platform)
        self.shares: list[Share] = write_shares(fleet, self.hosts)
        self.remotes = remotes_of(fleet)
        self._origins: dict[str, dict[str, Origin]] = {}

    @property
    def all_shares(self) -> list[Share]:
        """The shares of the hosts, and of the services that the engine asks itself."""
        return [*self.shares, *(remote.share for remote in self.remotes)]

    def plan(self, scope: list[str] | None = None, on_event: OnEvent | None = None) -> Plan:
        """The plan for the slugs in `scope` (None: the whole fleet)."""
        run = TenantsRun(
            check=True,
            scope=self.sirens(scope),
            values=known_values(self.fleet.repository),
        )
        placed = [(share.host, share.service) for share in self.shares]
        answers = run_tenants(self.fleet.repository, placed, run, on_event)
        remember_values(self.fleet.repository, answers)
        values = known_values(self.fleet.repository)
        answers += [remote.observe(run.scope, values, on_event) for remote in self.remotes]
        return self._plan(scope, answers)

    def sirens(self, scope: list[str] | None) -> list[str]:
        """SIRENs of the slugs in `scope`; empty for the whole fleet.

        An empty scope that is not None names nobody: the modules are given a SIREN that
        no collectivity has.
        """
        if scope is None:
            return []
        facts = [self.fleet.facts(slug) for slug in scope]
        return sorted(f.siren for f in facts if f) or ["000000000"]

    def _plan(self, scope: list[str] | None, answers: list[HostAnswer]) -> Plan:
        changes, left_alone, unanswered = [], [], []
        expect: dict[str, dict[str, str]] = {}
        repairs, doomed = [], []
        for answer in answers:
            if answer.status != "ok":
                unanswered.append(self._unanswered(answer))
                continue
            result = answer.result
            expect.setdefault(answer.host, {})[answer.service] = result["digest"]
            changes += [self.planned(answer, change) for change in result["changes"]]
            if result["changed"] and not result["changes"]:
                repairs.append(answer.host)
            doomed += [self._doomed(answer, one) for one in result.get("failed_changes") or ()]
            left_alone += [
                LeftAlone(answer.host, answer.service, e["address"], e["siren"] or "", e["why"])
                for e in result.get("left_alone", ())
            ]
        plan = Plan(
            environment=self.fleet.repository.environment,
            commit=commit_of(self.fleet.repository.root),
            scope=sorted(scope or ()),
            changes=sorted(changes),
            left_alone=sorted(left_alone),
            unanswered=unanswered,
            expect=expect,
            repairs=sorted(set(repairs)),
            doomed=sorted(doomed),
            notes=[note for answer in answers for note in answer.result.get("notes") or ()],
        )
        plan.breaches = breaches(
            plan, self.fleet.platform.safety, self._declared, self._count_declared
        )
        plan.conformity = grade_changes(self.fleet, plan)
        return plan

    def planned(self, answer: HostAnswer, change: dict[str, Any]) -> PlannedChange:
        """A module's change with its collectivity and its line of YAML."""
        slug, origin = self.origin(change["siren"], change["address"])
        return PlannedChange(
            collectivity=slug,
            service=answer.service,
            address=change["address"],
            host=answer.host,
            action=change["action"],
            siren=change["siren"],
            file=origin.file,
            line=origin.line,
            reason=origin.reason,
            before=change["before"],
            after=change["after"],
        )

    def _doomed(self, answer: HostAnswer, failure: dict[str, Any]) -> Doomed:
        _, origin = self.origin(failure.get("siren") or "", failure["address"])
        error = str(failure["error"]).strip().partition("\n")[0]
        return Doomed(origin.file, origin.line, failure["address"], answer.host, error)

    def origin(self, siren: str, address: str) -> tuple[str, Origin]:
        """Slug and origin of an address; what is no longer declared points at its file."""
        slugs = self.fleet.index.holders_of_siren(siren)
        if not slugs:
            return "", Origin("", 0, "unknown")
        slug = slugs[0]
        if slug not in self._origins:
            self._origins[slug] = self.fleet.origins(slug)
        origins = self._origins[slug]
        if address.startswith("remote:"):
            # A mailbox like any other, but for the host that speaks of it.
            address = f"mailbox:{address[len('remote:') :]}"
        found = origins.get(address)
        if found:
            return slug, found
        if delegated := self._delegation(address):
            return slug, delegated
        if retired := retirement_of(address, origins):
            return slug, retired
        facts = self.fleet.facts(slug)
        place = nearest_origin(address, origins)
        file = place.file if place else facts.file if facts else ""
        return slug, Origin(file, place.line if place else 1, "undeclared")

    def _delegation(self, address: str) -> Origin | None:
        """The line of a zone whose delegation a record set is; its parent's host brings that."""
        kind, _, rest = address.partition(":")
        name, _, rtype = rest.partition("./")
        if kind != "rrset" or rtype not in {"NS", "DS"}:
            return None
        holders = self.fleet.index.holders_of_domain(name)
        zone = self._declared(holders[0]).get(f"zone:{name}") if holders else None
        return Origin(zone.file, zone.line, "delegation") if zone else None

    def _unanswered(self, answer: HostAnswer) -> Unanswered:
        share = next(
            s for s in self.all_shares if (s.host, s.service) == (answer.host, answer.service)
        )
        waiting = []
        for siren, address in waiting_for(self.fleet.repository, share):
            _, origin = self.origin(siren, address)
            waiting.append({"address": address, "file": origin.file, "line": origin.line})
        message = answer.message.strip().splitlines()
        return Unanswered(
            answer.host, answer.service, answer.status, message[0] if message else "", waiting
        )

    def _declared(self, slug: str) -> dict[str, Origin]:
        if slug not in self._origins:
            self._origins[slug] = self.fleet.origins(slug)
        found = self._origins[slug].items()
        return {address: o for address, o in found if not address.startswith(RETIRED)}

    def _count_declared(self) -> int:
        return sum(len(self._declared(slug)) for slug in self.fleet.sources)


def nearest_origin(address: str, origins: dict[str, Origin]) -> Origin | None:
    """Where in a file something is missing that was there: its zone, or its neighbours.

    A mailbox or an alias points at the first of its kind, a record or a page at its domain.
    """
    kind, _, name = address.partition(":")
    if kind in {"mailbox", "alias", "account", "relay"}:
        same = [o for a, o in origins.items() if a.startswith(f"{kind}:") and o.reason != "probe"]
        if same:
            return min(same, key=lambda origin: origin.line)
    for domain in _domains_of(name):
        if f"zone:{domain}" in origins:
            return origins[f"zone:{domain}"]
    return None


def retirement_of(address: str, origins: dict[str, Origin]) -> Origin | None:
    """The line that retires what `address` lies in: its domain, or the whole file."""
    for domain in (*_domains_of(address.partition(":")[2]), ""):
        if found := origins.get(f"{RETIRED}{domain}"):
            return found
    return None


def _domains_of(name: str) -> Iterator[str]:
    """The domain in a resource's name, then each of those above it."""
    domain = name.rpartition("@")[2].partition("./")[0]
    while domain:
        yield domain
        domain = domain.partition(".")[2]


def commit_of(root: Any) -> str:
    """Commit that the tree is at, with ``+`` when it has been changed since; empty without git."""
    done = subprocess.run(
        ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def dump(plan: Plan) -> str:
    """The plan as the JSON text that ``plan --out`` writes."""
    return json.dumps(plan.data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
