# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitation, used by the official client: what Cloudflare does, and what it refuses."""

from __future__ import annotations

import cloudflare
import pytest
from cloudflare_fake import ACCOUNT, TOKEN, FakeCloudflare
from cloudflare_record_rules import Refused
from cloudflare_server import serving

CERE = "xn--saint-cr-h1ab.fr"
A = {"type": "A", "name": "www.cahors.fr", "content": "192.0.2.7", "ttl": 300}


@pytest.fixture
def zone(client):
    return client.zones.create(account={"id": ACCOUNT}, name="cahors.fr").id


def refusal(call, **params):
    """``(status, codes)`` of a call that is refused, those of the chain behind it too."""
    with pytest.raises(cloudflare.APIStatusError) as caught:
        call(**params)
    [error] = caught.value.body["errors"]
    return caught.value.status_code, [
        error["code"],
        *(one["code"] for one in error.get("error_chain", ())),
    ]


def test_a_zone_begins_pending_with_two_name_servers_and_its_name_in_unicode(client):
    made = client.zones.create(account={"id": ACCOUNT}, name=CERE)
    assert (made.name, made.status, made.type) == ("saint-céré.fr", "pending", "full")
    assert len(made.name_servers) == 2
    assert len(made.id) == 32
    for name in ("saint-céré.fr", CERE):
        assert [one.id for one in client.zones.list(name=name)] == [made.id]
    record = client.dns.records.create(
        zone_id=made.id, type="A", name="www", content="192.0.2.7", ttl=1
    )
    assert record.name == f"www.{CERE}"


def test_zones_that_cannot_be_made_are_refused(client, zone):
    create = client.zones.create
    assert refusal(create, account={"id": ACCOUNT}, name="cahors.fr") == (400, [1061])
    assert refusal(create, account={"id": ACCOUNT}, name="www.cahors.fr") == (400, [1116])
    assert refusal(create, account={"id": ACCOUNT}, name="cahors") == (400, [1003])
    assert refusal(create, account={"id": "0" * 32}, name="figeac.fr") == (403, [9109])


def test_zones_are_listed_by_pages_of_five_to_fifty(client, fake):
    for number in range(7):
        fake.add_zone(f"commune-{number}.fr")
    first = client.zones.list(account={"id": ACCOUNT}, per_page=5)
    assert [one.name for one in first.result] == [f"commune-{number}.fr" for number in range(5)]
    assert len(list(client.zones.list(per_page=5))) == 7
    assert refusal(client.zones.list, per_page=51)[0] == 400
    assert refusal(client.zones.list, per_page=4)[0] == 400


def test_records_come_back_whole_with_what_cloudflare_adds(client, zone):
    made = client.dns.records.create(
        zone_id=zone, type="CNAME", name="WWW", content="Web.Example.net.", ttl=1, comment="hand"
    )
    assert (made.name, made.content, made.ttl) == ("www.cahors.fr", "web.example.net", 1)
    assert (made.proxied, made.proxiable, made.comment) == (False, True, "hand")
    assert client.dns.records.get(made.id, zone_id=zone) == made


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"content": "192.0.2.700"}, [9005]),
        ({"type": "AAAA", "content": "192.0.2.7"}, [9006]),
        ({"type": "CNAME", "content": "not a name"}, [9007]),
        ({"type": "CNAME", "content": "192.0.2.7"}, [9007]),
        ({"name": "a..b.cahors.fr"}, [9000]),
        ({"ttl": 59}, [1004, 9021]),
        ({"ttl": 86_401}, [1004, 9021]),
        ({"type": "TXT", "content": '"' + '" "'.join(["x" * 255] * 17) + '"'}, [9015]),
        ({"type": "SRV", "data": {"weight": 1, "port": 1, "target": "a.fr"}}, [1004, 9101]),
        ({"type": "DS", "data": {"key_tag": 1, "algorithm": 13, "digest_type": 2,
                                 "digest": "00" * 32}}, [1004, 9300]),
        ({"type": "DNAME", "content": "a.fr"}, [1004, 9004]),
    ],
)  # fmt: skip
def test_bad_records_are_refused_with_the_code_of_the_fault(given, codes, client, zone):
    assert refusal(client.dns.records.create, zone_id=zone, **{**A, **given}) == (400, codes)
    assert client.dns.records.list(zone_id=zone).result == []


def test_records_that_collide_are_refused(client, zone):
    create = client.dns.records.create
    create(zone_id=zone, **A)
    assert refusal(create, zone_id=zone, **A) == (400, [81058])
    assert refusal(create, zone_id=zone, **A | {"ttl": 600}) == (400, [81057])
    cname = {"type": "CNAME", "ttl": 300, "content": "web.example.net"}
    assert refusal(create, zone_id=zone, name="www", **cname) == (400, [81053])
    create(zone_id=zone, name="cnam", **cname)
    assert refusal(create, zone_id=zone, **A | {"name": "cnam"}) == (400, [81054])
    ns = {"type": "NS", "ttl": 300, "content": "ns.example.net", "name": "www"}
    assert refusal(create, zone_id=zone, **ns) == (400, [81056])
    assert len(client.dns.records.list(zone_id=zone).result) == 2


