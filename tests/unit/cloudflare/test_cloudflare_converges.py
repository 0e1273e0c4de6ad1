# SPDX-License-Identifier: GPL-3.0-or-later
"""The adapter against the imitation: zones made, brought to what is declared, kept there."""

from __future__ import annotations

import idna
import pytest
from cloudflare_fake import ACCOUNT
from cloudflare_town import CAHORS, DKIM, FIGEAC, Town, actions, errors, line, rrset, whys, zone

from bastide.targets.cloudflare.records import mark_of

A = {"type": "A", "ttl": 3600, "content": "10.46.0.30"}


def test_a_first_load_takes_three_requests_for_a_zone_and_then_nothing_is_left(town, fake):
    done = town.run()
    assert done.failed == []
    zone_id = fake.zone("cahors.fr")["facts"]["id"]
    assert fake.seen == [
        "GET /zones",
        "POST /zones",
        f"POST /zones/{zone_id}/dns_records/batch",
        f"PATCH /zones/{zone_id}/dnssec",
    ]
    assert actions(done.changes)["zone:cahors.fr"] == "create"
    assert len(done.changes) == 8
    assert fake.records("cahors.fr") == {
        ("cahors.fr", "A"): ["10.46.0.30"],
        ("www.cahors.fr", "A"): ["10.46.0.30"],
        ("cahors.fr", "MX"): ["mail.info46.com", "mail2.info46.com"],
        ("cahors.fr", "TXT"): ['"v=spf1 mx -all"'],
        ("autoconfig.cahors.fr", "CNAME"): ["config.info46.com"],
        ("_imaps._tcp.cahors.fr", "SRV"): ["1 993 mail.info46.com."],
        ("b._domainkey.cahors.fr", "TXT"): [
            f'"{DKIM["dkim:cahors.fr"][:255]}" "{DKIM["dkim:cahors.fr"][255:]}"'
        ],
    }
    marks = {one["comment"] for one in fake.zone("cahors.fr")["records"].values()}
    assert marks == {mark_of(CAHORS)}
    assert fake.zone("cahors.fr")["dnssec"]["status"] == "pending"
    assert town.survey().changes == []


def test_a_nightly_look_is_one_request_for_each_zone(settled, fake):
    assert settled.survey().changes == []
    zone_id = fake.zone("cahors.fr")["facts"]["id"]
    assert fake.seen == ["GET /zones", f"GET /zones/{zone_id}/dns_records"]


def test_only_what_differs_is_written_and_records_keep_their_ids(settled, fake):
    before = {one["name"]: one["id"] for one in fake.zone("cahors.fr")["records"].values()}
    body = zone("cahors.fr", rrset("plan.cahors.fr.", "A", "192.0.2.7"))
    body["rrsets"][[one["name"] for one in body["rrsets"]].index("www.cahors.fr.")] |= {
        "rdata": ["192.0.2.8"]
    }
    settled.write(line(zones={"cahors.fr": body}))
    done = settled.run()
    assert actions(done.changes) == {
        "rrset:plan.cahors.fr./A": "create",
        "rrset:www.cahors.fr./A": "update",
    }
    assert len(fake.writes()) == 1
    after = {one["name"]: one["id"] for one in fake.zone("cahors.fr")["records"].values()}
    assert after["www.cahors.fr"] == before["www.cahors.fr"]
    assert settled.survey().changes == []


def test_a_record_set_that_leaves_the_charter_goes(settled, fake):
    settled.write(line(zones={"cahors.fr": zone(without=[("www.cahors.fr.", "A")])}))
    done = settled.run()
    assert actions(done.changes) == {"rrset:www.cahors.fr./A": "delete"}
    assert ("www.cahors.fr", "A") not in fake.records("cahors.fr")


