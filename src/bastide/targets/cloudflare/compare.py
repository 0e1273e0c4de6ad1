# SPDX-License-Identifier: GPL-3.0-or-later
"""What must change in one zone at Cloudflare, and what there is none of Bastide's business.

A record that Bastide wrote bears the mark of its collectivity.  A set that the charter declares is
brought to what it declares, whoever wrote it before.  A set that it does not declare goes when it
bears a mark, and is left alone when it does not: taking over a zone that others have filled removes
nothing.  Sets that Cloudflare keeps for itself (e-mail routing) are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bastide.diagnostics import diagnose
from bastide.model.edge import ORIGINLESS
from bastide.targets.cloudflare.client import Record
from bastide.targets.cloudflare.faults import TOO_MANY
from bastide.targets.cloudflare.records import (
    is_ours_to_give,
    normal_set,
    owner_of,
    set_body,
    siren_of,
)
from bastide.targets.cloudflare.redirects import body_of, is_ours, merged, owner_of_rule, rules_of
from bastide.targets.reconcile import PENDING, Body, Change, change, digest, reconcile

Key = tuple[str, str]
"""Owner (absolute, with final dot) and type of a record set."""

_ADDRESSES = frozenset({"A", "AAAA"})


@dataclass(frozen=True, slots=True)
class Redirects:
    """The redirect rules that a zone has, whoever wrote them, and how many it may have.

    `most` is None where its plan is not known.
    """

    rules: tuple[Record, ...] = ()
    most: int | None = None


@dataclass(slots=True)
class ZonePlan:
    """One zone: what shall change, and everything that is needed to carry it out.

    `desired` are the sets to have, `present` the records of those that may be touched; `unresolved`
    maps a set whose value nobody has given to the value's name; `others` are the SIREN, besides the
    zone's own, whose mark some of its records bear; `rules` are all its redirect rules to be, None
    where they stay as they are.
    """

    zone: str
    siren: str
    changes: list[Change] = field(default_factory=list)
    desired: dict[Key, dict[str, Any]] = field(default_factory=dict)
    present: dict[Key, list[Record]] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    unresolved: dict[Key, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    rules: list[dict[str, Any]] | None = None
    failed: list[dict[str, str]] = field(default_factory=list)
    left_alone: list[dict[str, str]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Digest of the changes, in which a pending value does not count."""
        return digest(self.changes, self.pending)

    def fail(self, address: str, error: str) -> None:
        """Note that what is declared at `address` cannot be had."""
        self.failed.append({"address": address, "siren": self.siren, "error": error})

    def leave(self, address: str, why: str) -> None:
        """Note that what is at `address` will not be touched."""
        self.left_alone.append({"address": address, "siren": self.siren, "why": why})

    @property
    def doomed(self) -> set[str]:
        """Addresses that are known to fail."""
        return {one["address"] for one in self.failed}


def compare(
    zone: str,
    siren: str,
    body: Body,
    values: Mapping[str, str],
    records: list[Record] | None,
    redirects: Redirects | None = None,
) -> ZonePlan:
    """The plan of a zone that `siren` declares.

    Args:
        zone: Its name in A-labels, without final dot.
        siren: Of the collectivity that declares it.
        body: What the compiler made of it, see :mod:`bastide.desired.zones`.
        values: What hosts gave for pending values.
        records: All that the API lists; None when there is no such zone yet.
        redirects: Its redirect rules; None when they were not looked at, see :func:`has_redirects`.
    """
    plan = ZonePlan(zone, siren)
    sets = _sets(zone, records or ())
    try:
        _want(plan, body, values, sets)
    except ValueError as error:
        plan.desired.clear()
        plan.fail(f"zone:{zone}", str(error))
        return plan
    for key, members in sets.items():
        _sort(plan, key, members)
    _refuse_collisions(plan)
    plan.changes = reconcile(_desired(plan), _actual(plan))
    if redirects is not None:
        _redirect(plan, rules_of(body.get("redirects") or (), siren), redirects)
    if records is None:
        plan.changes.insert(0, change("create", f"zone:{zone}", siren, None, {"siren": siren}))
    elif plan.others:
        before = {"siren": min(plan.others)}
        plan.changes.insert(0, change("update", f"zone:{zone}", siren, before, {"siren": siren}))
    return plan


def retire(
    zone: str, siren: str, records: list[Record], redirects: Redirects | None = None
) -> ZonePlan:
    """The plan of a zone that `siren` has retired: what bears its mark goes, the zone stays."""
    plan = ZonePlan(zone, siren)
    for key, members in _sets(zone, records).items():
        if {siren_of(one) for one in members} == {siren} and not _is_locked(members):
            plan.present[key] = members
    if plan.present:
        plan.changes = reconcile({}, _actual(plan))
        if redirects is not None:
            _redirect(plan, [], redirects)
        plan.changes.insert(0, change("delete", f"zone:{zone}", siren, {"siren": siren}, None))
    return plan


def has_redirects(body: Body | None, records: Iterable[Record] | None) -> bool:
    """Whether a zone has, or shall have, redirect rules of ours.

    `body` is what is declared, None when nothing is.  Rules are written before the records that
    bring visitors to them, and taken away before these: a record of ours that goes through the
    proxy is the sign that they may be there.
    """
    if body is not None and body.get("redirects"):
        return True
    return any(one.get("proxied") and siren_of(one) for one in records or ())


def redirects_address(zone: str) -> str:
    """Address of what Cloudflare answers in a zone: ``redirects:ville-cahors.fr``."""
    return f"redirects:{zone}"