def test_texts_of_one_name_have_a_combined_length(client, zone):
    long = '" "'.join(["x" * 250] * 15)
    for number in range(2):
        client.dns.records.create(
            zone_id=zone, type="TXT", name="t", content=f'"{number}" "{long}"', ttl=300
        )
    assert refusal(
        client.dns.records.create,
        zone_id=zone, type="TXT", name="t", content=f'"2" "{long}"', ttl=300,
    ) == (400, [83011])  # fmt: skip


def test_a_text_without_quotes_is_kept_as_it_was_sent(client, zone):
    made = client.dns.records.create(
        zone_id=zone, type="TXT", name="@", content="v=spf1 -all", ttl=300
    )
    assert (made.name, made.content) == ("cahors.fr", "v=spf1 -all")


def test_a_proxied_record_has_the_automatic_ttl_whatever_was_asked(client, zone):
    made = client.dns.records.create(zone_id=zone, **A, proxied=True)
    assert (made.ttl, made.proxied) == (1, True)


def test_patch_keeps_what_it_does_not_name_and_put_does_not(client, zone):
    made = client.dns.records.create(zone_id=zone, **A, comment="hand")
    edited = client.dns.records.edit(made.id, zone_id=zone, **A | {"content": "192.0.2.8"})
    assert (edited.content, edited.comment) == ("192.0.2.8", "hand")
    put = client.dns.records.update(made.id, zone_id=zone, **A | {"content": "192.0.2.9"})
    assert (put.content, put.comment) == ("192.0.2.9", None)
    assert client.dns.records.delete(made.id, zone_id=zone).id == made.id
    assert refusal(client.dns.records.get, dns_record_id=made.id, zone_id=zone) == (404, [81044])


def test_a_batch_deletes_first_and_posts_last(client, zone):
    old = client.dns.records.create(zone_id=zone, **A)
    other = client.dns.records.create(zone_id=zone, **A | {"name": "plan"})
    done = client.dns.records.batch(
        zone_id=zone,
        posts=[{"type": "CNAME", "name": "www.cahors.fr", "content": "plan.cahors.fr", "ttl": 300}],
        patches=[{"id": other.id, **A, "name": "plan.cahors.fr", "content": "192.0.2.9"}],
        deletes=[{"id": old.id}],
    )
    assert [one.id for one in done.deletes] == [old.id]
    assert [one.content for one in done.patches] == ["192.0.2.9"]
    assert [one.type for one in done.posts] == ["CNAME"]
    assert done.puts is None


def test_a_batch_is_done_whole_or_not_at_all(client, zone, fake):
    old = client.dns.records.create(zone_id=zone, **A)
    before = fake.records("cahors.fr")
    good = {"type": "A", "name": "neuf.cahors.fr", "content": "192.0.2.9", "ttl": 300}
    for bad, code in (({**good, "content": "x"}, 9005), (good, 81058)):
        found = refusal(
            client.dns.records.batch, zone_id=zone, deletes=[{"id": old.id}], posts=[good, bad]
        )
        assert found == (400, [code])
        assert fake.records("cahors.fr") == before


@pytest.mark.parametrize(("plan", "most"), [("free", 200), ("pro", 3500)])
def test_a_batch_has_a_size_that_the_plan_allows(plan, most):
    fake = FakeCloudflare(plan=plan)
    zone = fake.add_zone("cahors.fr")
    posts = [{**A, "name": f"h{number}"} for number in range(most + 1)]
    with pytest.raises(Refused, match="DNS Validation Error"):
        fake.batch(zone, {"posts": posts})
    assert zone["records"] == {}
    assert len(fake.batch(zone, {"posts": posts[:2], "deletes": []})["posts"]) == 2


def test_one_page_may_hold_five_million_records(client, zone):
    for name in ("a", "b"):
        client.dns.records.create(zone_id=zone, **A | {"name": name})
    page = client.dns.records.list(zone_id=zone, per_page=5_000_000)
    assert (len(page.result), page.result_info.total_pages) == (2, 1)
    assert refusal(client.dns.records.list, zone_id=zone, per_page=5_000_001)[0] == 400
    assert len(list(client.dns.records.list(zone_id=zone, per_page=5))) == 2


def test_dnssec_waits_for_the_registry(client, zone):
    assert client.dns.dnssec.get(zone_id=zone).status == "disabled"
    on = client.dns.dnssec.edit(zone_id=zone, status="active")
    assert (on.status, on.algorithm, on.flags) == ("pending", "13", 257)
    assert on.ds.startswith("cahors.fr. 3600 IN DS 42 13 2 ")
    assert refusal(client.dns.dnssec.delete, zone_id=zone)[0] == 400


def test_settings_have_values_of_their_own(client, zone):
    edit = client.zones.settings.edit
    assert edit("min_tls_version", zone_id=zone, value="1.2").value == "1.2"
    assert client.zones.settings.get("min_tls_version", zone_id=zone).value == "1.2"
    assert refusal(edit, setting_id="min_tls_version", zone_id=zone, value="9") == (400, [1007])
    assert refusal(edit, setting_id="no_such", zone_id=zone, value="on") == (400, [1006])


