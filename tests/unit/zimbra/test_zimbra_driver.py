# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver: what it changes, what it leaves alone, and what it tells."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path

import pytest
from zimbra_fake import ADMIN, PASSWORD, FakeZimbra
from zimbra_server import Dropped
from zimbra_town import ACTIVE, CAHORS, FIGEAC, account, client_of, shape, town

from bastide.desired import Origin
from bastide.diagnostics import RunFailed
from bastide.targets.zimbra import Client, Driver

ROOT = Path(__file__).parents[3]


@pytest.fixture
def driver(client):
    return Driver(client)


@pytest.fixture
def settled(driver):
    """The town is on the server."""
    outcome = driver.run(town())
    assert outcome.failed == []
    return driver


def attributes(zimbra, address):
    return shape(zimbra)[address]


def actions(changes):
    return {one["address"]: one["action"] for one in changes}


def whys(outcome):
    return {one["address"]: one["why"] for one in outcome.left_alone}


def errors(outcome):
    return {one["address"]: one["error"] for one in outcome.failed}


def foreign(zimbra, kind, name, **attrs):
    """Something that somebody else put there."""
    return zimbra.directory.create(kind, name, {n: [v] for n, v in attrs.items()})


def test_a_town_is_made_and_the_second_run_has_nothing_to_do(zimbra, driver):
    plan = driver.plan(town())
    assert not [one for one in zimbra.seen if one.startswith(("Create", "Add"))]
    outcome = driver.run(town(), expect=plan.digest)
    assert outcome.changes == plan.changes
    assert actions(plan.changes) == dict.fromkeys(town(), "create")
    made = attributes(zimbra, "account:accueil@cahors.fr")
    assert made == {
        "zimbraNotes": [f"bastide:{CAHORS}"],
        "zimbraAccountStatus": ["active"],
        "zimbraCOSId": ["bastide-2g"],
        "zimbraMailAlias": ["contact@cahors.fr"],
    }
    assert attributes(zimbra, "account:ancien@cahors.fr")["zimbraAccountStatus"] == ["pending"]
    members = attributes(zimbra, "dl:conseil@cahors.fr")["zimbraMailForwardingAddress"]
    assert members == ["accueil@cahors.fr", "maire@cahors.fr", "presse@example.org"]
    zimbra.seen.clear()
    assert driver.run(town()).changes == []
    assert {*zimbra.seen} == {"SearchDirectory"}


def test_a_new_account_has_no_password(zimbra, settled):
    assert {one["password"] for one in zimbra.directory.entries.values()} == {""}


def test_an_account_that_leaves_is_locked_and_keeps_its_lists_and_comes_back(zimbra, settled):
    less = town()
    del less["account:maire@cahors.fr"]
    outcome = settled.run(less)
    assert actions(outcome.changes) == {"account:maire@cahors.fr": "suspend"}
    assert attributes(zimbra, "account:maire@cahors.fr")["zimbraAccountStatus"] == ["locked"]
    assert (
        "maire@cahors.fr"
        in attributes(zimbra, "dl:conseil@cahors.fr")["zimbraMailForwardingAddress"]
    )
    assert settled.run(less).changes == []
    assert actions(settled.run(town()).changes) == {"account:maire@cahors.fr": "restore"}
    assert attributes(zimbra, "account:maire@cahors.fr")["zimbraAccountStatus"] == ["active"]


def test_a_room_that_leaves_takes_no_more_bookings(zimbra, settled):
    less = town()
    del less["resource:salle@cahors.fr"]
    assert actions(settled.run(less).changes) == {"resource:salle@cahors.fr": "suspend"}
    entry = attributes(zimbra, "calresource:salle@cahors.fr")
    assert entry["zimbraAccountStatus"] == ["pending"]


def test_aliases_and_lists_follow_the_declaration(zimbra, settled):
    less = town()
    del less["alias:contact@cahors.fr"], less["list:conseil@cahors.fr"]
    outcome = settled.run(less)
    assert {*actions(outcome.changes).values()} == {"delete"}
    assert "dl:conseil@cahors.fr" not in shape(zimbra)
    assert "zimbraMailAlias" not in attributes(zimbra, "account:accueil@cahors.fr")


