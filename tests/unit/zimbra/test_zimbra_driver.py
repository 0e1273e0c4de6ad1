# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver makes what is declared, and suspends what is not any more."""

from __future__ import annotations

import pytest
from zimbra_fake import FakeZimbra
from zimbra_town import (
    ACTIVE,
    CAHORS,
    account,
    actions,
    attributes,
    client_of,
    shape,
    town,
)

from bastide.targets.zimbra import Driver


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
