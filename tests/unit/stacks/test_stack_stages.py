# SPDX-License-Identifier: GPL-3.0-or-later
"""From desired, held and found to the graphs that are run: nothing goes by silence."""

from dataclasses import replace

from stack_graphs import graph, line

from bastide.targets.pulumi.found import Found, found_zone
from bastide.targets.pulumi.graph import Graph, ZonePolicy, graph_of
from bastide.targets.pulumi.stages import stages_of
from bastide.targets.pulumi.state import Held, State

ZONE_ID = "5" * 32
API_ZONE = {
    "id": ZONE_ID,
    "name": "cahors.fr",
    "type": "full",
    "account": {"id": "f037e56e89293a057740de681ac9abbe"},
}
A = {"name": "www", "type": "A", "rdata": ["192.0.2.7"]}
CNAME = {"name": "www", "type": "CNAME", "rdata": ["site.info46.com."]}
BOTH = [A, {"name": "www", "type": "AAAA", "rdata": ["2001:db8::7"]}]


def held_of(graph):
    """The state of a stack after a run of `graph`."""
    return State(
        {
            node.key: Held(
                node.key, node.token, f"id:{node.key}", node.inputs, node.zone, node.protect
            )
            for node in graph.nodes
        }
    )


def api(number, kind, name="www.cahors.fr", **more):
    return {
        "id": f"{number:032x}",
        "name": name,
        "type": kind,
        "ttl": 3600,
        "proxied": False,
        "comment": None,
        "tags": [],
        "settings": {},
        **more,
    }


def names(run):
    return [name for name, _ in run.stages]


def node(run, key, stage=-1):
    return next((n for n in run.stages[stage][1].nodes if n.key == key), None)


def test_what_is_settled_is_one_stage_and_the_same_graph():
    wanted = graph(*BOTH)
    run = stages_of(wanted, held_of(wanted))
    assert names(run) == ["converge"]
    assert run.graph.keys == wanted.keys
    assert all(not n.formerly and not n.import_id for n in run.graph.nodes)


def test_another_value_of_a_set_is_the_same_record():
    """Never a second one beside it: one PUT, and no moment without an answer."""
    many = {"name": "www", "type": "A", "rdata": ["192.0.2.7", "192.0.2.8"]}
    other = {"name": "www", "type": "A", "rdata": ["192.0.2.7", "192.0.2.9"]}
    run = stages_of(graph(other), held_of(graph(many)))
    assert node(run, "A:www.cahors.fr:192.0.2.9").formerly == ("A:www.cahors.fr:192.0.2.8",)
    assert node(run, "A:www.cahors.fr:192.0.2.7").formerly == ()


def test_a_set_that_grows_keeps_its_first_record_under_its_new_key():
    """Cloudflare would refuse the second, identical one (81058)."""
    many = {"name": "www", "type": "A", "rdata": ["192.0.2.7", "192.0.2.8"]}
    run = stages_of(graph(many), held_of(graph(A)))
    assert node(run, "A:www.cahors.fr:192.0.2.7").formerly == ("A:www.cahors.fr",)
    assert node(run, "A:www.cahors.fr:192.0.2.8").formerly == ()


def test_a_cname_that_becomes_addresses_is_replaced_by_the_first():
    run = stages_of(graph(*BOTH), held_of(graph(CNAME)))
    assert names(run) == ["converge"]
    first = node(run, "A:www.cahors.fr")
    assert first.formerly == ("CNAME:www.cahors.fr",)
    assert first.delete_before_replace
    assert node(run, "AAAA:www.cahors.fr").depends_on == ("A:www.cahors.fr",)


def test_addresses_that_become_a_cname_go_in_a_run_before():
    run = stages_of(graph(CNAME), held_of(graph(*BOTH)))
    assert names(run) == ["clear", "converge"]
    assert not [k for k in run.stages[0][1].keys if "www.cahors.fr" in k]
    assert node(run, "CNAME:www.cahors.fr").formerly == ()


def test_a_zone_that_left_the_charter_stays_with_all_it_holds():
    before = held_of(graph(A))
    run = stages_of(Graph("214600421"), before)
    assert run.graph.keys == before.held.keys()
    assert node(run, "zone:cahors.fr").protect
    assert run.left_alone == (("zone:cahors.fr", "domain-gone"),)