@pytest.mark.parametrize("strict_members", [False, True])
def test_members_quota_class_name_and_alias_are_changed(strict_members):
    zimbra = FakeZimbra(strict_members=strict_members)
    driver = Driver(client_of(zimbra))
    driver.run(town())
    other = town() | {
        "cos:bastide-2g": (CAHORS, {"quota": 3_000_000_000}),
        "account:maire@cahors.fr": (CAHORS, account(quota=None, cos="bastide-2g")),
        "account:accueil@cahors.fr": (CAHORS, account(quota=9)),
        "alias:contact@cahors.fr": (CAHORS, {"account": "maire@cahors.fr"}),
        "list:conseil@cahors.fr": (
            CAHORS,
            {"members": ["maire@cahors.fr", "nouvelle@example.org", "presse@example.org"]},
        ),
        "resource:salle@cahors.fr": (CAHORS, {"type": "Equipment", "name": "Minibus", **ACTIVE}),
    }
    outcome = driver.run(other)
    assert outcome.failed == []
    assert len(outcome.changes) == 6
    assert attributes(zimbra, "cos:bastide-2g")["zimbraMailQuota"] == ["3000000000"]
    maire = attributes(zimbra, "account:maire@cahors.fr")
    assert "zimbraMailQuota" not in maire
    assert maire["zimbraCOSId"] == ["bastide-2g"]
    assert maire["zimbraMailAlias"] == ["contact@cahors.fr"]
    assert "zimbraCOSId" not in attributes(zimbra, "account:accueil@cahors.fr")
    assert attributes(zimbra, "calresource:salle@cahors.fr")["displayName"] == ["Minibus"]
    assert driver.run(other).changes == []


def test_an_alias_becomes_a_list_and_a_list_an_alias(zimbra, settled):
    other = town()
    del other["alias:contact@cahors.fr"], other["list:conseil@cahors.fr"]
    other["list:contact@cahors.fr"] = (CAHORS, {"members": ["a@example.org"]})
    other["alias:conseil@cahors.fr"] = (CAHORS, {"account": "maire@cahors.fr"})
    assert settled.run(other).failed == []
    assert settled.run(other).changes == []
    assert settled.run(town()).failed == []
    assert settled.run(town()).changes == []


def test_a_list_keeps_a_member_whose_name_goes_from_an_alias_to_a_list(zimbra, driver):
    everyone = (CAHORS, {"members": ["conseil@cahors.fr", "contact@cahors.fr"]})
    driver.run(town() | {"list:tous@cahors.fr": everyone})
    other = town() | {"list:tous@cahors.fr": everyone}
    del other["alias:contact@cahors.fr"], other["list:conseil@cahors.fr"]
    other["list:contact@cahors.fr"] = (CAHORS, {"members": ["a@example.org"]})
    other["alias:conseil@cahors.fr"] = (CAHORS, {"account": "maire@cahors.fr"})
    plan = driver.plan(other)
    assert "list:tous@cahors.fr" not in actions(plan.changes)
    outcome = driver.run(other)
    assert outcome.failed == []
    assert outcome.changes == plan.changes
    assert driver.run(other).changes == []


