# SPDX-License-Identifier: GPL-3.0-or-later
"""SPF: what a term is, what a record costs, and that putting records together gives one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.model.spf import (
    count_queries,
    effective,
    platform_spf,
    sender_term,
    spf_terms,
    with_senders,
)
from bastide.rules.spf import spf_fault
from unit.rules.rules_bench import platform

HOSTS = {"mx.info46.com": ("192.0.2.25", "2001:db8::25"), "mx2.info46.com": ("192.0.2.26",)}


def mail(spf, **more):
    exchangers = more.pop("mx", {"mx.info46.com": 10})
    return platform(
        mail={"mx": exchangers, "dkim_selector": "b2026", "spf": spf, "spf_flatten": True, **more}
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("v=spf1", []),
        ("V=SPF1  mx   -all", ["mx", "all"]),
        ("v=spf1 a/24 mx//64 a:m.example.fr/24//64 ~ALL", ["a", "mx", "a", "all"]),
        ("v=spf1 include:%{d}.spf.example.org ?exists:%{ir}.x.example.org", ["include", "exists"]),
        (
            "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::1 redirect=x.example.fr",
            ["ip4", "ip6", "redirect="],
        ),
        (
            "v=spf1 ptr ptr:example.fr. vendor=a/b%%c exp=e.example.fr",
            ["ptr", "ptr", "vendor=", "exp="],
        ),
    ],
)
def test_terms_of_rfc_7208_are_read(text, names):
    assert [term.name for term in spf_terms(text)] == names


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("v=spf10 mx", "v=spf10"),
        ("spf1 mx", "spf1"),
        ("v=spf1 mx:", "mx:"),
        ("v=spf1 include", "include"),
        ("v=spf1 include:", "include:"),
        ("v=spf1 include:spf", "include:spf"),
        ("v=spf1 a:192.0.2.7", "a:192.0.2.7"),
        ("v=spf1 a/33", "a/33"),
        ("v=spf1 a//129", "a//129"),
        ("v=spf1 ip4:2001:db8::1", "ip4:2001:db8::1"),
        ("v=spf1 ip4:192.0.2.0/33", "ip4:192.0.2.0/33"),
        ("v=spf1 --all", "--all"),
        ("v=spf1 all:x.fr", "all:x.fr"),
        ("v=spf1 exists:%{q}.example.fr", "exists:%{q}.example.fr"),
        ("v=spf1 redirect=", "redirect="),
        ("v=spf1 exp=a.fr exp=b.fr", "exp=b.fr"),
        ("v=spf1 mx,a", "mx,a"),
    ],
)
def test_the_term_that_is_none_is_named(text, term):
    with pytest.raises(ValueError, match=r".") as told:
        spf_terms(text)
    assert str(told.value) == term


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        terms = spf_terms(f"v=spf1 {text}")
    except ValueError:
        return
    assert effective(terms) == [term for term in terms if term in effective(terms)]
    assert count_queries(terms, lambda _name: None) <= len(terms)


KNOWN = {
    "a.example.fr": "v=spf1 include:b.example.fr mx -all",
    "b.example.fr": "v=spf1 a a:x.example.fr -all mx",
    "circle.example.fr": "v=spf1 include:circle.example.fr -all",
    "broken.example.fr": "v=spf1 nonsense",
}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", 0),
        ("v=spf1 a mx ptr exists:x.fr include:y.fr -all", 5),
        ("v=spf1 -all mx a", 0),
        ("v=spf1 redirect=x.fr", 1),
        ("v=spf1 -all redirect=x.fr", 0),
        ("v=spf1 include:a.example.fr -all", 5),
        ("v=spf1 redirect=A.example.fr.", 5),
        ("v=spf1 include:circle.example.fr -all", 2),
        ("v=spf1 include:broken.example.fr -all", 1),
    ],
)
def test_queries_are_counted_through_the_records_we_know(text, count):
    assert count_queries(spf_terms(text), KNOWN.get) == count


@pytest.mark.parametrize(
    ("sender", "term"),
    [
        ("spf.example.org", "include:spf.example.org"),
        ("_spf.Example.org.", "include:_spf.example.org"),
        ("évêché.fr", "include:xn--vch-9ladd.fr"),
        ("192.0.2.7", "ip4:192.0.2.7"),
        ("192.0.2.0/24", "ip4:192.0.2.0/24"),
        ("2001:DB8:0::/48", "ip6:2001:db8::/48"),
        ("2001:db8::7", "ip6:2001:db8::7"),
        ("192.0.2.7/24", None),
        ("192.0.2.300", None),
        ("spf", None),
        ("a b.fr", None),
        ("a@b.fr", None),
        ("a.fr/24", None),
        ("include:a.fr", None),
        ("-.fr", None),
        ("", None),
    ],
)
def test_a_sender_is_a_domain_an_address_or_a_network(sender, term):
    assert sender_term(sender) == term


@given(
    st.sampled_from(["v=spf1 mx -all", "v=spf1 ip4:192.0.2.1 redirect=x.fr", "v=spf1 a ~all"]),
    st.lists(
        st.one_of(
            st.ip_addresses().map(str),
            st.sampled_from(["spf.example.org", "_spf.example.fr", "no sender", "192.0.2.1"]),
        ),
        max_size=6,
    ),
)
def test_senders_join_the_one_record_before_its_end(text, senders):
    merged = with_senders(text, senders)
    terms = spf_terms(merged)
    assert terms[-1].text == text.split(" ")[-1]
    assert [t.text for t in terms if t.text in text.split(" ")] == text.split(" ")[1:]
    words = [term.text for term in terms]
    assert len(words) == len(set(words))
    assert {sender_term(sender) for sender in senders} - {None} <= set(words)
    assert with_senders(merged, senders) == merged
    assert spf_fault(merged) is None


@pytest.mark.parametrize(
    ("spf", "flat"),
    [
        ("v=spf1 mx -all", "v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 -all"),
        ("v=spf1 ~mx/24//64 -all", "v=spf1 ~ip4:192.0.2.25/24 ~ip6:2001:db8::25/64 -all"),
        ("v=spf1 +mx//64 -all", "v=spf1 ip4:192.0.2.25 ip6:2001:db8::25/64 -all"),
        (
            "v=spf1 mx a:MX2.info46.com. mx -all",
            "v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 ip4:192.0.2.26 -all",
        ),
        ("v=spf1 a mx:x.fr a:x.fr include:y.fr -all", "v=spf1 a mx:x.fr a:x.fr include:y.fr -all"),
        ("v=spf1 nonsense -all", "v=spf1 nonsense -all"),
    ],
)
def test_flattening_puts_addresses_in_the_place_of_the_platforms_names(spf, flat):
    assert platform_spf(mail(spf), HOSTS) == flat


def test_a_mail_exchanger_of_unknown_address_is_not_left_out():
    both = mail("v=spf1 mx -all", mx={"mx.info46.com": 10, "mx9.info46.com": 20})
    assert platform_spf(both, HOSTS) == "v=spf1 mx -all"


def test_what_a_platform_may_publish_is_spf():
    for text in (
        "v=spf1 mx -all",
        "v=spf1 a:m.x.fr/24 include:_s.x.fr ~all",
        "v=spf1 redirect=a.fr",
    ):
        assert spf_fault(text) is None
        spf_terms(text)
