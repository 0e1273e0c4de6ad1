# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is written as name, address or content: a finding or silence, never a failure.

What the rules let through must be usable further down: by dnspython, by Postfix.
"""

from __future__ import annotations

import re

import dns.name
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rules_bench import CATALOGUES, codes, collectivity, platform

from bastide.diagnostics import Severity
from bastide.model.names import is_hostname, normal_address, to_ascii
from bastide.model.rdata import canonical_rdata
from bastide.rules import Context, check_local
from bastide.rules.domain_name import fault_of as domain_fault_of
from bastide.rules.mail_address import fault_of
from bastide.rules.spf import spf_fault

CONTEXT = Context(platform(), CATALOGUES)
BASE = {
    "collectivity": {"kind": "commune", "siren": "214600421"},
    "convention": {"modules": ["internet"]},
}
TYPES = ["A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS", "TLSA", "SSHFP"]

# Text that looks like names, then any text at all.
labels = st.from_regex(r"[a-zA-Z0-9_*é-]{0,8}", fullmatch=True)
names = st.one_of(
    st.lists(labels, min_size=1, max_size=4).map(".".join),
    st.text(max_size=30),
    st.sampled_from(
        ["@", "*", "a" * 64, ".".join(["a" * 60] * 5), "x.fr.", "٣.fr", "ß.fr", "。fr"]
    ),
)
contents = st.one_of(
    names,
    st.text(max_size=40),
    st.from_regex(r"[0-9.:a-f ]{1,20}", fullmatch=True),
    st.builds("{} {} {}".format, st.integers(-1, 70000), st.integers(-1, 70000), names),
    st.ip_addresses().map(str),
    st.sampled_from(['0 issue "x"', '0 issue "x', "0 iodef mailto:x", ".", "10 .", '"a" "b"', '"']),
)


def errors(document):
    member = collectivity("46/cahors", {**BASE, **document})
    return [f for f in check_local(member, CONTEXT) if f.kind.severity is Severity.ERROR]


@settings(max_examples=300, deadline=None)
@given(names)
def test_a_domain_without_error_is_a_host_name_that_dns_carries(name):
    found = errors({"domains": {name: {}}})
    if not found:
        ascii_name = to_ascii(name)
        assert is_hostname(ascii_name)
        dns.name.from_text(ascii_name)
    elif to_ascii(name) is None:
        kind, facts = domain_fault_of(name)
        for language in ("en", "fr"):
            text = kind.message.format(language, {"name": name.replace("{", ""), **facts})
            assert "{" not in text.replace("{" * facts.get("label", "").count("{"), "")


@settings(max_examples=250, deadline=None)
@given(names, st.sampled_from(TYPES), contents, st.one_of(st.none(), st.integers(0, 65535)))
@example("a", "A", "192.0.2.1\x00", None)
@example("a", "SRV", "1 1 65536", 0)
@example("a", "CAA", '128 issuewild "a"', None)
@example("a", "NS", "1", None)
def test_a_record_without_error_compiles(name, rtype, content, priority):
    record = {"name": name, "type": rtype, "content": content, "priority": priority}
    if not errors({"domains": {"cahors.fr": {"records": [record]}}}):
        member = collectivity(
            "46/cahors", {**BASE, "domains": {"cahors.fr": {"records": [record]}}}
        )
        declared = member.domains[0].records[0]
        rdata = canonical_rdata(declared, "cahors.fr")
        if rtype in {"CNAME", "NS", "MX", "SRV"}:
            target = rdata.rpartition(" ")[2]
            assert target == "." or re.fullmatch(r"[a-z0-9_.-]+\.", target)


addresses = st.one_of(
    st.builds("{}@{}".format, st.from_regex(r"[a-zA-Z0-9._+é'\"-]{0,12}", fullmatch=True), names),
    st.text(max_size=30),
    st.integers(60, 66).map(lambda n: "a" * n + "@cahors.fr"),
)


@settings(max_examples=250, deadline=None)
@given(addresses)
def test_an_address_without_fault_is_a_plain_dot_atom(address):
    normal = normal_address(address)
    if fault_of(address, valid=normal is not None) is None:
        assert re.fullmatch(r"[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)*@[a-z0-9.-]+", normal)
        assert len(normal.partition("@")[0]) <= 64


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(addresses, st.lists(addresses, max_size=3), max_size=3),
    st.dictionaries(addresses, st.fixed_dictionaries({"quota": st.text(max_size=8)}), max_size=3),
)
def test_any_mail_section_is_judged_without_failure(aliases, accounts):
    errors({"mail": {"aliases": aliases, "accounts": accounts}})


@settings(max_examples=300, deadline=None)
@given(contents, names, names)
def test_any_redirection_and_host_is_judged_without_failure(target, site, guichet):
    errors(
        {
            "domains": {"cahors.fr": {"redirect_to": target}},
            "site": {"kind": "cms", "domain": site},
            "guichet": {"domain": guichet},
        }
    )


@pytest.mark.parametrize(
    "target",
    [
        "https://www.cahors.fr/",
        "www.cahors.fr",
        "http://cahors.fr:8080/a/b?c=d&e=%20#f",
        "https://évêché.fr/",
    ],
)
def test_a_good_redirection_passes(target):
    found = errors({"domains": {"figeac.fr": {"redirect_to": target}}})
    assert found == []


@pytest.mark.parametrize(
    "target",
    [
        "https://user@cahors.fr/",
        "https://cahors.fr:0/",
        "https://cahors.fr:99999/",
        "https://cahors.fr/;return 200",
        "https://cahors.fr/$host",
        "https://cahors.fr/'x",
        "https://cahors.fr/{x}",
        "https://cahors.fr/é",
        "javascript:alert(1)",
        "//cahors.fr",
    ],
)
def test_a_redirection_that_could_mean_something_else_is_refused(target):
    found = errors({"domains": {"figeac.fr": {"redirect_to": target}}})
    assert [f.kind.code for f in found] == ["R327"]


@pytest.mark.parametrize(
    "spf",
    [
        "v=spf1 mx -all",
        "v=spf1 -all",
        "v=spf1  mx  -all",
        "v=spf1 a:mail.x.fr/24 ip4:192.0.2.0/24 ip6:2001:db8::/32 include:_spf.x.fr ~all",
        "v=spf1 redirect=_spf.x.fr",
        "v=spf1 " + "mx " * 10 + "-all",
    ],
)
def test_a_good_spf_passes(spf):
    assert spf_fault(spf) is None


@pytest.mark.parametrize(
    ("spf", "term"),
    [
        ("v=spf2 mx -all", "v=spf2"),
        ("v=spf1", "v=spf1"),
        ("v=spf1 mx", "mx"),
        ("v=spf1 mx +all", "+all"),
        ("v=spf1 ptr -all", "ptr"),
        ("v=spf1 ip4:2001:db8:: -all", "ip4:2001:db8::"),
        ("v=spf1 all mx -all", "all"),
        ("v=spf1 " + "mx " * 10 + "a -all", "a"),
        ("v=spf1 " + "mx " * 10 + "redirect=x.fr", "redirect=x.fr"),
    ],
)
def test_the_term_at_fault_of_an_spf_is_named(spf, term):
    assert spf_fault(spf) == term


@pytest.mark.parametrize(
    ("domain", "found"),
    [("figeac.fr", []), ("mx.info46.com", ["R393"]), ("deep.info46.com", ["R393"])],
)
def test_a_server_may_have_a_name_of_anybodys_domain_but_not_below_a_shared_one(domain, found):
    names = {"mx.figeac.fr": 10, "mx.info46.com": 20, "a.deep.info46.com": 30}
    on = platform(mail={"mx": names, "dkim_selector": "b2026"})
    assert codes(f"domains: {{{domain}: {{}}}}", on=on) == found
