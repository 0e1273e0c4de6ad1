# SPDX-License-Identifier: GPL-3.0-or-later
"""From the plan of a zone to operations of Cloudflare's batches.

What stands at one name goes into one batch: a CNAME that becomes an address has to go before that
comes, and a delegation's DS needs its NS.  A record keeps its id when its value changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bastide.targets.cloudflare.client import Operations, Record
from bastide.targets.cloudflare.compare import Key, ZonePlan, address_of
from bastide.targets.cloudflare.fields import joined_rdata
from bastide.targets.cloudflare.records import CloudRecord, mark_of, records_of_set
from bastide.targets.reconcile import Body

_ORDER = ("deletes", "patches", "posts")


@dataclass(slots=True)
class Unit:
    """What is done at one name, and the addresses of the sets that it changes."""

    addresses: list[str] = field(default_factory=list)
    operations: Operations = field(default_factory=lambda: {name: [] for name in _ORDER})

    def __len__(self) -> int:
        return sum(len(listed) for listed in self.operations.values())


def units_of(plan: ZonePlan, blocked: Iterable[str] = ()) -> list[Unit]:
    """Everything to do in a zone, by name; nothing of what is `blocked` or known to fail."""
    mark, doomed = mark_of(plan.siren), plan.doomed.union(blocked)
    units: dict[str, Unit] = {}
    for key in sorted(plan.desired.keys() | plan.present.keys()):
        if key in plan.unresolved or address_of(key) in doomed:
            continue
        body = plan.desired.get(key)
        want = _records(key, body, mark) if body else []
        unit = units.setdefault(key[0], Unit())
        before = len(unit)
        _match(unit.operations, want, plan.present.get(key, []))
        if len(unit) > before:
            unit.addresses.append(address_of(key))
    for unit in units.values():
        # A DS is refused without its NS, also for a moment.
        unit.operations["posts"].sort(key=lambda one: one["type"] != "NS")
        unit.operations["deletes"].sort(key=lambda one: one.pop("type") == "NS")
    return [unit for unit in units.values() if len(unit)]


def chunks(units: Iterable[Unit], most: int) -> Iterator[list[Unit]]:
    """`units` in groups of at most `most` operations; one that has more stands alone."""
    group: list[Unit] = []
    for unit in units:
        if group and sum(map(len, group)) + len(unit) > most:
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def merged(units: Iterable[Unit]) -> Operations:
    """The operations of several units in one batch, without empty lists."""
    found: Operations = {}
    for unit in units:
        for name, listed in unit.operations.items():
            if listed:
                found.setdefault(name, []).extend(listed)
    return found


def slices(unit: Unit, most: int) -> Iterator[Operations]:
    """One unit in batches of at most `most` operations, in the order in which they are done."""
    steps = [(name, one) for name in _ORDER for one in unit.operations[name]]
    for start in range(0, len(steps), most):
        part: Operations = {}
        for name, one in steps[start : start + most]:
            part.setdefault(name, []).append(one)
        yield part


def records_after(
    records: Mapping[str, Record], sent: Operations, answer: Mapping[str, list[Record]]
) -> dict[str, Record]:
    """Records by id, once a batch was done."""
    gone = {one["id"] for one in sent.get("deletes", ())}
    kept = {key: one for key, one in records.items() if key not in gone}
    return kept | {
        str(one["id"]): one for name in ("patches", "posts") for one in answer.get(name, ())
    }


def _records(key: Key, body: Body, mark: str) -> list[CloudRecord]:
    proxied = bool(body.get("proxied"))
    return records_of_set(*key, body["ttl"], body["rdata"], mark, proxied=proxied)


def _match(operations: Operations, want: list[CloudRecord], have: list[Record]) -> None:
    there: dict[str, list[Record]] = {}
    for one in have:
        there.setdefault(joined_rdata(one), []).append(one)
    missing = []
    for record in want:
        same = there.get(joined_rdata(record.params))
        if not same:
            missing.append(record)
        elif not _is_as(same[0], record):
            operations["patches"].append({"id": same.pop(0)["id"], **record.params})
        else:
            same.pop(0)
    left = [one for group in there.values() for one in group]
    changed, new = missing[: len(left)], missing[len(left) :]
    for record, one in zip(changed, left, strict=False):
        operations["patches"].append({"id": one["id"], **record.params})
    operations["posts"] += [one.params for one in new]
    gone = left[len(changed) :]
    operations["deletes"] += [{"id": one["id"], "type": one["type"]} for one in gone]


def _is_as(found: Record, record: CloudRecord) -> bool:
    return (
        int(found["ttl"]) == record.ttl
        and bool(found.get("proxied")) == record.proxied
        and found.get("comment") == record.comment
    )
