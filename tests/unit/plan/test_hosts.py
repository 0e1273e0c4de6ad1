# SPDX-License-Identifier: GPL-3.0-or-later
"""Several mail hosts: what each is given of a collectivity."""

import json
from pathlib import Path

import pytest
import yaml

from bastide.desired import line_on
from bastide.diagnostics import InvalidInput
from bastide.model import build_platform
from bastide.model.placement import Placement
from bastide.targets import hosts

DATA = Path(__file__).parents[2] / "data" / "desired"
HOSTS = {"mail": "mail.x.fr", "mail2": "mail2.x.fr"}
LINE = json.dumps(
    {
        "collectivity": "46/albas",
        "siren": "214600017",
        "resources": [
            {"address": "maildomain:albas.fr", "body": {"selector": "s"}},
            {
                "address": "mailbox:a@albas.fr",
                "body": {"quota": 1, "state": "active", "delivery": "keep"},
            },
            {"address": "alias:b@albas.fr", "body": {"targets": ["a@albas.fr"]}},
        ],
    }
).encode()


def given(host, **collectivities):
    named = {name.replace("_", "/"): where for name, where in collectivities.items()}
    line = json.loads(line_on(LINE, host, Placement(HOSTS, "mail", named)))
    return {one["address"]: one["body"] for one in line["resources"]}


def test_a_host_that_is_added_moves_nobody():
    assert line_on(LINE, "mail", Placement(HOSTS, "mail")) == LINE
    assert "mailbox:a@albas.fr" not in given("mail2")


def test_the_holder_has_the_mailbox_and_the_others_the_way_to_it():
    way = {"to": "mail2.x.fr", "state": "active", "delivery": "keep"}
    assert given("mail", **{"46_albas": "mail2"})["remote:a@albas.fr"] == way
    assert "mailbox:a@albas.fr" in given("mail2", **{"46_albas": "mail2"})


def test_a_siren_places_as_a_slug_does():
    assert "mailbox:a@albas.fr" in given("mail2", **{"214600017": "mail2"})


def test_every_host_has_every_alias_and_a_key_of_its_own():
    assert given("mail")["alias:b@albas.fr"] == given("mail2")["alias:b@albas.fr"]
    assert given("mail")["maildomain:albas.fr"] == {"selector": "s"}
    assert given("mail2")["maildomain:albas.fr"] == {"selector": "s--mail2"}


@pytest.mark.parametrize(
    ("there", "placement", "code"),
    [
        (["mail"], None, None),
        (["mail", "mail2"], None, "P442"),
        (["mail", "mail2"], Placement(HOSTS, "mail"), None),
        (["mail"], Placement(HOSTS, "mail"), "P443"),
    ],
)
def test_hosts_and_placement_name_the_same(there, placement, code):
    if code is None:
        hosts.check_placement(there, placement, "hosts.yml", "mail")
        return
    with pytest.raises(InvalidInput) as refused:
        hosts.check_placement(there, placement, "hosts.yml", "mail")
    assert [one.code for one in refused.value.diagnostics] == [code]


@pytest.mark.parametrize(("dnssec", "hosts", "refused"), [
    (True, 1, False), (True, 2, True), ("leaving", 2, True), (False, 2, False),
])  # fmt: skip
def test_two_primaries_do_not_sign_with_keys_of_their_own(tmp_path, dnssec, hosts, refused):
    data = yaml.safe_load((DATA / "platform.yml").read_text("utf-8"))
    data["dns"]["dnssec"] = dnssec
    groups = {"dns": [f"ns{n}" for n in range(hosts)], "mail": ["mail"], "web": ["web"]}
    children = {name: {"hosts": dict.fromkeys(names)} for name, names in groups.items()}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": children}}))
    platform = build_platform("platform.yml", data)
    if not refused:
        assert read(tmp_path, platform).of("dns") == groups["dns"]
        return
    with pytest.raises(InvalidInput) as failure:
        read(tmp_path, platform)
    assert failure.value.diagnostics[0].code == "P450"


def read(folder, platform):
    return hosts.Hosts.read(folder, "hosts.yml", platform)
