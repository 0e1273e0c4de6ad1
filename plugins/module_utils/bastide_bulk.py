# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bulk modules have in common: arguments, order of the steps, form of the result.

A service gives two functions: `survey` reads the share and the host once and finds the
changes; `converge` makes them.  Check mode stops between the two, so what it shows is what
a run would do.  The agreement is in docs/architecture/README.md.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_files import HostError, explain, service_at_rest, service_lock
from ansible.module_utils.bastide_reconcile import Change, digest
from ansible.module_utils.bastide_share import SIREN, BadShare, Check, Share, is_domain, read_share

ARGUMENTS: dict[str, dict[str, Any]] = {
    "share": {"type": "path", "required": True},
    "scope": {"type": "list", "elements": "str", "default": []},
    "values": {"type": "dict", "default": {}},
    "held": {"type": "dict", "default": {}},
    "expect": {"type": "str"},
    "lock_timeout": {"type": "int", "default": 60},
}

# A value from another host ends in a TXT record: printable ASCII, at most what fits a record.
VALUE = re.compile(r"[ -~]{1,4000}\Z")


@dataclass(slots=True)
class Survey:
    """What was found on the host, and what is to change.

    Attributes:
        share: The desired state; empty before the survey of a service that `reads_share`.
        source: The file that holds it.
        scope: SIREN that the run may touch; empty for all.
        values: What other hosts gave for pending values.
        held: Of several hosts, what each of the others holds alone: SIREN by host.
        gives: What this host gives for other hosts' pending values.
        changes: What differs, in the form of ``reconcile``.
        pending: Addresses whose new value the share alone does not know.
        left_alone: What stands on the host and is neither declared nor retired.
        totals: Per SIREN, what stands on the host before the run, counted by kind.
        failed: Address of what cannot or could not be done → SIREN and why.
        undone: Addresses of changes that therefore do not happen.
        repaired: Files of ours that did not match the state and are made anew, without
            being anyone's resource.
        restless: SIREN of whom something differs, failed or depends on the day.
        warnings: What the operator should know and nobody has to repair in a charter.
        waiting: What a later run does, since a limit of others does not allow it yet.
        also: Further facts of this service alone, for its result.
        work: The service's own notes between `survey` and `converge`.
    """

    share: Share
    source: Path = Path()
    scope: frozenset[str] = frozenset()
    values: dict[str, str] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    gives: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)
    left_alone: list[dict[str, str]] = field(default_factory=list)
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    repaired: list[str] = field(default_factory=list)
    restless: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    waiting: list[dict[str, str]] = field(default_factory=list)
    also: dict[str, Any] = field(default_factory=dict)
    work: Any = None

    def in_scope(self, siren: str) -> bool:
        """True when the run may touch what belongs to `siren`."""
        return not self.scope or siren in self.scope

    def leave(self, address: str, siren: str, why: str) -> None:
        """Note something that is on the host and is not touched."""
        self.left_alone.append({"address": address, "siren": siren, "why": why})

    def fail(self, address: str, siren: str, why: str, undone: set[str] | None = None) -> None:
        """Note what cannot be done; `undone` are the changes that go with it."""
        self.failed[address] = (siren, why)
        self.undone |= undone if undone is not None else {address}

    def wait(self, address: str, siren: str, why: str) -> None:
        """Note a change that does not happen now and is no failure."""
        self.waiting.append({"address": address, "siren": siren, "why": why})
        self.undone.add(address)

    def count(self, siren: str, kind: str, number: int = 1) -> None:
        """Add to the totals."""
        mine = self.totals.setdefault(siren, {})
        mine[kind] = mine.get(kind, 0) + number

    def report_unusable(self) -> None:
        """Tell what of the share cannot be converged; what stands there is not touched."""
        for address, (siren, why) in self.share.unusable.items():
            if self.in_scope(siren):
                self.fail(address, siren, why)


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a host, as its bulk module sees it.

    Attributes:
        name: ``dns``, ``mail``, ``web`` or ``tls``.
        lock: File that whoever changes this service locks.
        checks: What judges the bodies of the share, by kind.
        survey: Fills a survey that has share, scope and values.
        converge: Makes the changes of a survey; notes what failed.
        reads_share: The survey reads the share, as much of it as it needs.
    """

    name: str
    lock: Path
    checks: Mapping[str, Check]
    survey: Callable[[Survey], None]
    converge: Callable[[Survey], None]
    reads_share: bool = False


def outcome(service: Service, args: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Do the whole work of a bulk module and return its result.

    Args:
        service: Which.
        args: `share`, `scope`, `values`, `expect`, `lock_timeout`.
        check_mode: Only look; waits for a run at work, but is never refused by one.

    Raises:
        HostError: The host does not let us; BadShare: the share is not usable.
        OSError: Reading or writing failed.
    """
    scope = frozenset(args.get("scope") or ())
    if not all(SIREN.match(siren) for siren in scope):
        raise HostError("scope holds something that is no SIREN")
    source = Path(args["share"])
    survey = Survey(
        share=Share() if service.reads_share else read_share(source, service.name, service.checks),
        source=source,
        scope=scope,
        values=_values(args.get("values") or {}),
        held=_held(args.get("held") or {}),
    )
    patience = args.get("lock_timeout") or 0
    if check_mode:
        with service_at_rest(service.lock, patience):
            service.survey(survey)
            return result(survey, args.get("expect"), act=None)
    with service_lock(service.lock, patience):
        service.survey(survey)
        return result(survey, args.get("expect"), act=service.converge)