def _redirect(plan: ZonePlan, want: list[dict[str, Any]], found: Redirects) -> None:
    """Compare the rules; those of others stay, and count for the limit of the zone's plan."""
    address = redirects_address(plan.zone)
    ours = [one for one in found.rules if is_ours(one)]
    others = [one for one in found.rules if not is_ours(one)]
    plan.others |= {owner_of_rule(one) for one in ours} - {"", plan.siren}
    if others:
        plan.leave(address, "unmarked")
    changes = reconcile(
        {address: (plan.siren, body_of(want, plan.siren))} if want else {},
        {address: (plan.siren, body_of(ours, plan.siren))} if ours else {},
    )
    if not changes:
        return
    plan.changes = sorted([*plan.changes, *changes], key=lambda one: str(one["address"]))
    count = len(others) + len(want)
    if found.most is not None and want and count > found.most:
        plan.fail(address, too_many(plan.zone, count, len(others), found.most))
        # Nobody stands behind a name that only leads elsewhere: without its rule it would not
        # answer at all.
        for key, body in plan.desired.items():
            if is_originless(body) and address_of(key) in {one["address"] for one in plan.changes}:
                plan.fail(address_of(key), f"{address} cannot be had")
        return
    plan.rules = merged(others, want, found.rules)


def too_many(zone: str, count: int, others: int, most: int) -> str:
    """What is said of a zone whose plan allows fewer redirect rules, with its code."""
    fault = diagnose(TOO_MANY, "", zone=zone, count=count, others=others, most=most)
    return f"{fault.code} {fault.message()}"


def is_originless(body: Body) -> bool:
    """Whether nobody stands behind a record set but the rules of the zone."""
    return bool(body.get("proxied")) and set(body["rdata"]) <= set(ORIGINLESS.values())


def address_of(key: Key) -> str:
    """Address of a record set: ``rrset:www.cahors.fr./A``."""
    return f"rrset:{key[0]}/{key[1]}"


def _sets(zone: str, records: Iterable[Record]) -> dict[Key, list[Record]]:
    sets: dict[Key, list[Record]] = {}
    for record in records:
        key = (owner_of(record), str(record["type"]))
        if is_ours_to_give(zone, *key):
            sets.setdefault(key, []).append(record)
    return dict(sorted(sets.items()))


def _want(
    plan: ZonePlan, body: Body, values: Mapping[str, str], sets: Mapping[Key, list[Record]]
) -> None:
    for rrset in body["rrsets"]:
        key = (rrset["name"], rrset["type"])
        if not is_ours_to_give(plan.zone, *key):
            continue
        try:
            want = normal_set(rrset, values)
        except ValueError as error:
            raise ValueError(f"{key[0]} {key[1]}: {error}") from error
        if PENDING in rrset:
            plan.pending.add(address_of(key))
        if want is None:
            plan.unresolved[key] = rrset[PENDING]
            # A mail host that is down must not take the keys of its domains out of the DNS.
            want = set_body(sets[key]) if key in sets else {}
        plan.desired[key] = want


def _sort(plan: ZonePlan, key: Key, members: list[Record]) -> None:
    """Put one set that is there among those to compare, or those to leave alone."""
    marks = {siren_of(one) for one in members}
    if _is_locked(members):
        plan.leave(address_of(key), "system")
        if plan.desired.pop(key, None) is not None:
            plan.fail(address_of(key), "Cloudflare keeps this record for itself")
    elif key not in plan.desired and marks == {""}:
        plan.leave(address_of(key), "unmarked")
    else:
        plan.present[key] = members
        plan.others |= marks - {"", plan.siren}


def _is_locked(members: list[Record]) -> bool:
    return any((one.get("meta") or {}).get("read_only") for one in members)


def _refuse_collisions(plan: ZonePlan) -> None:
    """Say beforehand what Cloudflare would refuse beside a set that is left alone."""
    left: dict[str, set[str]] = {}
    for one in plan.left_alone:
        owner, _, rtype = one["address"].removeprefix("rrset:").rpartition("/")
        left.setdefault(owner, set()).add(rtype)
    for owner, rtype in plan.desired:
        found = _colliding(rtype, left.get(owner, set()))
        if found:
            types = " and ".join(sorted(found))
            plan.fail(address_of((owner, rtype)), f"a {types} record of this name is left alone")


def _colliding(rtype: str, others: set[str]) -> set[str]:
    """Those of `others` that Cloudflare suffers no `rtype` record beside, at the same name.

    The notes to https://developers.cloudflare.com/api/resources/dns (create a record).
    """
    if rtype == "CNAME":
        return others & {*_ADDRESSES, "NS"}
    if rtype == "NS":
        return others - {"DS", "NS"}
    found = others & {"CNAME"} if rtype in _ADDRESSES else set()
    return found | (others & {"NS"} if rtype != "DS" else set())


def _desired(plan: ZonePlan) -> dict[str, tuple[str, Body]]:
    found: dict[str, tuple[str, Body]] = {}
    for key, body in plan.desired.items():
        missing = key in plan.unresolved and key not in plan.present
        found[address_of(key)] = (
            plan.siren,
            {PENDING: plan.unresolved[key]} if missing else body,
        )
    return found


def _actual(plan: ZonePlan) -> dict[str, tuple[str, Body]]:
    """What is there.  A change of hands is told once, by the zone itself, as on Knot."""
    found: dict[str, tuple[str, Body]] = {}
    for key, members in plan.present.items():
        body = set_body(members)
        if key not in plan.unresolved and any(not siren_of(one) for one in members):
            body["unmarked"] = True
        found[address_of(key)] = (plan.siren, body)
    return found