def test_a_name_may_become_another_type_in_one_batch(settled, fake):
    body = zone(
        "cahors.fr",
        rrset("www.cahors.fr.", "CNAME", "web.info46.com."),
        rrset("autoconfig.cahors.fr.", "A", "192.0.2.9"),
        without=[("www.cahors.fr.", "A"), ("autoconfig.cahors.fr.", "CNAME")],
    )
    settled.write(line(zones={"cahors.fr": body}))
    assert settled.run().failed == []
    assert len(fake.writes()) == 1
    assert fake.records("cahors.fr")["www.cahors.fr", "CNAME"] == ["web.info46.com"]
    assert settled.survey().changes == []


def test_a_delegation_comes_and_goes_with_its_ds(settled, fake):
    more = [
        rrset("ecole.cahors.fr.", "NS", "ns1.example.net."),
        rrset("ecole.cahors.fr.", "DS", f"1 13 2 {'ef' * 32}"),
    ]
    settled.write(line(zones={"cahors.fr": zone("cahors.fr", *more)}))
    assert settled.run().failed == []
    assert settled.survey().changes == []
    settled.write(line())
    assert settled.run().failed == []
    assert not [key for key in fake.records("cahors.fr") if key[0] == "ecole.cahors.fr"]


def test_what_somebody_changed_by_hand_is_found_and_put_right(settled, fake):
    there = fake.zone("cahors.fr")
    by_name = {(one["name"], one["type"]): one for one in there["records"].values()}
    by_name["www.cahors.fr", "A"] |= {"proxied": True, "ttl": 1}
    by_name["cahors.fr", "TXT"]["content"] = '"v=spf1 +all"'
    fake.add(there, {**A, "name": "www", "content": "192.0.2.66"})
    survey = settled.survey()
    before = {one["address"]: one["before"] for one in survey.changes}
    assert before["rrset:cahors.fr./TXT"]["rdata"] == ['"v=spf1 +all"']
    assert before["rrset:www.cahors.fr./A"]["proxied"]
    assert before["rrset:www.cahors.fr./A"]["rdata"] == ["10.46.0.30", "192.0.2.66"]
    assert settled.run().failed == []
    assert fake.records("cahors.fr")["www.cahors.fr", "A"] == ["10.46.0.30"]
    assert settled.survey().changes == []


def test_taking_over_a_filled_zone_removes_nothing_and_says_what_it_leaves(town, fake):
    fake.add_zone(
        "cahors.fr",
        [
            {**A, "name": "www"},
            {**A, "name": "@", "content": "198.51.100.4"},
            {"type": "TXT", "name": "@", "content": "v=spf1 mx -all", "ttl": 3600},
            {**A, "name": "intranet", "content": "198.51.100.5"},
            {"type": "CNAME", "name": "blog", "content": "example.org"},
        ],
    )
    survey = town.survey()
    assert whys(survey) == {
        "rrset:intranet.cahors.fr./A": "unmarked",
        "rrset:blog.cahors.fr./CNAME": "unmarked",
    }
    found = {one["address"]: one for one in survey.changes}
    assert {one["action"] for one in found.values()} == {"create", "update"}
    same = found["rrset:www.cahors.fr./A"]
    assert same["before"] == {**same["after"], "unmarked": True}
    assert found["rrset:cahors.fr./A"]["before"]["rdata"] == ["198.51.100.4"]
    assert town.run().failed == []
    assert fake.records("cahors.fr")["intranet.cahors.fr", "A"] == ["198.51.100.5"]
    assert fake.records("cahors.fr")["cahors.fr", "A"] == ["10.46.0.30"]
    assert town.survey().changes == []
    # Declared once, it is the charter's, and goes with it.
    town.write(
        line(
            zones={
                "cahors.fr": zone("cahors.fr", rrset("intranet.cahors.fr.", "A", "198.51.100.5"))
            }
        )
    )
    assert actions(town.run().changes) == {"rrset:intranet.cahors.fr./A": "update"}
    town.write(line())
    assert actions(town.run().changes) == {"rrset:intranet.cahors.fr./A": "delete"}


