# SPDX-License-Identifier: GPL-3.0-or-later
"""A changed file and its neighbours are all that an incremental run must judge again."""

from __future__ import annotations

import datetime as dt
import marshal

from hypothesis import given, settings
from hypothesis import strategies as st
from rules_bench import collectivity

from bastide.model import Facts, Index, facts_of
from bastide.rules import check_fleet, neighbours

TODAY = dt.date(2026, 6, 1)
SHARED = {"info46.com"}
SLUGS = ["46/a", "46/b", "46/c", "46/d", "46/e"]
DOMAINS = ["a.fr", "b.fr", "c.fr", "www.a.fr", "x.b.fr", "y.x.b.fr", "a.info46.com", "info46.com"]
HOSTS = [*DOMAINS, "www.b.fr", "www.c.fr", "z.y.x.b.fr", "www.www.a.fr", "else.org"]
ADDRESSES = [
    f"{local}@{domain}"
    for local in ("u", "u+x", "V")
    for domain in ("a.fr", "b.fr", "x.b.fr", "info46.com", "else.org")
]
SIRENS = ["214600421", "214601023"]

bodies = st.fixed_dictionaries(
    {},
    optional={
        "redirect_to": st.sampled_from([f"https://{host}/" for host in HOSTS]),
        "state": st.just("retired"),
        "registration": st.just({"mode": "external"}),
    },
)
charters = st.fixed_dictionaries(
    {
        "collectivity": st.fixed_dictionaries(
            {"kind": st.just("commune"), "siren": st.sampled_from(SIRENS)},
            optional={"state": st.just("retired")},
        ),
        "domains": st.dictionaries(st.sampled_from(DOMAINS), bodies, max_size=3),
        "mail": st.fixed_dictionaries(
            {
                "accounts": st.dictionaries(st.sampled_from(ADDRESSES), st.just({}), max_size=2),
                "aliases": st.dictionaries(
                    st.sampled_from(ADDRESSES),
                    st.lists(st.sampled_from(ADDRESSES), max_size=2),
                    max_size=4,
                ),
            }
        ),
    },
    optional={
        "site": st.fixed_dictionaries({"kind": st.just("cms"), "domain": st.sampled_from(HOSTS)}),
        "guichet": st.fixed_dictionaries({"domain": st.sampled_from(HOSTS)}),
    },
)
facts = charters.map(lambda charter: facts_of(collectivity("46/?", charter)))


def named(one, slug):
    return Facts.unpack((slug, f"{slug}.yml", *one.pack()[2:]))


def verdicts(fleet, index, slugs):
    return {slug: check_fleet(fleet[slug], index, TODAY) for slug in slugs if slug in fleet}


def index_of(fleet):
    index = Index(SHARED, lambda slug: fleet.get(slug))  # noqa: PLW0108 - the fleet changes later
    for one in fleet.values():
        index.add(one)
    return index


def change(fleet, changes):
    """Apply `changes` as an incremental run does; return the fleet's verdicts after it."""
    fleet = dict(fleet)
    index = index_of(fleet)
    kept = verdicts(fleet, index, fleet)
    again = set(changes)
    for slug in changes:
        if slug in fleet:
            again |= neighbours(fleet[slug], index)
    for slug, one in changes.items():
        if slug in fleet:
            index.remove(fleet.pop(slug))
            kept.pop(slug, None)
        if one:
            fleet[slug] = one
            index.add(one)
    for slug in changes:
        if slug in fleet:
            again |= neighbours(fleet[slug], index)
    return {**kept, **verdicts(fleet, index, again)}, fleet, index


fleets = st.dictionaries(st.sampled_from(SLUGS), facts, min_size=1).map(
    lambda fleet: {slug: named(one, slug) for slug, one in fleet.items()}
)
changes = st.dictionaries(
    st.sampled_from(SLUGS), st.one_of(st.none(), facts), min_size=1, max_size=2
).map(lambda change: {slug: one and named(one, slug) for slug, one in change.items()})


@settings(max_examples=250, deadline=None)
@given(fleets, changes)
def test_judging_changed_files_and_neighbours_equals_judging_all(fleet, changed):
    incremental, after, _ = change(fleet, changed)
    assert incremental == verdicts(after, index_of(after), after)


@settings(max_examples=200, deadline=None)
@given(fleets, changes)
def test_index_after_changes_answers_like_a_new_one_and_survives_its_cache(fleet, changed):
    _, after, index = change(fleet, changed)
    anew = index_of(after)
    restored = Index(SHARED, after.get)
    restored.restore(marshal.loads(marshal.dumps(index.dump())))
    for one in (index, restored):
        for name in [*HOSTS, *ADDRESSES]:
            assert one.mentioned_by(name) == anew.mentioned_by(name)
            assert one.holders_of_domain(name) == anew.holders_of_domain(name)
            assert one.holders_of_address(name) == anew.holders_of_address(name)
        for siren in SIRENS:
            assert one.holders_of_siren(siren) == anew.holders_of_siren(siren)


# Each file has two domains with an alias and a redirection on each, most often to the next
# file's: circles through many files, and inside one of them, are likely.
OWN = {slug: [f"{slug[-1]}.fr", f"{slug[-1]}2.fr"] for slug in SLUGS}
ALL = [domain for own in OWN.values() for domain in own]


@st.composite
def ring_members(draw, slug):
    first, second = OWN[slug]
    onward = OWN[SLUGS[(SLUGS.index(slug) + 1) % len(SLUGS)]][0]
    ways = {first: st.sampled_from([onward, onward, second, *ALL]), second: st.just(onward)}
    redirects, aliases = ({d: draw(ways[d]) for d in (first, second)} for _ in range(2))
    charter = {
        "collectivity": {"kind": "commune", "siren": f"siren {slug}"},
        "domains": {d: {"redirect_to": f"https://www.{way}/"} for d, way in redirects.items()},
        "mail": {"aliases": {f"u@{domain}": [f"u@{way}"] for domain, way in aliases.items()}},
    }
    return named(facts_of(collectivity(slug, charter)), slug)


rings = st.fixed_dictionaries({slug: ring_members(slug) for slug in SLUGS})
ring_changes = st.sampled_from(SLUGS).flatmap(
    lambda slug: st.fixed_dictionaries({slug: st.one_of(st.none(), ring_members(slug))})
)


@settings(max_examples=150, deadline=None)
@given(rings, ring_changes)
def test_circles_through_many_files_are_judged_in_each_of_them(fleet, changed):
    incremental, after, _ = change(fleet, changed)
    assert incremental == verdicts(after, index_of(after), after)


def test_a_file_that_shares_nothing_is_no_neighbour():
    fleet = {
        slug: facts_of(
            collectivity(
                slug,
                {
                    "collectivity": {"kind": "commune", "siren": siren},
                    "domains": {domain: {}},
                    "mail": {"accounts": {f"mairie@{domain}": {}}, "aliases": {}},
                },
            )
        )
        for slug, siren, domain in (
            ("46/a", SIRENS[0], "a.fr"),
            ("46/b", SIRENS[1], "b.fr"),
        )
    }
    assert neighbours(fleet["46/a"], index_of(fleet)) == set()
