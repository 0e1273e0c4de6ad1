# SPDX-License-Identifier: GPL-3.0-or-later
"""Circles are found in any graph, and the search always ends."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from bastide.rules.cycles import cycles, show_cycle

nodes = st.sampled_from("abcdefgh")
graphs = st.dictionaries(nodes, st.lists(nodes, max_size=4))


def reachable(graph, start):
    seen, todo = set(), list(graph.get(start, ()))
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += graph.get(node, ())
    return seen


@given(graphs)
def test_every_start_on_a_circle_is_told_by_one_circle_of_its_knot(graph):
    found = cycles(graph, lambda node: graph.get(node, ()))
    for way in found:
        assert way[0] == way[-1]
        assert all(b in graph[a] for a, b in itertools.pairwise(way))
    reach = {node: reachable(graph, node) for node in graph}
    knots = {
        frozenset({n} | {m for m in reach[n] if n in reach.get(m, ())})
        for n in graph
        if n in reach[n]
    }
    assert sorted(map(sorted, knots)) == sorted(
        sorted(next(knot for knot in knots if way[0] in knot)) for way in found
    )


@given(graphs)
def test_the_circle_told_is_a_shortest_one_through_its_start(graph):
    for way in cycles(graph, lambda node: graph.get(node, ())):
        depth, level = 1, set(graph[way[0]])
        while way[0] not in level:
            depth, level = depth + 1, {s for node in level for s in graph.get(node, ())}
        assert len(way) - 1 == depth


def test_a_chain_of_many_thousand_ends_soon():
    size = 20_000
    chain = {str(n): [str(n + 1)] for n in range(size)}
    assert cycles(chain, lambda node: chain.get(node, ())) == []
    chain[str(size)] = ["0"]
    (way,) = cycles(chain, lambda node: chain.get(node, ()))
    assert len(way) == size + 2


def test_a_long_circle_is_shown_short():
    assert show_cycle(["a", "b", "a"]) == "a → b → a"
    assert show_cycle([*"abcdefgh", "a"]) == "a → b → c → d → … → a"