def test_what_bears_no_mark_or_anothers_is_left_alone_and_told(zimbra, settled):
    foreign(zimbra, "account", "perso@cahors.fr", zimbraMailQuota="7")
    foreign(zimbra, "dl", "amis@cahors.fr")
    foreign(zimbra, "account", "f@cahors.fr", zimbraNotes=f"bastide:{FIGEAC}")
    foreign(
        zimbra,
        "account",
        "spam.x@cahors.fr",
        zimbraIsSystemAccount="TRUE",
        zimbraNotes=f"bastide:{CAHORS}",
    )
    foreign(zimbra, "account", "note@cahors.fr", zimbraNotes=f"voir bastide:{CAHORS}")
    before = copy.deepcopy(shape(zimbra))
    wanted = town()
    for name in ("perso", "f", "spam.x", "note"):
        wanted[f"account:{name}@cahors.fr"] = (CAHORS, account())
    wanted["list:amis@cahors.fr"] = (CAHORS, {"members": ["a@example.org"]})
    assert settled.plan(wanted).changes == []
    outcome = settled.run(wanted)
    assert shape(zimbra) == before
    assert whys(outcome) == {
        "account:perso@cahors.fr": "unmarked",
        "list:amis@cahors.fr": "unmarked",
        "account:f@cahors.fr": "other-owner",
        "account:spam.x@cahors.fr": "unmarked",
        "account:note@cahors.fr": "unmarked",
    }
    assert errors(outcome).keys() == whys(outcome).keys()
    told = outcome.diagnostics()
    assert {one.code for one in told} == {"A564", "A565"}
    line = {"account:perso@cahors.fr": Origin("collectivities/46/cahors.yml", 7, "account")}
    placed = [one for one in outcome.diagnostics(line) if one.line]
    assert [(one.file, one.line, one.column) for one in placed] == [
        ("collectivities/46/cahors.yml", 7, 1)
    ]
    assert all(one.message("fr") != one.message("en") for one in told)


def test_a_name_that_is_taken_is_told_before_anything_is_sent(zimbra, settled):
    wanted = town() | {
        "list:maire@cahors.fr": (CAHORS, {"members": ["a@example.org"]}),
        "account:neuf@cahors.fr": (CAHORS, account()),
        "alias:neuf@cahors.fr": (CAHORS, {"account": "maire@cahors.fr"}),
    }
    plan = settled.plan(wanted)
    assert plan.changes == []
    assert {one["address"] for one in plan.failed} == {*wanted} - {*town()}


def test_a_list_cannot_take_the_name_of_an_account_that_left(zimbra, settled):
    wanted = town()
    del wanted["account:maire@cahors.fr"]
    wanted["list:maire@cahors.fr"] = (CAHORS, {"members": ["a@example.org"]})
    outcome = settled.run(wanted)
    assert actions(outcome.changes) == {"account:maire@cahors.fr": "suspend"}
    assert errors(outcome).keys() == {"list:maire@cahors.fr"}


def test_an_empty_declaration_touches_nothing(zimbra, settled):
    before = shape(zimbra)
    outcome = settled.run({})
    assert outcome.changes == []
    assert shape(zimbra) == before
    assert whys(outcome)["domain:cahors.fr"] == "collectivity-gone"


def test_a_domain_that_vanished_leaves_its_accounts_alone(zimbra, settled):
    outcome = settled.run({"cos:bastide-2g": town()["cos:bastide-2g"]})
    assert outcome.changes == []
    assert whys(outcome) == {
        "domain:cahors.fr": "undeclared",
        **{a: "domain-gone" for a in town() if a.startswith(("account:", "list:", "resource:"))},
    }


def test_an_account_is_not_made_in_a_domain_that_is_not_ours(zimbra, driver):
    foreign(zimbra, "domain", "cahors.fr")
    outcome = driver.run(town())
    assert actions(outcome.changes) == {"cos:bastide-2g": "create"}
    assert len(outcome.failed) == len(town()) - 1
    assert {*shape(zimbra)} == {"domain:cahors.fr", "cos:bastide-2g"}


