# SPDX-License-Identifier: GPL-3.0-or-later
"""Redirect rules of the imitation, held by the official client: what it takes and refuses."""

from __future__ import annotations

import cloudflare
import cloudflare_rules_language as language
import pytest
from cloudflare_fake import FakeCloudflare
from cloudflare_rulesets import REDIRECTS

TARGET = {"value": "https://www.cahors.fr/"}
RULE = {
    "ref": "bastide_1",
    "description": "bastide:214600421",
    "action": "redirect",
    "expression": 'http.host in {"ville-cahors.fr" "www.ville-cahors.fr"}',
    "action_parameters": {"from_value": {"target_url": TARGET, "status_code": 301}},
}


@pytest.fixture
def zone(fake):
    return fake.add_zone("ville-cahors.fr")["facts"]["id"]


def value(**change):
    return {"action_parameters": {"from_value": {"target_url": TARGET, **change}}}


def put(client, zone, *rules, place=REDIRECTS, **body):
    return client.rulesets.phases.update(place, zone_id=zone, rules=[*rules], extra_body=body)


def test_the_official_client_reads_what_it_wrote(client, zone):
    keep = {"expression": 'concat("https://www.cahors.fr", http.request.uri)'}
    other = {**RULE, "ref": "bastide_2", **value(target_url=keep, preserve_query_string=False)}
    put(client, zone, RULE, other)
    found = client.rulesets.phases.get(REDIRECTS, zone_id=zone)
    assert (found.kind, found.phase) == ("zone", REDIRECTS)
    first, second = found.rules
    assert first.action_parameters.from_value.target_url.value == TARGET["value"]
    assert second.action_parameters.from_value.target_url.expression == keep["expression"]
    assert (first.ref, first.enabled, first.description) == (RULE["ref"], True, RULE["description"])
    # The list is written as a whole; a rule that keeps its reference keeps its id.
    put(client, zone, {**other, "enabled": False})
    [left] = client.rulesets.phases.get(REDIRECTS, zone_id=zone).rules
    assert (left.id, left.enabled) == (second.id, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "block"},
        {"expression": 'http.hots eq "ville-cahors.fr"'},
        {"expression": 'http.host in {"ville-cahors.fr"'},
        {"expression": f'http.host eq "{"x" * 4096}"'},
        {"colour": "red"},
        {"version": "1"},
        {"id": "0" * 32},
        {"action_parameters": {}},
        {"action_parameters": {"from_list": {"name": "redirects", "key": "http.request.full_uri"}}},
        value(status_code=200),
        value(preserve_query_string="yes"),
        value(target_url={}),
        value(target_url={**TARGET, "expression": '"https://www.cahors.fr/"'}),
        value(target_url={"expression": 'http.host eq "ville-cahors.fr"'}),
        value(colour="red"),
    ],
)
def test_a_rule_that_is_none_of_the_phase_is_refused_and_nothing_is_kept(client, zone, wrong):
    with pytest.raises(cloudflare.APIStatusError) as caught:
        put(client, zone, RULE, {**RULE, "ref": "bastide_2", **wrong})
    assert caught.value.status_code in {400, 404}
    with pytest.raises(cloudflare.NotFoundError):
        client.rulesets.phases.get(REDIRECTS, zone_id=zone)


def test_a_ruleset_of_another_kind_or_phase_is_refused(client, zone):
    for change in ({"kind": "root"}, {"phase": "http_request_transform"}, {"colour": "red"}):
        with pytest.raises(cloudflare.BadRequestError):
            put(client, zone, RULE, **change)
    with pytest.raises(cloudflare.BadRequestError):
        put(client, zone, RULE, place="http_request_redirect")


@pytest.mark.parametrize(("plan", "most"), [("free", 10), ("pro", 25)])
def test_a_plan_allows_so_many_rules(client, fake, plan, most):
    fake.plan = plan
    zone = fake.add_zone("ville-cahors.fr")["facts"]["id"]
    rules = [{**RULE, "ref": f"bastide_{number}"} for number in range(most + 1)]
    put(client, zone, *rules[:-1])
    with pytest.raises(cloudflare.BadRequestError, match=f"{most + 1} out of {most}"):
        put(client, zone, *rules)
    assert len(client.rulesets.phases.get(REDIRECTS, zone_id=zone).rules) == most


def test_two_rules_have_two_references(client, zone):
    with pytest.raises(cloudflare.BadRequestError):
        put(client, zone, RULE, RULE)


def test_only_a_name_that_goes_through_the_proxy_is_answered():
    fake = FakeCloudflare()
    records = [
        {"type": "A", "name": "ville-cahors.fr", "content": "192.0.2.1", "proxied": True, "ttl": 1},
        {"type": "A", "name": "www.ville-cahors.fr", "content": "192.0.2.1"},
    ]
    zone = fake.add_zone("ville-cahors.fr", records)
    assert fake.visit("http://ville-cahors.fr/") == "the host behind"
    zone["more"]["rulesets"] = {"1": {"phase": REDIRECTS, "rules": [{**RULE, "enabled": True}]}}
    assert fake.visit("http://ville-cahors.fr/") == (301, TARGET["value"])
    assert fake.visit("http://www.ville-cahors.fr/") is None


@pytest.mark.parametrize(
    ("expression", "path", "taken"),
    [
        ('lower(http.request.uri.path) eq "/a"', "/A?b", True),
        ('lower(http.request.uri) eq "/a"', "/A?b", False),
        ('http.request.uri.path eq "/b" or (ssl and http.host eq "ssl")', "/b", True),
        ('http.request.uri.path in {"/a" "/\\"b"} and true', '/"b', True),
        ('http.request.uri.path in {"/a"} and ssl', "/a", False),
    ],
)
def test_expressions_are_read_as_the_language_says(expression, path, taken):
    request = {
        "http.host": "ville-cahors.fr",
        "http.request.uri": path,
        "http.request.uri.path": path.partition("?")[0],
        "ssl": False,
    }
    assert language.matches(expression, request) is taken
