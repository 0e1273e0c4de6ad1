# SPDX-License-Identifier: GPL-3.0-or-later
"""The adapter against the imitation: redirections by rules of ours, beside those of others."""

from __future__ import annotations

import pytest
from cloudflare_record_rules import Refused
from cloudflare_rulesets import REDIRECTS
from cloudflare_server import Dropped
from cloudflare_town import CAHORS, FIGEAC, actions, errors, line, rrset, whys

TOWN = "ville-cahors.fr"
RULES = f"redirects:{TOWN}"
SETS = {f"rrset:{name}./{kind}" for name in (TOWN, f"www.{TOWN}") for kind in ("A", "AAAA")}
MAIL = rrset(f"{TOWN}.", "MX", "0 .")
# Somebody's own rule, as the dashboard makes it.
THEIRS = {
    "action": "redirect",
    "description": "fête de la truffe",
    "expression": 'http.host eq "truffe.ville-cahors.fr"',
    "action_parameters": {
        "from_value": {"target_url": {"value": "https://example.fr/"}, "status_code": 302}
    },
}


def proxied(name, rtype, *rdata):
    return rrset(f"{name}.", rtype, *rdata) | {"proxied": True}


def leading(to="https://www.cahors.fr/", *more):
    """The zone of a domain that only leads elsewhere, as the compiler makes it."""
    hosts = [TOWN, f"www.{TOWN}"]
    sets = [MAIL] + [
        proxied(host, rtype, address)
        for host in hosts
        for rtype, address in (("A", "192.0.2.1"), ("AAAA", "100::"))
    ]
    return {"soa": {}, "rrsets": sets, "redirects": [{"hosts": hosts, "to": to}, *more]}


def without():
    """The same domain, answered by a web host."""
    return {"soa": {}, "rrsets": [MAIL, *(rrset(f"{n}.", "A", "10.46.0.30") for n in (TOWN,))]}


def declare(town, body, siren=CAHORS, **more):
    town.write(line(siren, {TOWN: body} if body else {}, **more))


def theirs(fake, count=1, name=TOWN):
    """Rules that others wrote; the zone is there already."""
    zone_id = fake.zone(name)["facts"]["id"]
    path = f"/client/v4/zones/{zone_id}/rulesets/phases/{REDIRECTS}/entrypoint"
    rules = [{**THEIRS, "ref": f"theirs{number}"} for number in range(count)]
    put(fake, path, {"rules": rules})
    return fake.redirects(name)


def put(fake, path, body):
    import json

    from cloudflare_fake import TOKEN

    head = {"authorization": f"Bearer {TOKEN}"}
    status, _, text = fake.answer("PUT", path, head, json.dumps(body).encode())
    assert status == 200, text
    fake.seen.clear()


@pytest.fixture
def led(town, fake):
    declare(town, leading())
    done = town.run()
    assert done.failed == []
    fake.seen.clear()
    return town


def test_a_domain_that_leads_elsewhere_is_answered_with_nobody_behind_it(town, fake):
    declare(town, leading())
    done = town.run()
    assert (done.failed, actions(done.changes)[RULES]) == ([], "create")
    zone_id = fake.zone(TOWN)["facts"]["id"]
    # The rules come before the records that bring visitors to them.
    assert fake.seen == [
        "GET /zones",
        "POST /zones",
        f"GET /zones/{zone_id}/rulesets/phases/{REDIRECTS}/entrypoint",
        f"PUT /zones/{zone_id}/rulesets/phases/{REDIRECTS}/entrypoint",
        f"POST /zones/{zone_id}/dns_records/batch",
        f"PATCH /zones/{zone_id}/dnssec",
    ]
    [rule] = fake.redirects(TOWN)
    assert rule["description"] == f"bastide:{CAHORS}"
    for url in (f"http://{TOWN}/", f"https://www.{TOWN}/a?b=c"):
        assert fake.visit(url) == (301, "https://www.cahors.fr/")
    assert fake.records(TOWN)[TOWN, "A"] == ["192.0.2.1"]
    assert fake.records(TOWN)[f"www.{TOWN}", "AAAA"] == ["100::"]
    assert {one["ttl"] for one in fake.zone(TOWN)["records"].values() if one["proxied"]} == {1}
    assert town.survey().changes == []


def test_a_look_takes_one_request_more_where_there_are_redirections(led, fake):
    assert led.survey().changes == []
    zone_id = fake.zone(TOWN)["facts"]["id"]
    assert fake.seen == [
        "GET /zones",
        f"GET /zones/{zone_id}/dns_records",
        f"GET /zones/{zone_id}/rulesets/phases/{REDIRECTS}/entrypoint",
    ]


def test_rules_of_others_stay_as_they_are_and_are_asked_first(town, fake):
    fake.add_zone(TOWN)
    before = theirs(fake)
    declare(town, leading())
    assert whys(town.survey())[RULES] == "unmarked"
    assert town.run().failed == []
    assert fake.redirects(TOWN)[:1] == before
    assert len(fake.redirects(TOWN)) == 2
    assert town.survey().changes == []