def test_two_collectivities_share_a_domain_and_not_their_accounts(zimbra, driver):
    shared = {
        "domain:info46.com": (CAHORS, {}),
        "account:cahors@info46.com": (CAHORS, account()),
        "account:figeac@info46.com": (FIGEAC, account()),
    }
    assert driver.run(shared).failed == []
    alone = {"domain:figeac.fr": (FIGEAC, {}), "account:mairie@figeac.fr": (FIGEAC, account())}
    wanted = alone | {"alias:c@info46.com": (FIGEAC, {"account": "cahors@info46.com"})}
    outcome = driver.run(wanted)
    assert actions(outcome.changes) == dict.fromkeys(alone, "create")
    assert errors(outcome).keys() == {"alias:c@info46.com"}
    assert attributes(zimbra, "account:cahors@info46.com")["zimbraAccountStatus"] == ["active"]


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("account:Maire@cahors.fr", account()),
        ("account:maire", account()),
        ("account:x@cahors.fr", account(state="closed")),
        ("account:x@cahors.fr", account(quota=-1)),
        ("account:x@cahors.fr", account(quota=True)),
        ("account:x@cahors.fr", account(cos="a\x00b")),
        ("account:x@cahors.fr", account() | {"forward": "a@example.org"}),
        ("alias:x@cahors.fr", {"account": "nobody@cahors.fr"}),
        ("alias:x@cahors.fr", {"account": 3}),
        ("list:x@cahors.fr", {"members": []}),
        ("list:x@cahors.fr", {"members": ["b@example.org", "a@example.org"]}),
        ("list:x@cahors.fr", {"members": ["no address"]}),
        ("resource:x@cahors.fr", {"type": "Room", "name": "X", **ACTIVE}),
        ("resource:x@cahors.fr", {"type": "Location", "name": "X\x01", **ACTIVE}),
        ("cos:x", {"quota": None}),
        ("cos:x\ny", {"quota": 1}),
        ("domain:Cahors.fr", {}),
        ("mailbox:x@cahors.fr", account()),
        ("account:x@ailleurs.fr", account()),
    ],
)
def test_a_declaration_that_cannot_be_used_fails_alone(zimbra, driver, address, body):
    outcome = driver.run(town() | {address: (CAHORS, body)})
    assert errors(outcome).keys() == {address}
    assert len(outcome.changes) == len(town())


def test_an_unknown_class_of_service_fails_alone(zimbra, driver):
    wanted = town() | {"account:x@cahors.fr": (CAHORS, account(cos="none"))}
    outcome = driver.run(wanted)
    assert errors(outcome) == {"account:x@cahors.fr": "no class of service none"}
    assert len(outcome.changes) == len(town())


def test_a_class_of_service_that_is_not_ours_can_be_used_and_stays(zimbra, driver):
    foreign(zimbra, "cos", "default", zimbraMailQuota="1")
    wanted = {
        "domain:cahors.fr": (CAHORS, {}),
        "account:x@cahors.fr": (CAHORS, account(cos="default")),
    }
    assert driver.run(wanted).failed == []
    assert attributes(zimbra, "account:x@cahors.fr")["zimbraCOSId"] == ["default"]
    assert attributes(zimbra, "cos:default") == {"zimbraMailQuota": ["1"]}


def test_one_refusal_in_a_batch_never_stops_the_others(zimbra, driver):
    zimbra.faults["CreateAccount", "maire@"] = "service.FAILURE"
    outcome = driver.run(town())
    assert errors(outcome) == {"account:maire@cahors.fr": "service.FAILURE: as the test wants"}
    assert len(outcome.changes) == len(town()) - 1
    assert actions(driver.run(town()).changes) == {"account:maire@cahors.fr": "create"}


def test_an_account_that_somebody_made_meanwhile_is_not_taken_over(zimbra, driver):
    def other_admin(name):
        if name == "CreateAccount":
            zimbra.on_step = lambda _: None
            foreign(zimbra, "account", "maire@cahors.fr", zimbraMailQuota="5000000000")

    zimbra.on_step = other_admin
    outcome = driver.run(town())
    assert errors(outcome).keys() == {"account:maire@cahors.fr"}
    assert "account.ACCOUNT_EXISTS" in errors(outcome)["account:maire@cahors.fr"]
    assert "zimbraNotes" not in attributes(zimbra, "account:maire@cahors.fr")