def test_what_collides_with_a_record_that_is_left_alone_is_told_beforehand(town, fake):
    fake.add_zone("cahors.fr", [{"type": "CNAME", "name": "www", "content": "old.example.org"}])
    survey = town.survey()
    text = "a CNAME record of this name is left alone"
    assert errors(survey) == {"rrset:www.cahors.fr./A": text}
    done = town.run()
    assert errors(done) == {"rrset:www.cahors.fr./A": text}
    assert fake.records("cahors.fr")["www.cahors.fr", "CNAME"] == ["old.example.org"]
    assert ("cahors.fr", "MX") in fake.records("cahors.fr")


def test_records_that_cloudflare_keeps_for_itself_are_left_alone(settled, fake):
    there = fake.zone("cahors.fr")
    kept = fake.add(there, {"type": "MX", "name": "x", "content": "route1.mx.cloudflare.net",
                            "priority": 1, "ttl": 300})  # fmt: skip
    kept["meta"] = {"email_routing": True, "read_only": True}
    assert whys(settled.survey()) == {"rrset:x.cahors.fr./MX": "system"}
    settled.write(
        line(zones={"cahors.fr": zone("cahors.fr", rrset("x.cahors.fr.", "MX", "5 a.example."))})
    )
    assert errors(settled.run()) == {
        "rrset:x.cahors.fr./MX": "Cloudflare keeps this record for itself"
    }


def test_a_pending_value_waits_and_a_served_one_stays_while_nobody_gives_it(town, fake):
    town.values = {}
    survey = town.survey()
    [pending] = [one for one in survey.changes if "_domainkey" in one["address"]]
    assert pending["after"] == {"pending": "dkim:cahors.fr"}
    done = town.run()
    assert done.failed == []
    assert "rrset:b._domainkey.cahors.fr./TXT" not in actions(done.changes)
    town.values = dict(DKIM)
    assert actions(town.run().changes) == {"rrset:b._domainkey.cahors.fr./TXT": "create"}
    town.values = {}
    assert town.survey().changes == []


def test_a_value_that_becomes_known_on_the_way_keeps_the_plan_valid(town):
    town.values = {}
    survey = town.survey()
    town.values = dict(DKIM)
    done = town.converge(survey)
    assert done.failed == []
    assert "rrset:b._domainkey.cahors.fr./TXT" in actions(done.changes)
    assert town.survey().changes == []


def test_a_zone_with_accents_is_made_by_its_name_and_found_again(town, fake):
    name = idna.encode("saint-céré.fr").decode()
    town.write(line(zones={name: zone(name)}))
    town.values = {f"dkim:{name}": "v=DKIM1; p=A"}
    assert town.run().failed == []
    assert fake.zone(name)["facts"]["name"] == "saint-céré.fr"
    assert (f"www.{name}", "A") in fake.records(name)
    assert town.survey().changes == []
    assert town.survey(CAHORS).changes == []


def test_dnssec_that_was_turned_off_is_turned_on_again_once_it_is_looked_at(settled, fake):
    fake.zone("cahors.fr")["dnssec"]["status"] = "disabled"
    assert settled.survey().changes == []
    settled.state.unlink()
    [found] = settled.survey().changes
    assert found["before"] == {"settings": {"dnssec": "off"}}
    assert settled.run().failed == []
    assert fake.zone("cahors.fr")["dnssec"]["status"] == "pending"
    fake.seen.clear()
    assert settled.survey().changes == []
    assert len(fake.seen) == 2