def test_of_a_retired_zone_the_records_go_and_zone_and_signing_stay():
    before = held_of(graph(A))
    for retired in (["cahors.fr"], None):
        run = stages_of(Graph("214600421"), before, retired=retired)
        assert run.graph.keys == {"zone:cahors.fr", "dnssec:cahors.fr"}
        assert run.left_alone == ()


def test_what_exists_as_declared_is_imported_in_one_stage():
    there = [api(1, "A", content="192.0.2.7", comment="bastide:214600421")]
    run = stages_of(graph(A), State(), found_zone("cahors.fr", API_ZONE, there))
    assert names(run) == ["converge"]
    assert node(run, "zone:cahors.fr").import_id == ZONE_ID
    assert node(run, "A:www.cahors.fr").import_id == f"{ZONE_ID}/{1:032x}"


def test_what_differs_is_imported_as_it_is_and_changed_in_a_second_run():
    """Pulumi refuses an import whose inputs are not those that are there."""
    there = [api(1, "A", content="198.51.100.9", ttl=1)]
    run = stages_of(graph(A), State(), found_zone("cahors.fr", API_ZONE, there))
    assert names(run) == ["adopt", "converge"]
    adopted = node(run, "A:www.cahors.fr", 0)
    assert adopted.inputs == {
        "name": "www.cahors.fr",
        "type": "A",
        "ttl": 1,
        "content": "198.51.100.9",
    }
    assert adopted.import_id == f"{ZONE_ID}/{1:032x}"
    assert node(run, "zone:cahors.fr", 0).import_id == ZONE_ID
    assert node(run, "zone:cahors.fr").import_id == ""
    assert node(run, "A:www.cahors.fr").import_id == ""
    assert node(run, "A:www.cahors.fr").inputs["content"] == "192.0.2.7"


def test_other_values_of_a_declared_set_are_imported_to_go():
    there = [
        api(1, "A", content="192.0.2.7", comment="bastide:214600421"),
        api(2, "A", content="198.51.100.9"),
    ]
    run = stages_of(graph(A), State(), found_zone("cahors.fr", API_ZONE, there))
    assert names(run) == ["adopt", "converge"]
    assert node(run, f"found:{2:032x}", 0).import_id == f"{ZONE_ID}/{2:032x}"
    assert node(run, f"found:{2:032x}") is None
    assert node(run, "A:www.cahors.fr").import_id == f"{ZONE_ID}/{1:032x}"


def test_record_sets_that_nobody_declared_are_left_alone():
    there = [
        api(1, "TXT", "cahors.fr", content='"other"'),
        api(2, "A", content="192.0.2.7"),
        api(3, "NS", "cahors.fr", content="a.example"),
    ]
    run = stages_of(graph(A), State(), found_zone("cahors.fr", API_ZONE, there))
    assert run.left_alone == (("rrset:cahors.fr./TXT", "unmarked"),)
    assert not [key for _, g in run.stages for key in g.keys if f"{1:032x}" in key]


def test_what_somebody_else_put_where_a_cname_shall_be_is_told_and_not_touched():
    there = [api(1, "A", content="198.51.100.9")]
    run = stages_of(graph(CNAME), State(), found_zone("cahors.fr", API_ZONE, there))
    assert run.blocked == (("rrset:www.cahors.fr./CNAME", "rrset:www.cahors.fr./A"),)
    assert run.graph.keys == {"zone:cahors.fr", "dnssec:cahors.fr"}


def test_what_a_state_holds_is_not_imported_again():
    there = [api(1, "A", content="192.0.2.7")]
    state = held_of(graph(A))
    record = state.held["A:www.cahors.fr"]
    state.held[record.key] = replace(record, id=f"{1:032x}")
    run = stages_of(graph(A), state, found_zone("cahors.fr", API_ZONE, there))
    assert names(run) == ["converge"]
    assert all(not n.import_id for n in run.graph.nodes)


def test_two_zones_of_one_collectivity_do_not_mix():
    two = line(A)
    two["resources"] += line(A, domain="ville-cahors.fr")["resources"]
    wanted = graph_of(two, ZonePolicy("a"))
    run = stages_of(wanted, held_of(graph(CNAME)), Found())
    assert node(run, "A:www.ville-cahors.fr").formerly == ()
    assert node(run, "A:www.cahors.fr").formerly == ("CNAME:www.cahors.fr",)
