# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan, then apply exactly that: under one lock, within the limits, and on the record."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bastide.apply.faults import faults_of, notes_of, silent_hosts
from bastide.apply.lock import run_lock, who
from bastide.diagnostics import (
    Diagnostic,
    InvalidInput,
    RefusedBySafety,
    RunFailed,
    Severity,
    declare,
    diagnose,
)
from bastide.fleet import Fleet
from bastide.journal import Journal, journal_of
from bastide.plan import Plan, Planner, is_acknowledged
from bastide.plan.acknowledge import line_for
from bastide.plan.waiting import keep_applied
from bastide.plan.words import breach_text
from bastide.targets.ansible import HostAnswer, OnEvent, TenantsRun, run_tenants
from bastide.targets.values import known_values, remember_values

STALE = declare(
    "A521",
    Severity.ERROR,
    en="the plan is stale: it shows {saved}, what would change now is {now}",
    fr="le plan est périmé : il montre {saved}, ce qui changerait maintenant est {now}",
    hint_en="plan again, have it read again, apply that",
    hint_fr="refaites le plan, faites-le relire, appliquez celui-là",
)
OVER_LIMIT = declare(
    "A522",
    Severity.ERROR,
    en="over a safety limit, nothing was touched: {breach}",
    fr="limite de sécurité dépassée, rien n'a été touché : {breach_fr}",
    hint_en="if this is wanted, commit this line to {ledger}: {text}",
    hint_fr="si c'est voulu, validez cette ligne dans {ledger} : {text}",
)


@dataclass(slots=True)
class Outcome:
    """What an apply did.  `faults` is empty when everything was done; `notes` are no faults."""

    plan: Plan
    faults: list[Diagnostic] = field(default_factory=list)
    done: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Order:
    """What to apply: a scope of slugs (None: all), perhaps a saved plan, and how long to wait."""

    scope: list[str] | None = None
    saved: Plan | None = None
    lock_wait: float = 60


def apply(
    fleet: Fleet,
    order: Order,
    on_event: OnEvent | None = None,
) -> Outcome:
    """Converge the platform to `fleet`.

    Raises ``InvalidInput`` for a fleet with errors, ``RunFailed`` for a stale plan or a
    held lock, ``RefusedBySafety`` for a plan over its limits; in each case nothing was
    touched.  A failing host or resource raises nothing: it is in the outcome's faults.
    """
    if not fleet.sound:
        raise InvalidInput(*fleet.diagnostics)
    state = fleet.repository.state
    notify = _waiting_notice(on_event)
    with run_lock(state / "apply.lock", order.lock_wait, notify) as lock:
        journal = journal_of(fleet.repository, fleet.platform)
        note_interruption(journal)
        started = time.monotonic()
        planner = Planner(fleet)
        plan = planner.plan(order.scope, on_event)
        seconds = {"plan": _since(started)}
        _refuse_stale(order.saved, plan)
        _refuse_over_limit(fleet, plan, journal)
        outcome = Outcome(plan, silent_hosts(planner, plan), seconds=seconds)
        if not plan.hosts:
            _keep(planner, plan, {})
            journal.append("unchanged", _head(plan) | _tail(outcome))
            return outcome
        journal.append("begin", _head(plan))
        started = time.monotonic()
        answers = _converge(planner, plan, order.scope, lock, on_event)
        seconds["apply"] = _since(started)
        outcome.faults += faults_of(planner, plan, answers)
        outcome.notes = notes_of(planner, answers)
        outcome.done = len(plan.changes) - _not_done(plan, answers)
        if order.scope is None:
            _keep(planner, plan, {(a.host, a.service): a for a in answers})
        journal.append("end", _head(plan) | _tail(outcome))
        return outcome


def _converge(
    planner: Planner, plan: Plan, scope: list[str] | None, lock: int, on_event: OnEvent | None
) -> list[HostAnswer]:
    served = {share.host for share in planner.shares}
    hosts = [host for host in plan.hosts if host in served]
    mail_hosts = planner.hosts.of("mail")
    if not {*hosts}.isdisjoint(mail_hosts):
        # Each has to hear what the others hold; none that was not asked for its plan.
        answered = {host for host, parts in plan.expect.items() if "mail" in parts}
        hosts = sorted({*hosts, *answered.intersection(mail_hosts)})
    run = TenantsRun(
        check=False,
        scope=planner.sirens(scope),
        expect=plan.expect,
        values=known_values(planner.fleet.repository),
        hosts=hosts,
        lock=lock,
        probe=planner.fleet.platform.probe_sender or "",
    )
    repository = planner.fleet.repository
    answers = [*_converge_remotes(planner, plan, run.scope, on_event, before_hosts=True)]
    if hosts:
        placed = [(s.host, s.service) for s in planner.shares if s.host in hosts]
        answers += run_tenants(repository, placed, run, on_event)
    remember_values(repository, answers)
    answers += _converge_remotes(planner, plan, run.scope, on_event, before_hosts=False)
    return answers


