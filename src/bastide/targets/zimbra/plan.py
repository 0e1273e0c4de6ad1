# SPDX-License-Identifier: GPL-3.0-or-later
"""What must change on a Zimbra server, and what is none of Bastide's business there.

Only entries that bear the mark of the collectivity that declares them are changed.  An
account or a resource that leaves is suspended; an alias or a list, which holds nothing, goes.
What a collectivity or a domain that is not declared at all has there is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bastide.targets.owners import Owner, Owners
from bastide.targets.reconcile import Change, digest, reconcile
from bastide.targets.zimbra.bodies import wrong
from bastide.targets.zimbra.directory import Actual, domain_of
from bastide.targets.zimbra.entries import Body, Entry

Resources = Mapping[str, tuple[str, Body]]
"""Address → (SIREN, body), see :mod:`bastide.targets.zimbra.entries`."""


_KEPT = frozenset({"account", "resource"})


@dataclass(slots=True)
class Plan:
    """What a run would do.

    `changes` are those it makes; `failed` (address, siren, error) are known to fail already;
    `left_alone` (address, siren, why) is what was found and will not be touched.
    """

    changes: list[Change] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    left_alone: list[dict[str, str]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Digest of the changes, the same in a plan and in the run that follows it."""
        return digest(self.changes)


def owners_of(desired: Resources) -> Owners:
    """What `desired` alone tells of the owners: the domains in it are declared by all of them."""
    domains = frozenset(a.partition(":")[2] for a in desired if a.startswith("domain:"))
    return {siren: Owner(domains) for siren, _ in desired.values()}


def compute(desired: Resources, actual: Actual, owners: Owners | None = None) -> Plan:
    """Compare `desired` with what is there; see :class:`Plan`.

    What an owner no longer declares is suspended; with bounce, where it has retired.
    """
    return _Planner(desired, actual, owners_of(desired) if owners is None else owners).plan()


