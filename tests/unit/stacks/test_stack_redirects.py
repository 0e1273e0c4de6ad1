# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks whose zones have redirect rules, on the imitation of Cloudflare's API."""

import json
from dataclasses import replace

import pytest
from cloudflare_fake import ACCOUNT, TOKEN, FakeCloudflare
from cloudflare_rulesets import REDIRECTS
from cloudflare_server import serving
from stack_graphs import SIREN, line, registered

from bastide.targets.cloudflare.client import Client
from bastide.targets.cloudflare.settings import Account
from bastide.targets.pulumi.graph import RULESET, Graph, ZonePolicy, graph_of
from bastide.targets.pulumi.stacks import Stacks
from bastide.targets.pulumi.validate import faults_of
from bastide.targets.pulumi.zones import found_at

pytestmark = pytest.mark.slow

TOWN = "ville-cahors.fr"
RULES = f"redirects:{TOWN}"
MAIL = {"type": "MX", "rdata": ["0 ."]}
THEIRS = {
    "action": "redirect",
    "description": "fête de la truffe",
    "expression": 'http.host eq "truffe.ville-cahors.fr"',
    "ref": "theirs",
    "action_parameters": {"from_value": {"target_url": {"value": "https://example.fr/"}}},
}


def leading(to="https://www.cahors.fr/", **more):
    sets = [
        {"name": name, "type": rtype, "rdata": [address], "proxied": True}
        for name in ("", "www")
        for rtype, address in (("A", "192.0.2.1"), ("AAAA", "100::"))
    ]
    found = line(MAIL, *sets, domain=TOWN, **more)
    hosts = [TOWN, f"www.{TOWN}"]
    for one in found["resources"]:
        one["body"]["redirects"] = [{"hosts": hosts, "to": to}]
    return found


class Town:
    """Runs of one stack against one account, each from the beginning."""

    def __init__(self, setup, fake, url, run):
        environment = {**setup.environment, "CLOUD_TOKEN": TOKEN}
        del environment["BASTIDE_IMITATION_CLOUD"]
        policy = ZonePolicy(ACCOUNT, dnssec=False)
        self.setup = replace(setup, base_url=url, environment=environment, policy=policy)
        self.fake, self.run = fake, run
        self.account = Account(ACCOUNT, token_env="CLOUD_TOKEN", base_url=url)

    def _look(self, domain):
        client = Client(self.account)
        try:
            return found_at(client, domain, redirects=True)
        finally:
            client.close()

    def observe(self, wanted):
        stacks = Stacks(self.setup, self._look, run=self.run)
        return stacks, stacks.observe([wanted], {})

    def apply(self, wanted):
        """Plan and make; the changes by address, which are the same both times."""
        stacks, seen = self.observe(wanted)
        assert seen.failed == []
        made = stacks.converge(seen.data["digest"])
        assert made.failed == []
        assert made.data["changes"] == seen.data["changes"]
        assert self.observe(wanted)[1].changes == []
        return {one["address"]: one["action"] for one in made.changes}

    def theirs(self, count=1):
        zone_id = self.fake.zone(TOWN)["facts"]["id"]
        rules = [{**THEIRS, "ref": f"theirs{number}"} for number in range(count)]
        there = [
            {k: v for k, v in one.items() if k not in {"version", "last_updated"}}
            for one in self.fake.redirects(TOWN)
        ]
        path = f"/client/v4/zones/{zone_id}/rulesets/phases/{REDIRECTS}/entrypoint"
        status, _, text = self.fake.answer(
            "PUT", path, {"authorization": f"Bearer {TOKEN}"},
            json.dumps({"rules": [*there, *rules]}).encode(),
        )  # fmt: skip
        assert status == 200, text
        self.fake.seen.clear()

    @property
    def whose(self):
        return [one["description"] for one in self.fake.redirects(TOWN)]


@pytest.fixture
def town(setup, inline, monkeypatch):
    monkeypatch.setenv("CLOUD_TOKEN", TOKEN)
    fake = FakeCloudflare()
    with serving(fake) as url:
        yield Town(setup, fake, url, inline)


OURS = f"bastide:{SIREN}"


