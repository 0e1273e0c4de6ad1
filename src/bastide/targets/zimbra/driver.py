# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a Zimbra server to the desired set: batches, then a second look at what was touched.

Nothing is remembered between runs: a run that was killed anywhere is taken up by the next one,
which reads what is there and compares again.  Every request leaves the server in a state that
the next comparison understands; an entry and its mark are made in one request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bastide.desired import Origin
from bastide.diagnostics import BastideError, Diagnostic, RunFailed, diagnose
from bastide.targets.owners import Owners
from bastide.targets.reconcile import Change, change
from bastide.targets.zimbra import entries
from bastide.targets.zimbra.directory import BATCH, Actual, domain_of, read_actual
from bastide.targets.zimbra.entries import ATTRIBUTES, OBJECTS, Entry
from bastide.targets.zimbra.faults import CHANGE_FAILED, LEFT_ALONE, STALE
from bastide.targets.zimbra.plan import Plan, Resources, compute, owners_of
from bastide.targets.zimbra.soap import Client, Element, Fault, request, selected

_ORDER = ("cos", "domain", "account", "resource", "list", "alias")


@dataclass(slots=True)
class Outcome:
    """What a run did: `changes` made and seen to be, and the rest as in :class:`Plan`."""

    changes: list[Change] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    left_alone: list[dict[str, str]] = field(default_factory=list)
    digest: str = ""

    def diagnostics(self, origins: Mapping[str, Origin] | None = None) -> list[Diagnostic]:
        """Every failure at the line of YAML that asks for it, and what was left alone.

        `origins` maps an address to its line; what has none is told without a place.
        """
        nowhere = Origin("", 0, "")
        told = []
        for one in self.failed:
            file, line, _ = (origins or {}).get(one["address"], nowhere)
            column = 1 if line else 0
            facts = {"address": one["address"], "error": one["error"]}
            told.append(diagnose(CHANGE_FAILED, file, line, column, **facts))
        return told + [
            diagnose(LEFT_ALONE, "", address=one["address"], why=one["why"])
            for one in self.left_alone
        ]


