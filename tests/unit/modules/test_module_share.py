# SPDX-License-Identifier: GPL-3.0-or-later
import json

import pytest
from ansible.module_utils import bastide_share as shares
from hypothesis import given
from hypothesis import strategies as st

HEADER = {"format": 1, "service": "mail", "host": "mail", "environment": "lab"}
CAHORS = {
    "collectivity": "46/cahors",
    "siren": "214600421",
    "retired": False,
    "retired_domains": [],
    "domains": ["cahors.fr"],
    "resources": [],
}
CHECKS = {kind: lambda _name, _body: None for kind in ("mailbox", "alias", "page", "zone")}


def read(tmp_path, *lines, service="mail"):
    path = tmp_path / "share.jsonl"
    texts = (one if isinstance(one, str) else json.dumps(one) for one in lines)
    path.write_text("".join(text + "\n" for text in texts))
    return shares.read_share(path, service, CHECKS)


def with_resources(*addresses, **facts):
    return {**CAHORS, "resources": [{"address": a, "body": {}} for a in addresses], **facts}


def test_resources_are_read_with_their_owner(tmp_path):
    share = read(tmp_path, HEADER, with_resources("mailbox:a@cahors.fr"))
    assert share.resources == {"mailbox:a@cahors.fr": ("214600421", {})}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "not JSON"),
        (["nonsense"], "not JSON"),
        (["[" * 100_000], "not JSON"),
        (["[]"], "not a mapping"),
        ([{**HEADER, "format": 2}], "format 2"),
        ([{**HEADER, "service": "dns"}], "is for 'dns'"),
        ([HEADER, {**CAHORS, "siren": "21460042X"}], "no SIREN"),
        ([HEADER, {**CAHORS, "siren": 214600421}], "no SIREN"),
        ([HEADER, CAHORS, CAHORS], "line 3 of the share: SIREN 214600421 stands there twice"),
        ([HEADER, {**CAHORS, "retired": "no"}], "neither true nor false"),
        ([HEADER, {**CAHORS, "domains": ["../etc"]}], "domains is not a list"),
        ([HEADER, {**CAHORS, "collectivity": "46/cahors\n"}], "no name of a collectivity"),
        ([HEADER, {**CAHORS, "resources": [{}]}], "needs an address"),
        ([HEADER, {**CAHORS, "resources": ["x"]}], "needs an address"),
        ([HEADER, with_resources("shell:rm")], "no kind"),
        ([HEADER, with_resources("mailbox:a@cahors.fr\n")], "no name"),
    ],
)
def test_share_that_breaks_the_agreement_is_refused_with_the_reason(tmp_path, lines, said):
    with pytest.raises(shares.BadShare, match=said):
        read(tmp_path, *lines)


def test_address_claimed_by_several_is_nobodys(tmp_path):
    others = [with_resources("zone:x.fr", siren=f"21460000{n}") for n in range(3)]
    share = read(tmp_path, HEADER, *others)
    assert share.resources == {}
    assert share.unusable["zone:x.fr"] == (
        "214600000",
        "claimed by several collectivities, 214600000 and 214600002",
    )


def test_what_is_retired_is_not_desired(tmp_path):
    resources = ("mailbox:a@cahors.fr", "mailbox:a@ville.fr", "page:www.ville.fr")
    share = read(tmp_path, HEADER, with_resources(*resources, retired_domains=["ville.fr"]))
    assert share.resources.keys() == {"mailbox:a@cahors.fr"}
    assert read(tmp_path, HEADER, with_resources(*resources, retired=True)).resources == {}


@pytest.mark.parametrize(
    ("address", "fate"),
    [
        ("mailbox:a@cahors.fr", "present"),
        ("mailbox:a@sub.cahors.fr", "domain-gone"),
        ("mailbox:a@old.fr", "retired"),
        ("zone:cahors.fr", "present"),
        ("zone:sub.cahors.fr", "domain-gone"),
        ("page:www.cahors.fr", "present"),
        ("page:www.old.fr", "retired"),
        ("redirect:other.fr", "domain-gone"),
    ],
)
def test_fate_of_what_is_not_listed(tmp_path, address, fate):
    share = read(tmp_path, HEADER, {**CAHORS, "retired_domains": ["old.fr"]})
    assert share.fate("214600421", address) == fate
    assert share.fate("999999999", address) == "collectivity-gone"


GOOD_ADDRESSES = ["mairie@cahors.fr", "a@x.fr", "etat-civil.2@xn--vch-9lab.fr", "_x@a-b.fr"]
BAD_ADDRESSES = [
    "@x.fr",
    "a@x",
    "A@x.fr",
    ".a@x.fr",
    "a..b@x.fr",
    "a b@x.fr",
    "a@x.fr\n",
    "a@-x.fr",
]


def test_addresses_that_may_be_held():
    assert all(map(shares.is_address, GOOD_ADDRESSES))
    assert not any(map(shares.is_address, [*BAD_ADDRESSES, "a" * 65 + "@x.fr", None, 1]))


@given(st.text())
def test_no_name_that_passes_could_leave_its_place(name):
    if shares.is_domain(name) or shares.is_address(name):
        assert not set(name) & set("/\\\"';:$ \n\r\t\0*,|{}[]()<>&#")
        assert name == name.lower()
        assert ".." not in name
        assert not name.startswith(("-", "."))


@given(st.text(max_size=20))
def test_no_alias_target_means_something_to_a_map(text):
    for target in (f"{text}@x.fr", f"a{text}@x.fr", f"a@{text}.fr", f"a@x.fr{text}"):
        if shares.is_target(target):
            assert not set(target) & set(' ,"\\\n\r\t:;()<>[]|')
            assert not target.startswith("-")