def _converge_remotes(
    planner: Planner, plan: Plan, scope: list[str], on_event: OnEvent | None, *, before_hosts: bool
) -> Iterator[HostAnswer]:
    """Converge the services that the engine asks itself, those of one side of the hosts."""
    values = known_values(planner.fleet.repository)
    for remote in planner.remotes:
        if remote.before_hosts is before_hosts and remote.host in plan.hosts:
            expect = plan.expect.get(remote.host, {}).get(remote.service)
            yield remote.converge(scope, values, expect, on_event)


def note_interruption(journal: Journal) -> None:
    """Write down that the run before was killed, if it was; before anything else is written."""
    begun = journal.unfinished()
    if begun:
        journal.append(
            "interrupted",
            {"run": begun["sequence"], "plan": begun["plan"], "noticed_by": who()},
        )


def _refuse_stale(saved: Plan | None, plan: Plan) -> None:
    if saved and saved.digest != plan.digest:
        raise RunFailed(diagnose(STALE, "", saved=saved.digest[:19], now=plan.digest[:19]))


def _refuse_over_limit(fleet: Fleet, plan: Plan, journal: Journal) -> None:
    if not plan.breaches or is_acknowledged(fleet.repository, plan.digest):
        return
    journal.append("refused", _head(plan) | {"breaches": [b.name for b in plan.breaches]})
    ledger = f"inventory/{plan.environment}/acknowledgements.yml"
    raise RefusedBySafety(
        *(
            diagnose(
                OVER_LIMIT,
                fleet.workshop.platform.file if fleet.workshop.platform else "",
                breach=breach_text(breach, "en"),
                breach_fr=breach_text(breach, "fr"),
                ledger=ledger,
                text=line_for(plan.digest),
            )
            for breach in plan.breaches
        )
    )


def _not_done(plan: Plan, answers: list[HostAnswer]) -> int:
    count = 0
    for answer in answers:
        if answer.status != "ok" or answer.result.get("stale"):
            count += sum((c.host, c.service) == (answer.host, answer.service) for c in plan.changes)
        else:
            count += len(answer.result.get("failed_changes") or ())
            count += len(answer.result.get("waiting") or ())
    return count


def _keep(planner: Planner, plan: Plan, answers: dict[Any, HostAnswer]) -> None:
    """Remember the shares that hosts hold whole now, for the day one does not answer."""
    if plan.scope:
        return
    silent = {(u.host, u.service) for u in plan.unanswered}
    for share in planner.all_shares:
        key = (share.host, share.service)
        answer = answers.get(key)
        done = answer is None or (
            answer.status == "ok"
            and not answer.result.get("failed_changes")
            and not answer.result.get("waiting")
            and not answer.result.get("stale")
        )
        if done and key not in silent:
            keep_applied(planner.fleet.repository, share)


def _head(plan: Plan) -> dict[str, Any]:
    return {
        "who": who(),
        "environment": plan.environment,
        "commit": plan.commit,
        "plan": plan.digest,
        "scope": plan.scope,
        "totals": plan.totals,
    }


def _tail(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": "partial" if outcome.faults else "done",
        "done": outcome.done,
        "changes": [
            {
                "action": c.action,
                "address": c.address,
                "host": c.host,
                "collectivity": c.collectivity,
                "file": c.file,
                "line": c.line,
            }
            for c in outcome.plan.changes
        ],
        "faults": [f"{_place(d)} {d.message()}" for d in outcome.faults],
        "seconds": outcome.seconds,
    }


def _place(fault: Diagnostic) -> str:
    return f"{fault.file}:{fault.line}" if fault.line else fault.file


def _waiting_notice(on_event: OnEvent | None) -> Any:
    if on_event is None:
        return None
    return lambda holder: on_event({"event": "waiting", "holder": holder})


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