def _values(values: Mapping[str, Any]) -> dict[str, str]:
    for name, value in values.items():
        kind, _, domain = str(name).partition(":")
        fits = isinstance(value, str) and VALUE.match(value)
        if kind not in ("dkim", "tlsa") or not is_domain(domain) or not fits:
            raise HostError(f"values: {name!r} is not a value that a host gives")
    return dict(values)


def _held(held: Mapping[str, Any]) -> dict[str, list[str]]:
    for host, sirens in held.items():
        if not isinstance(sirens, list) or not all(SIREN.match(str(one)) for one in sirens):
            raise HostError(f"held: what {host!r} holds is no list of SIREN")
    return {str(host): [str(one) for one in sirens] for host, sirens in held.items()}


def result(
    survey: Survey, expect: str | None, act: Callable[[Survey], None] | None
) -> dict[str, Any]:
    """Compare with the plan, act when it still holds, and put the result together."""
    found = digest(survey.changes, survey.pending)
    stale = bool(expect) and expect != found
    if act is not None and not stale:
        act(survey)
    # A plan shows also what is going to fail, or the failure would be met by nobody.
    undone = survey.undone if act is not None and not stale else set()
    changes = [one for one in survey.changes if one["address"] not in undone]
    failed = sorted(survey.failed.items())
    return {
        "changed": not stale and bool(changes or survey.repaired),
        "changes": changes,
        "failed_changes": [
            {"address": address, "siren": siren, "error": why, **_kind(survey, address)}
            for address, (siren, why) in failed
        ],
        "digest": found,
        "waiting": survey.waiting,
        "left_alone": sorted(survey.left_alone, key=lambda one: (one["siren"], one["address"])),
        "totals": survey.totals,
        "values": survey.gives,
        "repaired": sorted(survey.repaired),
        "warnings": survey.warnings,
        "stale": stale,
        **survey.also,
    }


def _kind(survey: Survey, address: str) -> dict[str, str]:
    return {"kind": survey.kinds[address]} if address in survey.kinds else {}


def diff_of(changes: list[Change]) -> dict[str, str]:
    """The changes as two texts for Ansible's diff mode, one line per address."""
    sides: dict[str, list[str]] = {"before": [], "after": []}
    for one in changes:
        for side, lines in sides.items():
            if one[side] is not None:
                lines.append(f"{one['address']} {json.dumps(one[side], sort_keys=True)}\n")
    return {side: "".join(lines) for side, lines in sides.items()}


def main(service: Service) -> None:
    """Run as an Ansible module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    # A few large structures, built once and kept to the end: the cycle collector would walk
    # them over and over (it doubles the time at 300,000 mailboxes) and find nothing.
    gc.disable()
    try:
        facts = outcome(service, module.params, check_mode=module.check_mode)
    except BadShare as error:
        module.fail_json(msg=f"The share is refused, nothing was touched: {error}")
    except HostError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=explain(error))
    for warning in facts.pop("warnings"):
        module.warn(warning)
    if module._diff:  # noqa: SLF001 - Ansible's documented way to ask
        facts["diff"] = diff_of(facts["changes"])
    module.exit_json(**facts)
