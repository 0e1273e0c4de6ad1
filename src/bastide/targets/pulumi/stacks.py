# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones of a platform at Cloudflare, planned and converged through Pulumi.

It answers as a host does.  Only stacks are run whose desired graph is another than the one that was
brought about last; where the `pulumi` command is missing, a plan is made without it, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bastide.diagnostics import Diagnostic, RunFailed, diagnose
from bastide.targets.cloudflare.compare import too_many
from bastide.targets.pulumi.budget import Budget
from bastide.targets.pulumi.events import compare
from bastide.targets.pulumi.faults import LOCKED, OFFLINE, RUN_FAILED
from bastide.targets.pulumi.found import Found
from bastide.targets.pulumi.graph import RULESET, Graph, graph_of, rrset_of, waiting_of
from bastide.targets.pulumi.settled import kept, mark_of, remembered, source_of
from bastide.targets.pulumi.setup import Setup
from bastide.targets.pulumi.stages import stages_of, waiting_changes
from bastide.targets.pulumi.state import State
from bastide.targets.pulumi.validate import Fault, faults_of
from bastide.targets.reconcile import Change, digest

Line = Mapping[str, Any]
Look = Callable[[str], Found]
"""What is at Cloudflare of a domain (A-labels): the direct adapter's answer to one LIST."""
RunJobs = Callable[[Setup, list[dict[str, Any]], Budget], Iterable[Mapping[str, Any]]]
"""How jobs are done: :func:`bastide.targets.pulumi.pool.run_jobs`, in worker processes."""