def test_an_account_that_answers_by_its_alias_is_not_the_one_that_was_asked_for(zimbra, driver):
    def other_admin(name):
        if name == "CreateAccount":
            zimbra.on_step = lambda _: None
            marks = {"zimbraNotes": f"bastide:{CAHORS}", "zimbraMailQuota": "5000000000"}
            key = foreign(zimbra, "account", "z@cahors.fr", **marks)
            zimbra.directory.add_alias(key, "maire@cahors.fr")

    zimbra.on_step = other_admin
    assert errors(driver.run(town())).keys() == {"account:maire@cahors.fr"}


def test_a_list_whose_creation_shows_nothing_is_filled_by_the_next_run(zimbra, driver, monkeypatch):
    wanted = {
        "domain:cahors.fr": (CAHORS, {}),
        "list:conseil@cahors.fr": (CAHORS, {"members": ["a@example.org"]}),
    }

    def mute(kind, document, _answer):
        name = document.findtext(f"{ADMIN}name")
        zimbra.directory.create(kind, name, {"zimbraNotes": [f"bastide:{CAHORS}"]})

    monkeypatch.setattr(zimbra, "_create", mute)
    assert errors(driver.run(wanted)).keys() == {"list:conseil@cahors.fr"}
    assert actions(driver.run(wanted).changes) == {"list:conseil@cahors.fr": "update"}


def test_a_server_that_is_gone_is_not_asked_for_every_batch(zimbra, settled, monkeypatch):
    wanted = town() | {f"account:u{n}@cahors.fr": (CAHORS, account()) for n in range(150)}
    asked = []
    whole = zimbra.post

    def gone(body):
        if b"CreateAccount" in body or asked:
            asked.append(body)
            raise RunFailed
        return whole(body)

    monkeypatch.setattr(zimbra, "post", gone)
    outcome = settled.run(wanted)
    assert len(outcome.failed) == 150
    assert len(asked) == 2  # once to make, once to look


def test_a_request_that_is_taken_without_effect_is_told(zimbra, settled, monkeypatch):
    monkeypatch.setattr(zimbra.directory, "modify", lambda *_: None)
    wanted = town() | {"account:maire@cahors.fr": (CAHORS, account(quota=1))}
    outcome = settled.run(wanted)
    assert outcome.changes == []
    assert "another state" in errors(outcome)["account:maire@cahors.fr"]


def test_only_what_was_touched_is_read_again(zimbra, settled):
    zimbra.seen.clear()
    settled.run(town() | {"account:maire@cahors.fr": (CAHORS, account(quota=1))})
    assert [one for one in zimbra.seen if one.startswith(("Get", "Modify"))] == [
        "ModifyAccount",
        "GetAccount",
    ]


def test_a_lock_by_wrong_passwords_is_no_difference_and_maintenance_is_left_alone(zimbra, settled):
    key, _ = zimbra.directory.get("account", "name", "maire@cahors.fr")
    zimbra.directory.modify("account", key, {"zimbraAccountStatus": ["lockout"]})
    assert settled.run(town()).changes == []
    zimbra.directory.modify("account", key, {"zimbraAccountStatus": ["maintenance"]})
    outcome = settled.run(town())
    assert outcome.changes == []
    assert whys(outcome) == {"account:maire@cahors.fr": "maintenance"}


def test_an_account_closed_by_hand_is_not_opened_when_it_leaves_and_is_when_declared(
    zimbra, settled
):
    key, _ = zimbra.directory.get("account", "name", "maire@cahors.fr")
    zimbra.directory.modify("account", key, {"zimbraAccountStatus": ["closed"]})
    less = town()
    del less["account:maire@cahors.fr"]
    # Closing took it out of the list, which is put right; the account stays closed.
    assert actions(settled.run(less).changes) == {"list:conseil@cahors.fr": "update"}
    assert attributes(zimbra, "account:maire@cahors.fr")["zimbraAccountStatus"] == ["closed"]
    assert actions(settled.run(town()).changes) == {"account:maire@cahors.fr": "restore"}


