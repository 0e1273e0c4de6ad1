# SPDX-License-Identifier: GPL-3.0-or-later
"""What fails alone, what stops a run, and what is told of it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from zimbra_fake import ADMIN, PASSWORD, FakeZimbra
from zimbra_server import Dropped
from zimbra_town import (
    ACTIVE,
    CAHORS,
    FIGEAC,
    account,
    actions,
    attributes,
    client_of,
    errors,
    foreign,
    shape,
    town,
    whys,
)

from bastide.diagnostics import RunFailed
from bastide.targets.zimbra import Client, Driver

ROOT = Path(__file__).parents[3]


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


def test_what_the_administrator_may_not_read_is_no_reason_to_change_it(zimbra, settled):
    key, _ = zimbra.directory.get("account", "name", "maire@cahors.fr")
    zimbra.directory.modify("account", key, {"zimbraAccountStatus": ["locked"]})
    before = shape(zimbra)
    zimbra.hidden = {"zimbraAccountStatus"}
    outcome = settled.run(town())
    assert outcome.changes == []
    assert "service.PERM_DENIED" in errors(outcome)["account:maire@cahors.fr"]
    # Without the marks everything looks like somebody else's.
    zimbra.hidden = {"zimbraNotes"}
    outcome = settled.run(town())
    assert outcome.changes == []
    assert whys(outcome)["account:maire@cahors.fr"] == "unmarked"
    assert shape(zimbra) == before


def test_a_class_of_service_that_may_not_be_read_stops_the_run(zimbra, settled):
    zimbra.hidden = {"zimbraMailQuota"}
    with pytest.raises(RunFailed, match=r"service\.PERM_DENIED"):
        settled.plan(town())
