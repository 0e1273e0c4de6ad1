# SPDX-License-Identifier: GPL-3.0-or-later
"""The other files whose fleet findings may change when one file does.

Those that share a claim with it (domain, SIREN, address on a shared domain), those that
refer to what it declares, and those whose chain of aliases or redirections reaches it:
a circle is told in every file that it runs through.

For a change of several files at once, ask before it with the old facts and after it with
the new ones: a chain that reaches a changed file is found from the first one it reaches.
"""

from __future__ import annotations

from collections.abc import Callable

from bastide.model import Facts, Index
from bastide.model.names import target_address
from bastide.rules.redirect_loop import landing

# From the nodes of a file that count and the wanted ones to those that lead to them.
Leading = Callable[[Facts, set[str]], set[str]]


def neighbours(facts: Facts, index: Index) -> set[str]:
    """Slugs of the other files whose fleet findings depend on `facts`."""
    found = set(index.holders_of_siren(facts.siren))
    for domain in facts.domains:
        found.update(index.holders_of_domain(domain), index.mentioned_by(domain))
    for address in facts.addresses:
        if address.rpartition("@")[2] in index.shared_domains:
            found.update(index.holders_of_address(address), index.mentioned_by(address))
    found |= _upstream(set(facts.targets), facts.slug, index, _aliases_leading)

    def redirects_leading(other: Facts, wanted: set[str]) -> set[str]:
        return {d for d, host in other.redirects.items() if wanted & set(landing(host, index))}

    found |= _upstream(set(facts.redirects), facts.slug, index, redirects_leading)
    found.discard(facts.slug)
    return found


def _upstream(wanted: set[str], slug: str, index: Index, leading: Leading) -> set[str]:
    """Files other than `slug` with a node from which one of `wanted` is reached."""
    found: set[str] = set()
    frontier = set(wanted)
    while frontier:
        files = {f for node in frontier for f in _who_may_lead_to(node, index)} - {slug}
        reached: set[str] = set()
        for other in files:
            facts = index.facts(other)
            if facts:
                nodes = leading(facts, frontier)
                if nodes:
                    found.add(other)
                    reached |= nodes
        frontier = reached - wanted
        wanted |= frontier
    return found


def _who_may_lead_to(node: str, index: Index) -> list[str]:
    """Files that mention the address or domain `node`, or hold it and so need no mention."""
    name = node.rpartition("@")[2]
    return [*index.mentioned_by(node), *index.holders_of_domain(name)]


def _aliases_leading(other: Facts, wanted: set[str]) -> set[str]:
    return {
        alias
        for alias, targets in other.targets.items()
        if any(target_address(target) in wanted for target in targets)
    }
