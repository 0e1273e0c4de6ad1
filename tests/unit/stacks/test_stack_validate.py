# SPDX-License-Identifier: GPL-3.0-or-later
"""What the provider or Cloudflare would refuse is told before anybody is asked."""

import inspect
import json
import re
import warnings
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stack_graphs import ACCOUNT, graph

from bastide.targets.pulumi.graph import DNSSEC, RECORD, SETTING, ZONE, Graph, Node, snake
from bastide.targets.pulumi.setup import PLUGIN
from bastide.targets.pulumi.validate import SCHEMA, faults_of

GOOD = {"name": "www.cahors.fr", "type": "A", "ttl": 3600, "content": "192.0.2.7"}
NO_INPUTS = {"__self__", "resource_name", "opts", "__props__"}
SRV = {"priority": 0, "weight": 1, "port": 993, "target": "mail.info46.com"}


def told(inputs, token=RECORD, zone="zone:cahors.fr"):
    node = Node("it", token, inputs, zone=zone)
    return [(fault.path, fault.why) for fault in faults_of(Graph("214600421", (node,)))]


def test_what_is_right_is_not_told():
    assert told(GOOD) == []
    assert told({**GOOD, "ttl": 1, "proxied": True}) == []
    assert told({**GOOD, "type": "MX", "content": "mail.info46.com", "priority": 10}) == []
    srv = {"name": "_imaps._tcp.cahors.fr", "type": "SRV", "ttl": 60, "priority": 0, "data": SRV}
    assert told(srv) == []


@pytest.mark.parametrize(
    ("change", "path", "why"),
    [
        ({"ttl": None}, "ttl", "is required"),
        ({"ttl": "3600"}, "ttl", "'3600' is no number"),
        ({"ttl": True}, "ttl", "True is no number"),
        ({"ttl": 59}, "ttl", "59 is neither 1 nor between 60 and 86400"),
        ({"ttl": 86401}, "ttl", "86401 is neither 1 nor between 60 and 86400"),
        ({"proxied": True}, "ttl", "must be 1 where proxied is true"),
        ({"type": "NOPE"}, "type", "'NOPE' is none of A, AAAA, CNAME"),
        ({"value": "192.0.2.7"}, "value", "is no input of it"),
        ({"data": SRV}, "content", "conflicts with data"),
        ({"content": None, "data": SRV}, "content", "is required for A"),
        ({"type": "MX", "content": "mail.info46.com"}, "priority", "is required for MX"),
        ({"priority": 65536}, "priority", "65536 is not between 0 and 65535"),
        ({"name": "www.cahors.fr."}, "name", "must be whole"),
        ({"name": "évêché.fr"}, "name", "must be whole"),
        ({"name": "www"}, "name", "must be whole"),
    ],
)
def test_each_fault_is_told_with_its_input(change, path, why):
    inputs = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    assert any(p == path and w.startswith(why) for p, w in told(inputs)), told(inputs)


def test_fields_of_data_are_looked_at_too():
    srv = {"name": "_imaps._tcp.cahors.fr", "type": "SRV", "ttl": 60, "priority": 0}
    assert told({**srv, "data": {**SRV, "port": "993"}}) == [("data.port", "'993' is no number")]
    assert told({**srv, "data": {**SRV, "proto": "_tcp"}}) == [("data.proto", "is no input of it")]
    assert told({**srv, "content": "0 1 993 mail.info46.com"})[0][0] == "content"


def test_zones_signing_and_settings_are_looked_at_too():
    assert (
        told({"account": {"id": ACCOUNT}, "name": "cahors.fr", "type": "fool"}, ZONE, "")[0][0]
        == "type"
    )
    assert told({"account": {"id": ACCOUNT}}, ZONE, "") == [("name", "is required")]
    assert told({"status": "on"}, DNSSEC) == [("status", "'on' is none of active, disabled")]
    assert told({"settingId": "ssl"}, SETTING) == [("value", "is required")]
    assert told({}, "cloudflare:index/bucket:Bucket") == [
        ("", "unknown resource cloudflare:index/bucket:Bucket")
    ]


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "data", "priority", "proxied"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    )
)
def test_no_input_is_a_traceback(inputs):
    told(inputs)


def test_the_schema_is_that_of_the_package_that_is_installed():
    """A new version that renames an input, or asks for another, is told here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import pulumi_cloudflare

    from bastide.targets.pulumi.program import _CLASSES

    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert schema["version"] == PLUGIN
    for token, made in _CLASSES.items():
        known = inspect.signature(made._internal_init).parameters  # noqa: SLF001
        inputs = {snake(name) for name in schema["resources"][token]["inputProperties"]}
        assert inputs == set(known) - NO_INPUTS, token
        required = {snake(name) for name in schema["resources"][token]["requiredInputs"]}
        source = inspect.getsource(made._internal_init)  # noqa: SLF001
        assert set(re.findall(r"Missing required property '(\w+)'", source)) == required, token
    fields = schema["types"]["cloudflare:index/DnsRecordData:DnsRecordData"]["properties"]
    package = inspect.signature(pulumi_cloudflare.DnsRecordDataArgs.__init__).parameters
    assert {snake(name) for name in fields} == set(package) - NO_INPUTS


def test_a_graph_with_a_wrong_node_names_that_node_alone():
    asked = graph({"name": "www", "type": "A", "rdata": ["192.0.2.7"]})
    wrong = [
        replace(n, inputs={**n.inputs, "ttl": 5}) if n.token == RECORD else n for n in asked.nodes
    ]
    assert [fault.key for fault in faults_of(Graph(asked.stack, tuple(wrong)))] == [
        "A:www.cahors.fr"
    ]
