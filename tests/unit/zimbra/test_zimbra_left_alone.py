# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver leaves alone what is not the collectivity's, and tells it."""

from __future__ import annotations

import copy

from zimbra_town import (
    CAHORS,
    FIGEAC,
    account,
    actions,
    attributes,
    errors,
    foreign,
    shape,
    town,
    whys,
)

from bastide.desired import Origin


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
        "account:spam.x@cahors.fr": "system",
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