class Driver:
    """Plans and carries out; both read the server first and change nothing they did not see."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._actual = Actual()
        self._errors: dict[str, str] = {}
        self._lost: Fault | None = None

    def plan(
        self, desired: Resources, owners: Owners | None = None, *, whole: bool = False
    ) -> Plan:
        """The changes that :meth:`run` would make now; ``RunFailed`` as in ``read_actual``.

        `owners` are all whose entries may be touched, those of `desired` when None.  A `whole`
        plan also looks for what is marked for anybody else, and tells it.
        """
        owners = owners_of(desired) if owners is None else owners
        wanted = {domain_of(address.partition(":")[2]) for address in desired}
        # Where nothing is declared any more, somebody may be left to suspend.
        wanted.update(*(owner.domains for owner in owners.values()))
        sirens = None if whole else frozenset(owners)
        self._actual = read_actual(self._client, wanted, sirens)
        return compute(desired, self._actual, owners)

    def run(
        self, desired: Resources, expect: str | None = None, owners: Owners | None = None
    ) -> Outcome:
        """Make the changes; one that fails is told and never stops the others.

        `expect` is the digest of the plan that was approved; ``RunFailed`` before anything
        was touched when the server asks for other changes by now.
        """
        plan = self.plan(desired, owners)
        if expect is not None and expect != plan.digest:
            raise RunFailed(diagnose(STALE, "", found=plan.digest, expected=expect))
        self._errors, self._lost = {}, None
        # Names are freed before others take them; what others refer to is made before them.
        self._carry_out(plan.changes, self._freeing)
        bereft = self._bereft_lists(plan, desired)
        for kind in _ORDER:
            now = [one for one in plan.changes if one["address"].startswith(f"{kind}:")]
            self._carry_out(now, self._making)
            if kind == "list":
                self._carry_out([*now, *bereft], self._filling)
        return self._verified(plan, bereft)

    def _bereft_lists(self, plan: Plan, desired: Resources) -> list[Change]:
        """Lists that have no change of their own, but lose a member that they shall keep.

        With an alias or a list, the server takes its name out of every list, even where an
        account or another list bears that name a moment later.
        """
        freed = {
            one["address"].partition(":")[2]
            for one in plan.changes
            if one["before"] and one["address"] not in self._errors and [*self._freeing(one)]
        }
        settled = {one["address"] for one in [*plan.changes, *plan.failed]}
        bereft = []
        for address, entry in self._actual.entries.items():
            members = entry.body({})["members"] if entry.kind == "list" else []
            if freed.isdisjoint(members):
                continue
            self._actual.entries[address] = entry.without_members(freed)
            siren, body = desired.get(address, ("", {}))
            if siren == entry.siren and address not in settled:
                bereft.append(change("update", address, siren, body, body))
        return bereft

    def _carry_out(
        self, changes: list[Change], steps: Callable[[Change], Iterator[Element]]
    ) -> None:
        todo = [
            (one["address"], step)
            for one in changes
            if one["address"] not in self._errors
            for step in steps(one)
        ]
        for start in range(0, len(todo), BATCH):
            now = todo[start : start + BATCH]
            for (address, _), answer in zip(now, self._send([s for _, s in now]), strict=True):
                self._note(address, answer)

    def _send(self, steps: list[Element]) -> list[Element | Fault]:
        """The answers to `steps`; once a batch got lost the rest waits for another run."""
        if self._lost is None:
            try:
                return self._client.batch(steps)
            except Fault as fault:
                return [fault] * len(steps)
            except BastideError as failure:
                self._lost = Fault("no answer", str(failure))
        return [self._lost] * len(steps)

    def _note(self, address: str, answer: Element | Fault) -> None:
        if isinstance(answer, Fault):
            self._errors.setdefault(address, f"{answer.code}: {answer.reason}")
            return
        element = entries.own_element(answer)
        made = entries.read_entry(element) if element is not None else None
        if made is not None and made.address not in self._actual.entries:
            self._actual.entries[made.address] = made

    def _freeing(self, one: Change) -> Iterator[Element]:
        kind, _, name = one["address"].partition(":")
        if kind == "alias" and one["before"]:
            holder = self._actual.entries[f"account:{one['before']['account']}"]
            yield entries.alias("Remove", holder.id, name)
        if kind == "list" and one["action"] == "delete":
            yield request("DeleteDistributionListRequest", id=self._entry(one).id)

    def _making(self, one: Change) -> Iterator[Element]:
        kind, _, name = one["address"].partition(":")
        if one["action"] == "delete":
            return
        if kind == "alias":
            holder = self._actual.entries.get(f"account:{one['after']['account']}")
            if holder is None:
                self._errors[one["address"]] = "its account is not there"
            else:
                yield entries.alias("Add", holder.id, name)
            return
        if kind != "list" or one["action"] == "create":
            yield from self._attributes(one, kind, name)

    def _attributes(self, one: Change, kind: str, name: str) -> Iterator[Element]:
        classes = {name: number for number, name in self._actual.classes.items()}
        attributes = entries.attributes_of(kind, one["siren"], one["after"], classes)
        if attributes is None:
            self._errors[one["address"]] = f"no class of service {one['after']['cos']}"
        elif one["action"] == "create":
            yield entries.creation(kind, name, attributes)
        else:
            yield entries.modification(kind, self._entry(one), attributes)

    def _filling(self, one: Change) -> Iterator[Element]:
        """A list is made empty, then filled; killed in between, the next run fills it."""
        there = self._actual.entries.get(one["address"])
        if one["action"] == "delete" or there is None:
            return
        have = {*there.body({})["members"]}
        want = {*one["after"]["members"]}
        if want - have:  # first, so that mail to the list never reaches nobody
            yield entries.members("Add", there.id, sorted(want - have))
        if have - want:
            yield entries.members("Remove", there.id, sorted(have - want))

    def _entry(self, one: Change) -> Entry:
        return self._actual.entries[one["address"]]

    def _verified(self, plan: Plan, bereft: list[Change]) -> Outcome:
        """Read again what was touched, and nothing else, and compare with what was wanted."""
        outcome = Outcome(
            failed=list(plan.failed), left_alone=list(plan.left_alone), digest=plan.digest
        )
        self._lost = None
        touched = [*plan.changes, *bereft]
        found = self._read_again(touched)
        for one in touched:
            wanted = None if one["after"] is None else (one["siren"], one["after"])
            if _seen(one, found, self._actual.classes) == wanted:
                # A list that was only put right again is no change.
                outcome.changes += [one] if one["before"] != one["after"] else []
                continue
            error = self._errors.get(one["address"], "the server took it but shows another state")
            failure = {"address": one["address"], "siren": one["siren"], "error": error}
            outcome.failed.append(failure)
        outcome.failed.sort(key=lambda one: one["address"])
        return outcome

    def _read_again(self, changes: list[Change]) -> dict[str, Entry | None]:
        """Address → entry, None where there is none; without those that gave no answer."""
        addresses = sorted({address for one in changes for address in _touched(one)})
        found: dict[str, Entry | None] = {}
        for start in range(0, len(addresses), BATCH):
            now = addresses[start : start + BATCH]
            answers = self._send([self._question(address) for address in now])
            for address, answer in zip(now, answers, strict=True):
                if not isinstance(answer, Fault):
                    element = entries.own_element(answer)
                    entry = None if element is None else entries.read_entry(element)
                    # By name, an account answers to its aliases too.
                    same = entry is not None and entry.address == address
                    found[address] = entry if same else None
                elif ".NO_SUCH_" in answer.code:
                    found[address] = None
        return found

    def _question(self, address: str) -> Element:
        kind, _, name = address.partition(":")
        known = self._actual.entries.get(address)
        by, value = ("id", known.id) if known else ("name", name)
        inherited = {"account": "applyCos", "resource": "applyCos", "domain": "applyConfig"}
        options = {inherited[kind]: "0"} if kind in inherited else {}
        return selected(OBJECTS[kind], by, value, attrs=",".join(ATTRIBUTES), **options)


def _touched(one: Change) -> Iterator[str]:
    """Addresses of the entries that a change writes to."""
    if not one["address"].startswith("alias:"):
        yield one["address"]
        return
    for body in (one["before"], one["after"]):
        if body:
            yield f"account:{body['account']}"


def _seen(one: Change, found: Mapping[str, Entry | None], classes: Mapping[str, str]) -> object:
    """``(siren, body)`` that stands at a change's address now, None for nothing, else a text."""
    if any(address not in found for address in _touched(one)):
        return "no answer"
    kind, _, name = one["address"].partition(":")
    if kind != "alias":
        entry = found[one["address"]]
        return None if entry is None else (entry.siren, entry.body(classes))
    for holder in _touched(one):
        entry = found[holder]
        if entry is not None and name in entry.aliases:
            return entry.siren, {"account": entry.name}
    return None