def test_a_rule_that_leads_elsewhere_from_now_on_is_the_same_rule(led, fake):
    [before] = fake.redirects(TOWN)
    declare(led, leading("https://www.figeac.fr/"))
    done = led.run()
    assert actions(done.changes) == {RULES: "update"}
    [after] = fake.redirects(TOWN)
    assert (after["id"], after["ref"]) == (before["id"], before["ref"])
    assert fake.visit(f"http://{TOWN}/") == (301, "https://www.figeac.fr/")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"enabled": False},
        {"expression": 'http.host eq "ville-cahors.fr"'},
        {"description": "no longer marked"},
        {"action_parameters": THEIRS["action_parameters"]},
    ],
)
def test_a_rule_of_ours_that_somebody_changed_is_told_and_mended(led, fake, spoilt):
    [rule] = fake.redirects(TOWN)
    rule |= spoilt
    assert actions(led.survey().changes) == {RULES: "update"}
    assert led.run().failed == []
    assert fake.visit(f"http://www.{TOWN}/") == (301, "https://www.cahors.fr/")
    assert len(fake.redirects(TOWN)) == 1
    assert led.survey().changes == []


def test_more_rules_than_the_plan_allows_are_told_before_anything_is_written(town, fake):
    fake.add_zone(TOWN)
    before = theirs(fake, 10)
    declare(town, leading())
    told = errors(town.survey())
    assert told.pop(RULES).startswith("A585 ville-cahors.fr would have 11 redirect rules")
    # Without the rule nobody would answer there.
    assert set(told) == SETS
    done = town.run()
    assert {one["address"] for one in done.failed} == {RULES, *SETS}
    assert fake.redirects(TOWN) == before
    assert fake.records(TOWN) == {(TOWN, "MX"): ["."]}


def test_names_are_not_led_to_rules_that_cloudflare_refused(town, fake):
    declare(town, leading())
    fake.faults["PUT .*/entrypoint"] = Refused(400, 20127, "the expression is not valid")
    done = town.run()
    told = errors(done)
    assert told.pop(RULES) == "the expression is not valid (20127)"
    assert set(told) == SETS
    assert fake.records(TOWN) == {(TOWN, "MX"): ["."]}
    assert town.run().failed == []
    assert fake.visit(f"http://{TOWN}/") == (301, "https://www.cahors.fr/")


def test_an_answer_that_got_lost_is_looked_for(town, fake):
    declare(town, leading())

    def once(request):
        if request.startswith("PUT "):
            fake.on_done = lambda _request: None
            raise Dropped

    fake.on_done = once
    assert town.run().failed == []
    assert len(fake.redirects(TOWN)) == 1
    assert town.survey().changes == []


def test_a_run_that_died_between_rules_and_records_is_taken_up(town, fake):
    declare(town, leading())

    def never(request):
        if "batch" in request:
            raise Dropped

    fake.on_request = never
    town.run()
    fake.on_request = lambda _request: None
    assert town.run().failed == []
    assert len(fake.redirects(TOWN)) == 1
    assert fake.visit(f"http://{TOWN}/") == (301, "https://www.cahors.fr/")


def test_rules_go_with_what_declared_them_and_those_of_others_stay(town, fake):
    fake.add_zone(TOWN)
    before = theirs(fake)
    declare(town, leading())
    town.run()
    declare(town, without())
    done = town.run()
    assert (done.failed, actions(done.changes)[RULES]) == ([], "delete")
    assert fake.redirects(TOWN) == before
    assert fake.records(TOWN)[TOWN, "A"] == ["10.46.0.30"]
    assert fake.visit(f"http://{TOWN}/") is None
    fake.seen.clear()
    assert town.survey().changes == []
    # Nothing says that rules of ours may be there: nobody asks.
    assert not any("entrypoint" in one for one in fake.seen)


def test_the_rules_of_a_retired_domain_go_with_its_records(led, fake):
    declare(led, None, retired_domains=[TOWN])
    done = led.run()
    assert (done.failed, actions(done.changes)[RULES]) == ([], "delete")
    assert (fake.redirects(TOWN), fake.records(TOWN)) == ([], {})


def test_a_domain_that_changes_hands_takes_its_rules_along(led, fake):
    led.write(line(CAHORS, {}, retired_domains=[TOWN]), line(FIGEAC, {TOWN: leading()}))
    assert led.run().failed == []
    assert {one["description"] for one in fake.redirects(TOWN)} == {f"bastide:{FIGEAC}"}
    assert led.survey().changes == []


def test_a_list_of_pages_too_long_for_one_expression_becomes_several_rules(town, fake):
    pages = [f"/{number:03}-{'x' * 90}" for number in range(100)]
    moved = {"hosts": [TOWN], "paths": pages, "to": "https://www.cahors.fr/archives"}
    declare(town, {**leading(), "redirects": [moved]})
    assert town.run().failed == []
    assert 2 < len(fake.redirects(TOWN)) < 5
    for page in pages:
        assert fake.visit(f"https://{TOWN}{page}?x") == (301, "https://www.cahors.fr/archives")
    assert fake.visit(f"https://{TOWN}/other") == "the host behind"