def test_a_zone_goes_through_a_file_and_back(client, zone, fake):
    create = client.dns.records.create
    create(zone_id=zone, **A)
    create(zone_id=zone, type="MX", name="@", content="mail.example.net", priority=10, ttl=300)
    create(zone_id=zone, type="TXT", name="@", content="v=spf1 -all", ttl=300)
    text = client.dns.records.export(zone_id=zone)
    fake.add_zone("figeac.fr")
    other = fake.zone("figeac.fr")["facts"]["id"]
    for added in (3, 0):
        done = client.dns.records.import_(
            zone_id=other, file=text.replace("cahors", "figeac"), proxied="false"
        )
        assert (done.recs_added, done.total_records_parsed) == (added, 3)
    assert fake.records("figeac.fr")["figeac.fr", "MX"] == ["mail.example.net"]


def test_one_entrypoint_ruleset_for_a_phase(client, zone):
    given = {"kind": "zone", "name": "redirects", "phase": "http_request_dynamic_redirect"}
    made = client.rulesets.create(zone_id=zone, **given)
    assert refusal(client.rulesets.create, zone_id=zone, **given)[0] == 400
    assert client.rulesets.phases.get(given["phase"], zone_id=zone).id == made["id"]
    assert [one.id for one in client.rulesets.list(zone_id=zone)] == [made["id"]]
    client.rulesets.delete(made["id"], zone_id=zone)
    found = refusal(client.rulesets.phases.get, ruleset_phase=given["phase"], zone_id=zone)
    assert found == (404, [10003])


def test_a_rule_that_keeps_its_ref_keeps_its_place(client, zone):
    redirect = {"from_value": {"target_url": {"value": "https://www.cahors.fr"}}}
    rule = {"action": "redirect", "expression": "true", "action_parameters": redirect}
    phase = "http_request_dynamic_redirect"
    client.rulesets.phases.update(phase, zone_id=zone, rules=[{**rule, "ref": "apex"}])
    made = client.rulesets.phases.get(phase, zone_id=zone)
    [first] = made.rules

    def there():
        return client.rulesets.phases.get(phase, zone_id=zone).rules

    rules = client.rulesets.rules
    rules.create(made.id, zone_id=zone, **rule, ref="www")
    assert [one.ref for one in there()] == ["apex", "www"]
    rules.edit(first.id, ruleset_id=made.id, zone_id=zone, **rule, enabled=False)
    assert [(one.ref, one.enabled) for one in there()] == [("apex", False), ("www", True)]
    rules.delete(first.id, ruleset_id=made.id, zone_id=zone)
    assert [one.ref for one in there()] == ["www"]


def test_items_of_a_list_are_there_once_their_operation_is_over(client):
    lists = client.rules.lists
    made = lists.create(account_id=ACCOUNT, kind="redirect", name="redirects")
    redirect = {"source_url": "ville-cahors.fr/", "target_url": "https://www.cahors.fr/"}
    body = [{"redirect": redirect}]
    begun = lists.items.create(made.id, account_id=ACCOUNT, body=body).operation_id
    states = [
        lists.bulk_operations.get(begun, account_id=ACCOUNT).status for _ in ("first", "second")
    ]
    assert states == ["pending", "completed"]
    [item] = lists.items.list(made.id, account_id=ACCOUNT).result
    assert item.redirect.target_url == "https://www.cahors.fr/"
    assert lists.get(made.id, account_id=ACCOUNT).num_items == 1
    body = [{"redirect": {**redirect, "source_url": "ville-cahors.fr"}}]
    assert refusal(lists.items.create, list_id=made.id, account_id=ACCOUNT, body=body)[0] == 400
    assert refusal(lists.list, account_id="0" * 32) == (403, [9109])


def test_what_is_not_allowed_in_is_told_apart(client, url, zone):
    assert client.user.tokens.verify().status == "active"
    with cloudflare.Cloudflare(api_token="x" * 40, base_url=url, max_retries=0) as other:
        assert refusal(other.zones.list) == (403, [10000])
    assert refusal(client.zones.get, zone_id="0" * 32) == (404, [1001])
    assert refusal(client.zones.get, zone_id="nothing") == (404, [7003, 7000])


def test_too_many_requests_are_refused_until_the_window_is_over():
    now = [1000.0]
    fake = FakeCloudflare(limit=2, window=300, clock=lambda: now[0])
    with (
        serving(fake) as url,
        cloudflare.Cloudflare(api_token=TOKEN, base_url=url, max_retries=0) as client,
    ):
        for left in (1, 0):
            answer = client.zones.with_raw_response.list()
            assert answer.headers["ratelimit"] == f'"default";r={left};t=300'
        now[0] += 100
        with pytest.raises(cloudflare.RateLimitError) as caught:
            client.zones.list()
        assert caught.value.response.headers["retry-after"] == "200"
        now[0] += 200
        assert client.zones.list().result == []
