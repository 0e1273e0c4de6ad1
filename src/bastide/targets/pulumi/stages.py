# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is desired and what a stack holds to the graphs that are run, one after the other.

Pulumi removes what its program no longer names.  So that nothing goes by silence, the program is
never the desired graph alone:

- a zone that left the charter without ``state: retired`` stays in it, with all it holds;
- of a retired zone the records go; the zone and its signing stay, for a run deletes no zone;
- of a zone that exists already, the zone and the declared record sets are imported, as they are.
  Pulumi refuses an import that differs, so what shall change is imported first and changed in a
  second run; record sets that nobody declared are left alone;
- redirect rules that others wrote are in the program as well, since a zone has one list of rules;
  where ours go and theirs are left, the list stays;
- a record that only changes its key or its value is the same record (an alias), never a second
  one, which Cloudflare would refuse as identical (81058);
- Cloudflare refuses a CNAME beside another record (81053, 81054), and Pulumi creates before it
  deletes: one such change is a replacement that deletes first, what is more goes in a run before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from bastide.targets.pulumi.found import Found
from bastide.targets.pulumi.graph import (
    DNSSEC,
    RECORD,
    RULESET,
    ZONE,
    Graph,
    Inputs,
    Node,
    rrset_of,
    value_of,
    zone_name_of,
)
from bastide.targets.pulumi.state import State
from bastide.targets.reconcile import PENDING, Change, change

Stage = Literal["adopt", "clear", "converge"]
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """The graphs of one stack, in order.

    `before` is what there is now of all they name; `left_alone` are addresses with a reason word;
    `blocked` addresses that cannot be made, with the record that stands in the way; `waiting`
    address and token of record sets that come into being once a host gave their value.
    """

    stages: tuple[tuple[Stage, Graph], ...]
    before: tuple[Node, ...]
    left_alone: tuple[tuple[str, str], ...] = ()
    blocked: tuple[tuple[str, str], ...] = ()
    waiting: tuple[tuple[str, str], ...] = ()

    @property
    def graph(self) -> Graph:
        """The last one: what the stack holds in the end."""
        return self.stages[-1][1]


@dataclass(slots=True)
class _Match:
    """What becomes of what: former nodes by key, and what has to happen in which order."""

    former: dict[str, Node] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    after: dict[str, str] = field(default_factory=dict)
    clear: set[str] = field(default_factory=set)


def stages_of(
    desired: Graph, state: State, found: Found | None = None, retired: Iterable[str] | None = ()
) -> Run:
    """The runs that bring a stack from `state` to `desired`.

    `retired` holds the domains whose records go, None for every one that `desired` lacks: the
    collectivity itself is retired.
    """
    found = _with_held_rules(found or Found(), state)
    desired = replace(desired, nodes=tuple(_beside_others(one, found) for one in desired.nodes))
    kept, left_alone = _kept(desired, state, retired)
    kept += _rules_left(desired, state, found, {one.key for one in kept})
    held = {key: one.node for key, one in state.held.items()}
    ours, foreign = _sorted_out(found, state, desired)
    left_alone += [(key, "unmarked") for key in sorted(desired.keys) if found.others(key)]
    in_the_way = {_place(one): one for one in foreign}
    wanted, blocked = [], []
    for node in (*desired.nodes, *kept):
        other = in_the_way.get(_place(node)) if node.key not in held else None
        if other and node.token == RECORD and _clash(node, other):
            blocked.append((rrset_of(node), rrset_of(other)))
        else:
            wanted.append(node)
    match = _matched(wanted, held, ours)
    adopt = _adopted(wanted, match, ours, state)
    final = [_finished(node, match, {one.key for one in adopt}) for node in wanted]
    stages: list[tuple[Stage, Graph]] = []
    if adopt:
        stages.append(("adopt", _graph(desired, [*held.values(), *adopt])))
    if match.clear:
        rest = [node for key, node in held.items() if key not in match.clear]
        rest += [replace(node, import_id="") for node in adopt]
        stages.append(("clear", _graph(desired, rest)))
    stages.append(("converge", _graph(desired, final)))
    left_alone += sorted({(rrset_of(one), "unmarked") for one in foreign})
    there = {rrset_of(node) for node in held.values()}
    return Run(
        stages=tuple(stages),
        before=(*held.values(), *ours.values()),
        left_alone=tuple(left_alone),
        blocked=tuple(sorted(blocked)),
        waiting=tuple(one for one in desired.pending if one[0] not in there),
    )


def waiting_changes(run: Run, siren: str) -> list[Change]:
    """What a plan shows of record sets whose value is not known yet."""
    return [
        change("create", address, siren, None, {PENDING: token}) for address, token in run.waiting
    ]


def _with_held_rules(found: Found, state: State) -> Found:
    """`found`, with the rules that the state holds of zones that nobody asked about."""
    held = {key: one.node for key, one in state.held.items() if one.token == RULESET}
    return replace(found, rulesets=held | dict(found.rulesets))


def _beside_others(node: Node, found: Found) -> Node:
    """The rules of a zone with those of others before ours, which are asked first."""
    others = found.others(node.key) if node.token == RULESET else []
    if not others:
        return node
    there = found.rulesets[node.key].inputs
    told: Inputs = {name: there[name] for name in ("name", "description") if name in there}
    rules = [*others, *node.inputs["rules"]]
    return replace(node, inputs={**node.inputs, **told, "rules": rules})