@dataclass(slots=True)
class Result:
    """As a bulk module's result in docs/architecture, with `notes` for who reads the plan.

    `masked` are addresses whose value does not count in the digest: a host gives it.
    """

    changes: list[Change] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    left_alone: list[dict[str, str]] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)
    stale: bool = False
    masked: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """As plain JSON, but for the notes."""
        changes = sorted(self.changes, key=lambda one: (one["address"], one["siren"]))
        return {
            "changed": bool(changes),
            "changes": changes,
            "failed_changes": sorted(self.failed, key=lambda one: one["address"]),
            "left_alone": sorted(self.left_alone, key=lambda one: one["address"]),
            "digest": digest(changes, self.masked),
            "stale": self.stale,
        }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One stack: what it shall be, and the domains that are retired (None: all it has)."""

    desired: Graph
    retired: tuple[str, ...] | None
    mark: str


class Stacks:
    """The stacks of one environment.

    `look` is asked for zones that no state knows, and for those of a run that was killed; without
    it nothing is imported.
    """

    def __init__(
        self,
        setup: Setup,
        look: Look | None = None,
        budget: Budget | None = None,
        run: RunJobs | None = None,
    ) -> None:
        self._setup, self._look, self._run = setup, look, run or _in_workers
        rate = setup.requests_per_second
        # A minute's worth may come at once: far below what is counted in five.
        self._budget = budget or Budget(rate, rate * 60)
        self._jobs: dict[str, tuple[dict[str, Any], int]] = {}
        self._seen: Result | None = None

    def observe(self, lines: Iterable[Line], values: Mapping[str, str]) -> Result:
        """What would change for the collectivities of `lines`; nothing is written.

        `lines` are those of the ``dns`` share, `values` what hosts gave for pending record sets.
        """
        result = Result()
        wanted = [one for line in lines if (one := self._wanted(line, values, result)) is not None]
        self._jobs = {}
        if wanted and self._setup.command_root() is None:
            result.notes.append(diagnose(OFFLINE, ""))
            for one in wanted:
                self._offline(one, result)
        else:
            jobs = [job for one in wanted if (job := self._job(one, result)) is not None]
            asked = {job["desired"]["stack"]: job for job in jobs}
            for answer in self._do("preview", jobs):
                self._take(answer, result)
                self._jobs[answer["stack"]] = (asked[answer["stack"]], answer["requests"])
        self._seen = result
        return result

    def converge(self, expect: str | None) -> Result:
        """Make what was observed, unless that is no longer the digest `expect`."""
        if self._seen is None:
            raise RuntimeError("converge comes after observe")
        self._setup.require_command()
        result = Result()
        if expect is not None and self._seen.data["digest"] != expect:
            result.stale = True
            return result
        jobs = [{**job, "requests": requests} for job, requests in self._jobs.values()]
        for answer in self._do("up", jobs):
            self._take(answer, result)
        # What was known to fail has failed; what failed in the run was not made.
        result.failed += [one for one in self._seen.failed if one not in result.failed]
        failed = {one["address"] for one in result.failed}
        result.changes = [one for one in result.changes if one["address"] not in failed]
        return result

    def _wanted(self, line: Line, values: Mapping[str, str], result: Result) -> _Wanted | None:
        """The stack of a line, if it must be run; what cannot be is told in `result`."""
        stack, retired = line["siren"], None
        settled = self._setup.settled(stack)
        interrupted = self._setup.interrupted(stack).exists()
        source = source_of(line, self._setup.policy, values)
        known = remembered(settled)
        result.masked += [address for address, _ in waiting_of(line)]
        if not interrupted and known[0] == source:
            return None
        try:
            desired = graph_of(line, self._setup.policy, values)
        except ValueError as error:
            result.failed.append(_failed(f"stack:{stack}", stack, str(error)))
            return None
        if not line["retired"]:
            retired = tuple(sorted(line["retired_domains"]))
        mark = mark_of(source, desired, retired)
        settled_by_graph = not interrupted and mark.splitlines()[1] == known[1]
        # A collectivity without a domain, which had none.
        nothing = not desired.nodes and retired == () and not settled.exists()
        if settled_by_graph or nothing:
            return None
        wanted = _Wanted(desired, retired, mark)
        if faults := faults_of(desired):
            self._refuse(wanted, faults, result)
            return None
        return wanted

    def _refuse(self, one: _Wanted, faults: list[Fault], result: Result) -> None:
        """A stack with a record that would be refused is not run: what is there stays whole."""
        stack = one.desired.stack
        addresses = {node.key: rrset_of(node) for node in one.desired.nodes}
        result.failed += [
            _failed(addresses[fault.key], stack, f"{fault.path} {fault.why}".strip())
            for fault in faults
        ]
        doomed = {failure["address"] for failure in result.failed}
        offline = Result()
        self._offline(one, offline)
        result.changes += [found for found in offline.changes if found["address"] in doomed]

    def _job(self, one: _Wanted, result: Result) -> dict[str, Any] | None:
        stack = one.desired.stack
        state = kept(self._setup.exported(stack)) or State()
        found = Found()
        if self._look:
            again = self._setup.interrupted(stack).exists() or bool(state.pending)
            # Others may have written rules since: the list is written as a whole.
            ruled = {node.zone for node in one.desired.nodes if node.token == RULESET}
            ruled |= {held.zone for held in state.held.values() if held.token == RULESET}
            zones = {node.key for node in one.desired.nodes if not node.zone}
            domains = sorted(
                key.removeprefix("zone:")
                for key in zones | ruled
                if again or key in ruled or key not in state.held
            )
            try:
                for domain in domains:
                    found |= self._look(domain)
            except RunFailed as error:
                result.failed.append(_failed(f"stack:{stack}", stack, str(error)))
                return None
        if crowded := _crowded(one.desired, found):
            result.failed += crowded
            return None
        return {
            "requests": 0,
            "desired": one.desired.data,
            "retired": None if one.retired is None else list(one.retired),
            "found": found.data,
            "mark": one.mark,
            "settled": str(self._setup.settled(stack)),
            "exported": str(self._setup.exported(stack)),
            "graph": str(self._setup.graph(stack)),
        }

    def _offline(self, one: _Wanted, result: Result) -> None:
        """The plan of one stack without the command: against what it held last."""
        stack = one.desired.stack
        state = kept(self._setup.exported(stack)) or State()
        run = stages_of(one.desired, state, None, one.retired)
        result.changes += compare(run.before, run.graph.nodes, stack) + waiting_changes(run, stack)
        result.left_alone += _left(stack, run.left_alone)

    def _do(self, what: str, jobs: list[dict[str, Any]]) -> Iterable[Mapping[str, Any]]:
        return self._run(self._setup, [{**job, "do": what} for job in jobs], self._budget)

    def _take(self, answer: Mapping[str, Any], result: Result) -> None:
        stack = answer["stack"]
        result.changes += answer["changes"]
        result.failed += answer["failed"]
        result.left_alone += _left(stack, answer["left_alone"])
        facts = {"stack": stack, "log": self._setup.log}
        if answer["locked"]:
            found = diagnose(LOCKED, "", holder=answer["locked"], **facts)
            result.failed.append(_failed(f"stack:{stack}", stack, found.message()))
        for reason in answer["errors"]:
            found = diagnose(RUN_FAILED, "", reason=reason, **facts)
            result.failed.append(_failed(f"stack:{stack}", stack, found.message()))


def _crowded(desired: Graph, found: Found) -> list[dict[str, str]]:
    """Zones that would have more redirect rules than their plan allows."""
    failed = []
    for node in desired.nodes:
        others = len(found.others(node.key)) if node.token == RULESET else 0
        most = found.most.get(node.key)
        if most is not None and (count := others + len(node.inputs["rules"])) > most:
            zone = node.zone.removeprefix("zone:")
            error = too_many(zone, count, others, most)
            failed.append(_failed(node.key, desired.stack, error))
    return failed


def _in_workers(
    setup: Setup, jobs: list[dict[str, Any]], budget: Budget
) -> Iterable[Mapping[str, Any]]:
    # Loaded late: a fleet that is settled needs no process.
    from bastide.targets.pulumi.pool import run_jobs

    return run_jobs(setup, jobs, budget)


def _left(stack: str, entries: Iterable[Iterable[str]]) -> list[dict[str, str]]:
    return [{"address": address, "siren": stack, "why": why} for address, why in entries]


def _failed(address: str, siren: str, error: str) -> dict[str, str]:
    return {"address": address, "siren": siren, "error": error}
