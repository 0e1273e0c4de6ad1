# SPDX-License-Identifier: GPL-3.0-or-later
"""The program under Pulumi's own mocks: what it registers, with which options."""

import pytest
from google.protobuf.json_format import MessageToDict
from stack_graphs import ACCOUNT, CASES, POLICY, graph, line_of_case, registered

from bastide.targets.pulumi.graph import RECORD, ZONE, Graph, Node, ZonePolicy, graph_of
from bastide.targets.pulumi.validate import faults_of


def inputs(request):
    return MessageToDict(request.object)


def test_a_zone_is_protected_and_kept_when_it_leaves_the_program():
    zone = registered(graph({"name": "www", "type": "A", "rdata": ["192.0.2.7"]}))["zone:cahors.fr"]
    assert zone.protect
    assert zone.retainOnDelete
    assert inputs(zone) == {"name": "cahors.fr", "type": "full", "account": {"id": ACCOUNT}}


def test_a_record_lies_in_its_zone_and_goes_with_it():
    requests = registered(graph({"name": "www", "type": "A", "rdata": ["192.0.2.7"]}))
    record = requests["A:www.cahors.fr"]
    assert inputs(record) == {
        "zoneId": "id-of-zone:cahors.fr",
        "name": "www.cahors.fr",
        "type": "A",
        "ttl": 3600.0,
        "content": "192.0.2.7",
        "comment": "bastide:214600421",
    }
    assert record.deletedWith.endswith("::zone:cahors.fr")
    assert not record.protect
    assert not record.retainOnDelete


def test_an_accented_zone_is_named_in_unicode_and_its_records_in_punycode():
    asked = graph({"name": "www", "type": "A", "rdata": ["192.0.2.7"]}, domain="xn--vch-9ladd.fr")
    requests = registered(asked)
    assert inputs(requests["zone:xn--vch-9ladd.fr"])["name"] == "évêché.fr"
    assert inputs(requests["A:www.xn--vch-9ladd.fr"])["name"] == "www.xn--vch-9ladd.fr"


def test_signing_is_on_and_settings_are_passed_on_as_they_are():
    header = {"strict_transport_security": {"max_age": 1}}
    policy = ZonePolicy(ACCOUNT, settings={"security_header": header})
    requests = registered(graph_of(line_of_case("001-mail-and-site"), policy))
    assert inputs(requests["dnssec:ville.fr"])["status"] == "active"
    setting = inputs(requests["setting:ville.fr:security_header"])
    assert setting["settingId"] == "security_header"
    # Keys of a value of any type are not put into camel case, those of typed inputs are.
    assert setting["value"] == {"strict_transport_security": {"max_age": 1.0}}


def zone(**more):
    inputs = {"account": {"id": ACCOUNT}, "name": "cahors.fr"}
    return Node("zone:cahors.fr", ZONE, inputs, **more)


def record(kind, content, **more):
    inputs = {"name": "www.cahors.fr", "type": kind, "ttl": 3600, "content": content}
    return Node(f"{kind}:www.cahors.fr", RECORD, inputs, zone="zone:cahors.fr", **more)


def test_a_change_of_type_deletes_before_it_creates_under_the_former_name():
    former = {"formerly": ("CNAME:www.cahors.fr",), "delete_before_replace": True}
    first = record("A", "192.0.2.7", **former)
    second = record("AAAA", "2001:db8::7", depends_on=(first.key,))
    requests = registered(Graph("214600421", (zone(), first, second)))
    assert requests[first.key].deleteBeforeReplace
    assert "CNAME:www.cahors.fr" in [one.spec.name for one in requests[first.key].aliases]
    assert not requests[second.key].deleteBeforeReplace
    # So that Cloudflare has no CNAME any more when the second address comes.
    assert any(urn.endswith("::A:www.cahors.fr") for urn in requests[second.key].dependencies)


def test_an_import_names_what_is_there():
    asked = Graph("214600421", (zone(import_id="0" * 32),))
    assert registered(asked)["zone:cahors.fr"].importId == "0" * 32


@pytest.mark.slow
@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.is_dir()))
def test_every_golden_charter_registers_and_is_what_the_schema_allows(case):
    asked = graph_of(line_of_case(case), POLICY, {"dkim:ville.fr": "v=DKIM1; k=rsa; p=AA=="})
    assert faults_of(asked) == []
    requests = registered(asked)
    assert set(requests) == asked.keys
    # In a preview no zone has an identifier yet, and all of it is registered the same.
    assert set(registered(asked, preview=True)) == asked.keys


def test_a_graph_travels_as_json():
    asked = graph_of(line_of_case("004-hand-written-records"), POLICY)
    assert Graph.from_data(asked.data) == asked
    assert Graph.from_data(asked.data).digest == asked.digest