class _Planner:
    def __init__(self, desired: Resources, actual: Actual, owners: Owners) -> None:
        self._given, self._actual, self._owners = desired, actual, owners
        self._result = Plan()
        self._mine: dict[str, tuple[str, Body]] = {}
        self._not_mine: dict[str, str] = {}

    def plan(self) -> Plan:
        for entry in self._actual.entries.values():
            self._sort(entry)
        desired = self._usable()
        self._keep_those_who_leave(desired)
        self._refuse_taken_names(desired)
        touched = self._touchable(desired)
        self._result.changes = [_named(one) for one in reconcile(desired, touched)]
        self._result.failed.sort(key=lambda one: one["address"])
        self._result.left_alone.sort(key=lambda one: one["address"])
        return self._result

    def _sort(self, entry: Entry) -> None:
        """Put one entry, and its aliases, among those to compare or those to leave alone."""
        body = entry.body(self._actual.classes)
        why = self._why_not(entry, body)
        for alias in entry.aliases:
            if why or entry.kind != "account":
                self._not_mine[f"alias:{alias}"] = why or "undeclared"
            else:
                self._mine[f"alias:{alias}"] = (str(entry.siren), {"account": entry.name})
        if why:
            self._leave(entry.address, entry.siren, why)
        else:
            self._mine[entry.address] = (str(entry.siren), body)

    def _why_not(self, entry: Entry, body: Body) -> str:
        """The first reason not to touch `entry`, empty for none."""
        declared = self._given.get(entry.address)
        above = entry.kind in {"cos", "domain"}
        fate = self._fate(entry.siren or "", entry.name)
        reasons = {
            "system": entry.siren is None and entry.is_system,
            "unmarked": entry.siren is None,
            "other-owner": declared is not None and declared[0] != entry.siren,
            "collectivity-gone": entry.siren not in self._owners,
            "maintenance": body.get("state") == "maintenance",
            "undeclared": declared is None and above,
            "domain-gone": declared is None and fate == "domain-gone",
        }
        return next((why for why, holds in reasons.items() if holds), "")

    def _fate(self, siren: str, name: str) -> str:
        return self._owners.get(siren, Owner()).fate(domain_of(name))

    def _leave(self, address: str, siren: str | None, why: str) -> None:
        self._not_mine[address] = why
        self._result.left_alone.append({"address": address, "siren": siren or "", "why": why})

    def _fail(self, address: str, siren: str, error: str) -> None:
        self._result.failed.append({"address": address, "siren": siren, "error": error})

    def _usable(self) -> dict[str, tuple[str, Body]]:
        """The declared resources that can be compared; the others have failed."""
        usable = {}
        for address, (siren, body) in self._given.items():
            error = wrong(address, body) or self._obstacle(address, siren, body)
            if error:
                self._fail(address, siren, error)
            else:
                usable[address] = (siren, dict(body))
        return usable

    def _taken(self, address: str, siren: str) -> str:
        if address in self._not_mine:
            why = self._not_mine[address]
            return f"an entry of this name is left alone ({why})"
        owner = self._mine.get(address)
        if owner is not None and owner[0] != siren:
            return "an entry of this name belongs to another collectivity"
        return ""

    def _obstacle(self, address: str, siren: str, body: Body) -> str:
        kind, _, name = address.partition(":")
        taken = self._taken(address, siren)
        if taken or kind in {"cos", "domain"}:
            return taken
        domain = domain_of(name)
        if domain in self._actual.unread:
            return f"the domain could not be listed ({self._actual.unread[domain]})"
        if self._domain_owner(domain) is None:
            return f"the domain {domain} is not there with Bastide's mark"
        if kind == "account":
            return self._class_of(body["cos"])
        return self._account_of(siren, body) if kind == "alias" else ""

    def _class_of(self, cos: str | None) -> str:
        if cos is None or f"cos:{cos}" in self._given or cos in self._actual.classes.values():
            return ""
        return f"no class of service {cos}"

    def _domain_owner(self, domain: str) -> str | None:
        there = self._actual.entries.get(f"domain:{domain}")
        declared = self._given.get(f"domain:{domain}")
        if there is not None:
            return there.siren
        return declared[0] if declared else None

    def _account_of(self, siren: str, body: Body) -> str:
        account = f"account:{body['account']}"
        there = self._mine.get(account) or self._given.get(account)
        if account in self._not_mine or there is None or there[0] != siren:
            return f"its account {body['account']} is not the collectivity's"
        return ""

    def _keep_those_who_leave(self, desired: dict[str, tuple[str, Body]]) -> None:
        """An account without declaration is desired as it is, but suspended."""
        for address, (siren, body) in self._mine.items():
            kind = address.partition(":")[0]
            if address in self._given or kind not in _KEPT:
                continue
            # A room that is no more must not go on taking bookings; a mailbox keeps its mail.
            retired = self._fate(siren, address.partition(":")[2]) == "retired"
            # Closed by hand: its login is refused already, and opening it is not for us.
            end = {"state": "suspended"}
            if body["state"] == "active" or retired:
                end["delivery"] = "bounce" if retired or kind == "resource" else "keep"
            desired[address] = (siren, body if body["state"] == "closed" else body | end)

    def _refuse_taken_names(self, desired: dict[str, tuple[str, Body]]) -> None:
        """Accounts, aliases, lists and resources share one space of names."""
        holders: dict[str, list[str]] = {}
        for address in [*desired, *self._given, *self._not_mine]:
            kind, _, name = address.partition(":")
            known = holders.setdefault(name, [])
            if kind not in {"cos", "domain"} and address not in known:
                known.append(address)
        for address in [a for a in desired if a not in self._mine]:
            others = [a for a in holders[address.partition(":")[2]] if a != address]
            if others and not address.startswith(("cos:", "domain:")):
                siren, _ = desired.pop(address)
                self._fail(address, siren, f"the name is taken by {', '.join(sorted(others))}")

    def _touchable(self, desired: Mapping[str, object]) -> dict[str, tuple[str, Body]]:
        """What is there and may change; a failed declaration leaves its entry as it is."""
        return {a: found for a, found in self._mine.items() if a in desired or a not in self._given}


def _named(one: Change) -> Change:
    """Say `suspend` and `restore` where an update is one."""
    before, after = one["before"] or {}, one["after"] or {}
    if one["action"] == "update" and before.get("state") != after.get("state"):
        one["action"] = "suspend" if after.get("state") == "suspended" else "restore"
    return one