def test_a_plan_whose_base_moved_is_refused(zimbra, settled):
    wanted = town() | {"account:maire@cahors.fr": (CAHORS, account(quota=1))}
    digest = settled.plan(wanted).digest
    settled.run(wanted)
    before = shape(zimbra)
    with pytest.raises(RunFailed) as raised:
        settled.run(town(), expect=digest)
    assert [one.code for one in raised.value.diagnostics] == ["A567"]
    assert shape(zimbra) == before


def test_more_entries_than_a_search_may_find_are_read_in_parts():
    zimbra = FakeZimbra(cap=12)
    driver = Driver(client_of(zimbra))
    zimbra.directory.create("domain", "cahors.fr", {"zimbraNotes": [f"bastide:{CAHORS}"]})
    names = [f"service{a}{b}" for a, b in itertools.product("abc", range(10))] + ["!odd", "x.y"]
    for name in names:
        foreign(zimbra, "account", f"{name}@cahors.fr", zimbraNotes=f"bastide:{CAHORS}")
    plan = driver.plan({"domain:cahors.fr": (CAHORS, {})})
    assert {one["address"] for one in plan.changes} == {f"account:{n}@cahors.fr" for n in names}


def test_pages_are_followed_to_the_end(zimbra, driver, monkeypatch):
    monkeypatch.setattr("bastide.targets.zimbra.directory.PAGE", 3)
    wanted = town() | {f"account:u{n}@cahors.fr": (CAHORS, account()) for n in range(20)}
    assert driver.run(wanted).failed == []
    assert driver.run(wanted).changes == []


def test_a_domain_that_cannot_be_listed_fails_alone(zimbra, settled):
    settled.run(town() | town(FIGEAC, "figeac.fr") | {"cos:bastide-2g": town()["cos:bastide-2g"]})
    zimbra.faults["SearchDirectory", 'domain="figeac.fr"'] = "service.FAILURE"
    both = town() | town(FIGEAC, "figeac.fr")
    both |= {
        "cos:bastide-2g": town()["cos:bastide-2g"],
        "account:maire@cahors.fr": (CAHORS, account(quota=1)),
    }
    outcome = settled.run(both)
    assert actions(outcome.changes) == {"account:maire@cahors.fr": "update"}
    assert errors(outcome).keys() == {a for a in both if a.endswith("@figeac.fr")}


def test_domains_that_cannot_be_listed_stop_the_run_before_it_begins(zimbra, driver):
    zimbra.faults["SearchDirectory", 'types="domains"'] = "service.PERM_DENIED"
    with pytest.raises(RunFailed) as raised:
        driver.run(town())
    assert [one.code for one in raised.value.diagnostics] == ["A566"]
    assert shape(zimbra) == {}


def test_names_with_accents_are_compared_in_ascii(zimbra, driver):
    wanted = town(domain="xn--cahors-la-belle-bnb.fr")
    assert driver.run(wanted).failed == []
    assert driver.run(wanted).changes == []


def test_a_connection_that_breaks_within_a_batch_is_told_and_taken_up(zimbra, served, monkeypatch):
    monkeypatch.setenv("ZIMBRA_TEST", PASSWORD)
    driver = Driver(Client.of(served))
    steps = itertools.count()

    def break_once(name):
        if name == "CreateAccount" and next(steps) == 1:
            raise Dropped

    zimbra.on_step = break_once
    outcome = driver.run(town())
    assert "account:accueil@cahors.fr" in {one["address"] for one in outcome.changes}
    assert "no answer" in errors(outcome)["account:maire@cahors.fr"]
    assert driver.run(town()).failed == []
    assert driver.run(town()).changes == []


def test_no_request_that_removes_mail_is_in_the_code():
    for file in (ROOT / "src").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for word in ("DeleteAccount", "DeleteMailbox", "DeleteCalendarResource", "DeleteDomain"):
            assert word not in text, file
    built = (ROOT / "src/bastide/targets/zimbra/entries.py").read_text(encoding="utf-8")
    assert 'f"Delete' not in built