def test_declared_settings_are_set_on_new_zones_and_on_old_ones(tmp_path, url, fake):
    fake.add_zone("figeac.fr")
    town = Town(tmp_path, url, {"min_tls_version": "1.2", "browser_cache_ttl": 1800})
    town.write(line(), line(FIGEAC, {"figeac.fr": zone("figeac.fr")}))
    town.values |= {"dkim:figeac.fr": "v=DKIM1; p=A"}
    [figeac] = [one for one in town.survey().changes if one["address"] == "zone:figeac.fr"]
    assert figeac["after"]["settings"] == {
        "browser_cache_ttl": 1800,
        "dnssec": "on",
        "min_tls_version": "1.2",
    }
    assert town.run().failed == []
    for name in ("cahors.fr", "figeac.fr"):
        assert fake.zone(name)["settings"]["min_tls_version"] == "1.2"
        assert fake.zone(name)["settings"]["browser_cache_ttl"] == 1800
    assert town.survey().changes == []


def test_a_setting_that_cloudflare_refuses_is_told_with_the_zone(tmp_path, url, fake):
    town = Town(tmp_path, url, {"min_tls_version": "9"})
    done = town.run()
    assert errors(done) == {
        "zone:cahors.fr": "Invalid value for zone setting min_tls_version (1007)"
    }
    assert "rrset:www.cahors.fr./A" in actions(done.changes)


def test_a_new_zone_that_comes_with_records_is_looked_at_and_nothing_is_made_twice(
    town, fake, monkeypatch
):
    """Cloudflare can fill a new zone with what it finds in the DNS."""
    make = fake.make_zone

    def filled(_fake, body):
        facts = make(body)
        for one in ({**A, "name": "www"}, {"type": "CNAME", "name": "old", "content": "a.example"}):
            fake.add(fake.zones[facts["id"]], one)
        return facts

    monkeypatch.setattr(type(fake), "make_zone", filled)
    assert town.run().failed == []
    assert fake.records("cahors.fr")["www.cahors.fr", "A"] == ["10.46.0.30"]
    assert whys(town.survey()) == {"rrset:old.cahors.fr./CNAME": "unmarked"}
    assert town.survey().changes == []


def test_a_zone_of_the_same_name_that_serves_nobody_is_no_zone_of_ours(settled, fake):
    fake.zone("cahors.fr")["facts"]["type"] = "internal"
    assert actions(settled.survey().changes)["zone:cahors.fr"] == "create"


def test_a_list_that_comes_in_pages_is_read_to_its_end(settled, fake, monkeypatch):
    monkeypatch.setattr("bastide.targets.cloudflare.client._RECORDS", 5)
    assert settled.survey().changes == []
    assert len(fake.seen) == 3


def test_two_towns_in_one_account_do_not_disturb_each_other(settled, fake):
    settled.write(line(), line(FIGEAC, {"figeac.fr": zone("figeac.fr")}))
    settled.values |= {"dkim:figeac.fr": "v=DKIM1; p=A"}
    assert {one["siren"] for one in settled.survey(FIGEAC).changes} == {FIGEAC}
    assert settled.survey(CAHORS).changes == []
    assert settled.survey("000000000").changes == []
    fake.seen.clear()
    settled.run(FIGEAC)
    assert fake.records("figeac.fr")["www.figeac.fr", "A"] == ["10.46.0.30"]
    assert not any(fake.zone("cahors.fr")["facts"]["id"] in one for one in fake.seen)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_batches_are_as_small_as_the_plan_of_the_zone_wants(most, settled, fake, monkeypatch):
    monkeypatch.setattr("cloudflare_fake_records.MOST_OPERATIONS", {"free": most})
    monkeypatch.setattr("bastide.targets.cloudflare.client._BATCH", {"free": most})
    more = [rrset(f"h{number}.cahors.fr.", "A", "192.0.2.7", "192.0.2.8", "192.0.2.9")
            for number in range(4)]  # fmt: skip
    settled.write(line(zones={"cahors.fr": zone("cahors.fr", *more)}))
    assert settled.run().failed == []
    assert settled.survey().changes == []


def test_the_account_is_told_to_cloudflare(town, fake):
    town.run()
    assert fake.zone("cahors.fr")["facts"]["account"]["id"] == ACCOUNT