def test_rules_are_made_before_the_records_that_bring_visitors(town):
    assert town.apply(leading())[RULES] == "create"
    assert town.fake.visit(f"http://www.{TOWN}/a") == (301, "https://www.cahors.fr/")
    writes = [one.rpartition("/")[2] for one in town.fake.writes() if "dns" in one or "rule" in one]
    assert writes.index("rulesets") < writes.index("dns_records") + 2
    proxied = [one for one in town.fake.zone(TOWN)["records"].values() if one["proxied"]]
    assert len(proxied) == 4
    rules = next(n for n, one in enumerate(town.fake.seen) if one.endswith("/rulesets"))
    made = [n for n, one in enumerate(town.fake.seen) if one.endswith("POST /dns_records")]
    assert all(rules < one for one in made)


def test_another_target_is_a_change_of_the_same_rule(town):
    town.apply(leading())
    [before] = town.fake.redirects(TOWN)
    assert town.apply(leading("https://www.figeac.fr/")) == {RULES: "update"}
    [after] = town.fake.redirects(TOWN)
    assert (after["id"], after["ref"]) == (before["id"], before["ref"])
    assert town.fake.visit(f"https://{TOWN}/") == (301, "https://www.figeac.fr/")


def test_rules_that_were_there_are_taken_over_and_stay(town):
    town.fake.add_zone(TOWN)
    town.theirs()
    _, seen = town.observe(leading())
    assert {"address": RULES, "siren": SIREN, "why": "unmarked"} in seen.left_alone
    town.apply(leading())
    assert town.whose == ["fête de la truffe", OURS]


def test_rules_that_came_since_stay_when_ours_change_and_when_they_go(town):
    town.apply(leading())
    town.theirs()
    assert town.apply(leading("https://www.figeac.fr/")) == {RULES: "update"}
    assert town.whose == ["fête de la truffe", OURS]
    plain = line(MAIL, {"type": "A", "rdata": ["192.0.2.7"]}, domain=TOWN)
    assert town.apply(plain)[RULES] == "delete"
    assert town.whose == ["fête de la truffe"]
    assert town.fake.visit(f"http://{TOWN}/") is None


def test_a_list_of_rules_that_holds_ours_alone_goes_with_a_retired_domain(town):
    town.apply(leading())
    gone = {**line(domain=TOWN), "domains": [], "resources": [], "retired_domains": [TOWN]}
    assert town.apply(gone)[RULES] == "delete"
    assert town.fake.zone(TOWN)["more"]["rulesets"] == {}
    assert town.fake.records(TOWN) == {}


def test_more_rules_than_the_plan_allows_are_told_before_anything_is_run(town):
    town.fake.add_zone(TOWN)
    town.theirs(10)
    _, seen = town.observe(leading())
    [failed] = seen.failed
    assert failed["address"] == RULES
    assert failed["error"].startswith("A585 ville-cahors.fr would have 11 redirect rules")
    assert town.fake.writes() == []


def test_the_program_registers_what_the_provider_takes():
    graph = graph_of(leading(), ZonePolicy(ACCOUNT, dnssec=False))
    assert faults_of(graph) == []
    requests = registered(graph)
    [rule] = json.loads(_json(requests[RULES].object))["rules"]
    assert rule["actionParameters"]["fromValue"] == {
        "targetUrl": {"value": "https://www.cahors.fr/"},
        "statusCode": 301,
        "preserveQueryString": False,
    }
    urn = next(one for one in requests[f"A:www.{TOWN}"].dependencies if one.endswith(RULES))
    assert RULESET in urn


def test_a_rule_that_the_provider_would_refuse_is_told():
    graph = graph_of(leading(), ZonePolicy(ACCOUNT))
    [node] = [one for one in graph.nodes if one.token == RULESET]
    [rule] = node.inputs["rules"]

    def told(change):
        wrong = replace(node, inputs={**node.inputs, "rules": [{**rule, **change}]})
        return [(one.path, one.why) for one in faults_of(Graph(SIREN, (wrong,)))]

    assert told({}) == []
    assert told({"expression": "x" * 4097}) == [
        ("rules[0].expression", "is longer than 4096 characters")
    ]
    assert told({"colour": "red"}) == [("rules[0].colour", "is no input of it")]
    assert told({"actionParameters": {"fromValue": {}}}) == [
        ("rules[0]", "has one targetUrl, a value or an expression"),
        ("rules[0].actionParameters.fromValue.targetUrl", "is required"),
    ]


def _json(struct):
    from google.protobuf import json_format

    return json_format.MessageToJson(struct)
