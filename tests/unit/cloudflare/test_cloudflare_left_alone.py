# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends, what changes hands, and what is nobody's: no zone is ever deleted."""

from __future__ import annotations

from cloudflare_fake import ACCOUNT
from cloudflare_town import CAHORS, FIGEAC, actions, errors, line, rrset, whys, zone

from bastide.targets.cloudflare.records import mark_of

FOREIGN = {"type": "A", "name": "intranet", "content": "198.51.100.5", "ttl": 300}


def deletions(fake):
    return [one for one in fake.seen if one.startswith("DELETE")]


def test_a_retired_domain_loses_its_records_and_keeps_its_zone(settled, fake):
    fake.add(fake.zone("cahors.fr"), FOREIGN)
    settled.write(line(zones={}, retired_domains=["cahors.fr"]))
    done = settled.run()
    assert actions(done.changes)["zone:cahors.fr"] == "delete"
    assert len(done.changes) == 8
    assert fake.records("cahors.fr") == {("intranet.cahors.fr", "A"): ["198.51.100.5"]}
    assert deletions(fake) == []
    assert settled.survey().changes == []


def test_a_retired_collectivity_is_found_by_the_marks_of_its_records(settled, fake):
    settled.write(line(zones={}, retired=True))
    for scope in ((), (CAHORS,)):
        assert actions(settled.survey(*scope).changes)["zone:cahors.fr"] == "delete"
    assert settled.survey(FIGEAC).changes == []
    settled.run(CAHORS)
    assert fake.records("cahors.fr") == {}
    assert settled.survey().changes == []


def test_a_domain_that_only_vanished_is_left_alone_and_told(settled, fake):
    before = fake.records("cahors.fr")
    settled.write(line(zones={}))
    assert whys(settled.survey()) == {"zone:cahors.fr": "domain-gone"}
    settled.write()
    assert whys(settled.survey()) == {"zone:cahors.fr": "collectivity-gone"}
    assert settled.run().changes == []
    assert fake.records("cahors.fr") == before


def test_a_zone_of_nobody_is_told_by_whoever_looks_at_everything(settled, fake):
    fake.add_zone("autre.fr", [FOREIGN])
    assert whys(settled.survey()) == {"zone:autre.fr": "undeclared"}
    assert whys(settled.survey(CAHORS)) == {}


def test_a_zone_that_changes_hands_keeps_its_records(settled, fake):
    before = fake.records("cahors.fr")
    settled.write(line(zones={}), line(FIGEAC))
    assert errors(settled.survey(FIGEAC)) == {
        "zone:cahors.fr": f"belongs to {CAHORS}, which is outside of the scope"
    }
    done = settled.run()
    [only] = done.changes
    assert (only["address"], only["before"], only["after"]) == (
        "zone:cahors.fr",
        {"siren": CAHORS},
        {"siren": FIGEAC},
    )
    assert fake.records("cahors.fr") == before
    marks = {one["comment"] for one in fake.zone("cahors.fr")["records"].values()}
    assert marks == {mark_of(FIGEAC)}
    assert settled.survey().changes == []


def test_a_zone_that_is_declared_by_one_and_retired_by_another_is_the_first_ones(settled, fake):
    settled.write(line(zones={}, retired_domains=["cahors.fr"]), line(FIGEAC))
    done = settled.run()
    assert actions(done.changes) == {"zone:cahors.fr": "update"}
    assert len(fake.records("cahors.fr")) == 7


def test_a_set_of_which_one_record_is_foreign_is_brought_to_what_is_declared(settled, fake):
    fake.add(fake.zone("cahors.fr"), {**FOREIGN, "name": "www"})
    settled.run()
    assert fake.records("cahors.fr")["www.cahors.fr", "A"] == ["10.46.0.30"]


def test_bad_content_fails_its_zone_alone(town, fake):
    bad = zone("cahors.fr", rrset("x.cahors.fr.", "A", "192.0.2.700"))
    town.write(line(zones={"cahors.fr": bad}), line(FIGEAC, {"figeac.fr": zone("figeac.fr")}))
    done = town.run()
    assert "x.cahors.fr. A" in errors(done)["zone:cahors.fr"]
    assert fake.records("figeac.fr")
    assert {one["ascii"] for one in fake.zones.values()} == {"figeac.fr"}


def test_a_zone_of_another_account_is_refused_in_cloudflares_words(town, fake, client):
    fake.add_zone("cahors.fr")["facts"]["account"] = {"id": "9" * 32, "name": "others"}
    assert ACCOUNT != "9" * 32
    done = town.run()
    assert errors(done)["zone:cahors.fr"] == "cahors.fr already exists (1061)"
    assert done.changes == []
