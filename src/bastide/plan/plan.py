# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan: a pure, sorted object.  It can be stored, compared, shown and applied as it is."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bastide.diagnostics import Diagnostic

Action = Literal["create", "update", "delete", "suspend", "restore", "rename", "replace"]
ACTIONS: tuple[Action, ...] = (
    *("create", "update", "rename", "replace", "restore", "suspend", "delete"),
)
FORMAT = 1

# Actions that take something away from people; the safety limits count them.
TAKING_AWAY = frozenset({"delete", "suspend", "replace"})

# What a host also does by itself, hour by hour: a plan that was read yesterday is none the worse
# for a certificate that its timer has obtained since.
BY_ITSELF = frozenset({"tls"})


@dataclass(frozen=True, slots=True, order=True)
class PlannedChange:
    """One change, where it happens and which line of YAML asks for it.

    Ordered by collectivity, service and address: a plan reads like the charters.
    """

    collectivity: str
    service: str
    address: str
    host: str
    action: Action
    siren: str
    file: str
    line: int
    reason: str
    before: dict[str, Any] | None = field(compare=False, default=None)
    after: dict[str, Any] | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True, order=True)
class LeftAlone:
    """Something on a host that the charters do not explain, and that nothing touches."""

    host: str
    service: str
    address: str
    siren: str
    why: str


@dataclass(frozen=True, slots=True, order=True)
class Doomed:
    """A change that is known to fail already, and the line of YAML that asks for it."""

    file: str
    line: int
    address: str
    host: str
    error: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A service of a host that could not be asked, and what waits for it."""

    host: str
    service: str
    status: str
    message: str
    waiting: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Breach:
    """A safety limit that the plan is over."""

    level: Literal["zone", "collectivity", "run"]
    name: str
    taken: int
    existing: int
    allowed: int
    share: float
    floor: int


@dataclass(frozen=True, slots=True)
class GradeChange:
    """Grades by the RPNT of one collectivity before and after.

    `before` and `after` are the best grades that are met, empty for none; those in ``…_perhaps``
    may be there, which nobody knows.  `changed` maps a criterion or grade to its state before and
    after: ``met``, ``failed`` or ``unknown``.
    """

    collectivity: str
    before: str
    before_perhaps: str
    after: str
    after_perhaps: str
    changed: dict[str, list[str]]


@dataclass(slots=True)
class Plan:
    """What an apply would change, in every environment's terms.

    `scope` holds slugs, empty for the whole fleet; `expect` holds the digest that each
    host and service gave for its part.  `repairs` names hosts that have work to finish
    which is no change of a resource: a map to compile anew after a run was killed.  `notes` is what
    a reader must know of how the plan came about.
    """

    environment: str
    commit: str
    scope: list[str]
    changes: list[PlannedChange]
    left_alone: list[LeftAlone] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    expect: dict[str, dict[str, str]] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    doomed: list[Doomed] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)
    conformity: list[GradeChange] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """``sha256:…`` over what would change, whatever the commit and the hour.

        Certificates are left out: a host obtains them by itself too.
        """
        lines = sorted(
            json.dumps(
                [c.host, c.service, c.action, c.address, c.siren, c.before, c.after],
                sort_keys=True,
            )
            for c in self.changes
            if c.service not in BY_ITSELF
        )
        return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def totals(self) -> dict[str, int]:
        """Number of changes by action; every action is there."""
        counted = Counter(change.action for change in self.changes)
        return {a: counted[a] for a in ACTIONS}

    @property
    def hosts(self) -> list[str]:
        """Hosts that have something to do, or would have: an apply tells what is doomed, too."""
        changed = {change.host for change in self.changes}
        return sorted(changed | {one.host for one in self.doomed} | {*self.repairs})

    def by_collectivity(self) -> dict[str, list[PlannedChange]]:
        """Changes grouped, in order."""
        groups: dict[str, list[PlannedChange]] = {}
        for change in self.changes:
            groups.setdefault(change.collectivity, []).append(change)
        return groups

    @property
    def data(self) -> dict[str, Any]:
        """As plain JSON; :meth:`from_data` is the way back."""
        return {
            "format": FORMAT,
            "environment": self.environment,
            "commit": self.commit,
            "scope": self.scope,
            "digest": self.digest,
            "totals": self.totals,
            "changes": [asdict(c) for c in self.changes],
            "left_alone": [asdict(c) for c in self.left_alone],
            "unanswered": [asdict(c) for c in self.unanswered],
            "breaches": [asdict(c) for c in self.breaches],
            "expect": self.expect,
            "repairs": self.repairs,
            "doomed": [asdict(c) for c in self.doomed],
            "notes": [asdict(c) for c in self.notes],
            "conformity": [asdict(c) for c in self.conformity],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Plan:
        """Read what :attr:`data` gave; ``ValueError`` when it is something else."""
        try:
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']} is not {FORMAT}")
            plan = cls(
                environment=data["environment"],
                commit=data["commit"],
                scope=list(data["scope"]),
                changes=[PlannedChange(**c) for c in data["changes"]],
                left_alone=[LeftAlone(**c) for c in data["left_alone"]],
                unanswered=[Unanswered(**c) for c in data["unanswered"]],
                breaches=[Breach(**c) for c in data["breaches"]],
                expect=data["expect"],
                repairs=list(data["repairs"]),
                doomed=[Doomed(**c) for c in data.get("doomed", ())],
                notes=[_note(c) for c in data.get("notes", ())],
                conformity=[GradeChange(**c) for c in data.get("conformity", ())],
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a plan: {error}") from error
        if plan.digest != data.get("digest"):
            raise ValueError("its changes do not match its digest: the file was altered")
        return plan


def _note(data: dict[str, Any]) -> Diagnostic:
    return Diagnostic(**{**data, "facts": tuple((name, value) for name, value in data["facts"])})
