# SPDX-License-Identifier: GPL-3.0-or-later
"""Circles in a graph, for chains of aliases and of redirects.

Linear in the size of the graph that is reached, whatever its shape: a file may hold a
chain of ten thousand aliases by mistake or by malice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Successors = Callable[[str], Iterable[str]]

SHOWN = 6


def cycles(starts: Iterable[str], successors: Successors) -> list[list[str]]:
    """One shortest circle for each knot of circles that holds one of `starts`.

    A circle begins and ends with the first of `starts` that lies in its knot (strongly
    connected component, after Tarjan 1972).
    """
    starts = list(starts)
    knot_of = _knots(starts, successors)
    told: set[int] = set()
    found = []
    for start in starts:
        knot = knot_of[start]
        if knot not in told:
            way = _shortest(start, lambda n: (s for s in successors(n) if knot_of[s] == knot))  # noqa: B023
            if way:
                told.add(knot)
                found.append(way)
    return found


def _knots(starts: list[str], successors: Successors) -> dict[str, int]:
    """The number of the strongly connected component of each node in reach of `starts`."""
    order: dict[str, int] = {}  # place of each node in the order of discovery
    low: dict[str, int] = {}
    knot_of: dict[str, int] = {}
    stack: list[str] = []
    depth: dict[str, int] = {}
    work: list[tuple[str, Iterator[str]]] = []

    def enter(node: str) -> None:
        order[node] = low[node] = len(order)
        depth[node] = len(stack)
        stack.append(node)
        work.append((node, iter(successors(node))))

    for start in starts:
        if start not in order:
            enter(start)
        while work:
            node, rest = work[-1]
            for successor in rest:
                if successor not in order:
                    enter(successor)
                    break
                if successor not in knot_of:
                    low[node] = min(low[node], order[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    knot_of.update(dict.fromkeys(stack[depth[node] :], order[node]))
                    del stack[depth[node] :]
    return knot_of


def _shortest(start: str, successors: Successors) -> list[str] | None:
    """The shortest way from `start` back to itself, by breadth."""
    parents: dict[str, str] = {}
    frontier = [start]
    while frontier:
        reached: list[str] = []
        for node in frontier:
            for successor in successors(node):
                if successor == start:
                    return [*_way(start, node, parents), start]
                if successor not in parents:
                    parents[successor] = node
                    reached.append(successor)
        frontier = reached
    return None


def _way(start: str, node: str, parents: dict[str, str]) -> list[str]:
    way = [node]
    while way[-1] != start:
        way.append(parents[way[-1]])
    return way[::-1]


def show_cycle(cycle: list[str]) -> str:
    """``a → b → a``; the middle of a long one is left out."""
    if len(cycle) > SHOWN:
        cycle = [*cycle[: SHOWN - 2], "…", cycle[-1]]
    return " → ".join(cycle)