def _rules_left(desired: Graph, state: State, found: Found, kept: set[str]) -> list[Node]:
    """Lists of rules that no node asks for any more and that hold those of others."""
    return [
        replace(one.node, inputs={**one.node.inputs, "rules": found.others(key)})
        for key, one in state.held.items()
        if one.token == RULESET and key not in desired.keys | kept and found.others(key)
    ]


def _kept(
    desired: Graph, state: State, retired: Iterable[str] | None
) -> tuple[list[Node], list[tuple[str, str]]]:
    """What stays though no node asks for it.

    Record sets that wait for their value, and zones that left the charter, which is told.
    """
    waiting = {address for address, _ in desired.pending}
    nodes = [one.node for one in state.held.values() if rrset_of(one.node) in waiting]
    told = []
    gone = None if retired is None else set(retired)
    for domain, zone in sorted(state.zones.items()):
        if zone.key in desired.keys:
            continue
        nodes.append(zone.node)
        within = [held.node for held in state.within(zone.key)]
        if gone is None or domain in gone:
            nodes += [node for node in within if node.token == DNSSEC]
        else:
            nodes += within
            told.append((zone.key, "domain-gone"))
    return nodes, told


def _sorted_out(found: Found, state: State, desired: Graph) -> tuple[dict[str, Node], list[Node]]:
    """What was found and is in no state: what is declared, by key, and what nobody declared."""
    known = {held.id for held in state.held.values()}
    sets = {rrset_of(node) for node in desired.nodes if node.token == RECORD}
    ours = {
        key: node
        for key, node in found.zones.items()
        if key in desired.keys and key not in state.held
    }
    ours |= {
        key: node
        for key, node in found.rulesets.items()
        if node.import_id and key in desired.keys and key not in state.held
    }
    foreign = []
    for node in found.records:
        if node.zone not in desired.keys or node.key.removeprefix("found:") in known:
            continue
        if rrset_of(node) in sets:
            ours[node.key] = node
        else:
            foreign.append(node)
    return ours, foreign


def _matched(wanted: list[Node], held: dict[str, Node], ours: dict[str, Node]) -> _Match:
    """Pair what comes at each name with what is there and has no other use."""
    keys = {node.key for node in wanted}
    going: dict[Place, list[Node]] = defaultdict(list)
    for node in (*held.values(), *ours.values()):
        if node.token == RECORD and node.key not in keys:
            going[_place(node)].append(node)
    coming: dict[Place, list[Node]] = defaultdict(list)
    match = _Match()
    for node in wanted:
        if node.token == RECORD and node.key not in held:
            coming[_place(node)].append(node)
        elif node.key in ours:
            match.former[node.key] = ours[node.key]
    for place, nodes in coming.items():
        _pair(nodes, going.get(place, []), match)
    return match


def _pair(nodes: list[Node], going: list[Node], match: _Match) -> None:
    left, free = list(going), list(nodes)
    for facts in (value_of, rrset_of):
        for node in list(free):
            former = next((one for one in left if facts(one) == facts(node)), None)
            if former:
                match.former[node.key] = former
                left.remove(former)
                free.remove(node)
    clashing = [one for one in left if any(_clash(node, one) for node in nodes)]
    if len(clashing) == 1 and free:
        first, *others = free
        match.former[first.key] = clashing[0]
        match.replaced.add(first.key)
        match.after |= {node.key: first.key for node in others}
    else:
        match.clear |= {one.key for one in clashing}


def _adopted(wanted: list[Node], match: _Match, ours: dict[str, Node], state: State) -> list[Node]:
    """What is imported in a run before the one that changes it, and the zones it lies in."""
    nodes: dict[str, Node] = {}
    used = set()
    for node in wanted:
        former = match.former.get(node.key)
        if former and former.import_id:
            used.add(former.key)
            if former.inputs != node.inputs:
                nodes[node.key] = replace(former, key=node.key)
    # Other values of a declared set: they are imported, then the set is as it was declared.
    nodes |= {key: node for key, node in ours.items() if key not in used and node.zone}
    for zone in {node.zone for node in nodes.values() if node.zone}:
        if zone not in state.held:
            nodes.setdefault(zone, ours[zone])
    return list(nodes.values())


def _finished(node: Node, match: _Match, adopted: set[str]) -> Node:
    """`node` of the last stage, with all that says where it comes from."""
    former = match.former.get(node.key)
    if former and former.import_id:
        if node.key not in adopted:
            node = replace(node, import_id=former.import_id)
    elif former:
        replaced = node.key in match.replaced
        node = replace(node, formerly=(former.key,), delete_before_replace=replaced)
    if node.key in match.after:
        node = replace(node, depends_on=(*node.depends_on, match.after[node.key]))
    return node


def _place(node: Node) -> Place:
    return node.zone, str(node.inputs.get("name"))


def _clash(node: Node, other: Node) -> bool:
    """Whether one is a CNAME and the other is none (RFC 1034 §3.6.2)."""
    return len({node.inputs["type"] == "CNAME", other.inputs["type"] == "CNAME"}) > 1


def _graph(desired: Graph, nodes: Iterable[Node]) -> Graph:
    """Zones first, each followed by what it holds; what depends comes after."""

    def place(node: Node) -> tuple[str, bool, int, str]:
        return (
            zone_name_of(node.zone or node.key),
            node.token != ZONE,
            len(node.depends_on),
            node.key,
        )

    unique = {node.key: node for node in nodes}
    return Graph(desired.stack, tuple(sorted(unique.values(), key=place)))
