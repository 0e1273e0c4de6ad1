# SPDX-License-Identifier: GPL-3.0-or-later
"""SPF and DMARC as the RFCs read them; no text makes the parsers stumble."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.conformity.dmarc import Dmarc, is_weak_to_anct, parse_dmarc
from bastide.conformity.spf import Spf, parse_spf
from bastide.conformity.zone import text_of
from bastide.model.rdata import quote_txt

SPF = {
    "v=spf1 mx -all": Spf(1, (), "-"),
    "v=spf1": Spf(0, (), ""),
    "V=SPF1 A -ALL": Spf(1, (), "-"),
    "v=spf1 all": Spf(0, (), "+"),
    "v=spf1 a:x.fr/24//64 mx/28 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all": Spf(2, (), "~"),
    "v=spf1 include:a.fr include:b.fr -all": Spf(2, ("a.fr", "b.fr"), "-"),
    "v=spf1 mx redirect=a.fr": Spf(2, ("a.fr",), ""),
    "v=spf1 redirect=a.fr -all": Spf(0, (), "-"),
    "v=spf1 -all mx a ptr": Spf(0, (), "-"),
    "v=spf1 ptr exists:%{i}._spf.%{d2r}.fr ?all": Spf(2, (), "?"),
    "v=spf1 mx x-future=1 exp=why.fr -all": Spf(1, (), "-"),
    "v=spf1  mx   -all ": Spf(1, (), "-"),
    "v=spf10 mx -all": "v=spf10",
    "spf2.0 mx": "spf2.0",
    "v=spf1 ipv4:192.0.2.1": "ipv4:192.0.2.1",
    "v=spf1 ip4:192.0.2.1/33": "ip4:192.0.2.1/33",
    "v=spf1 ip4:2001:db8::1": "ip4:2001:db8::1",
    "v=spf1 mx/33 -all": "mx/33",
    "v=spf1 include: -all": "include:",
    "v=spf1 a:%{x} -all": "a:%{x}",
    "v=spf1 mx, -all": "mx,",
    "v=spf1 redirect=a.fr redirect=b.fr": "redirect=b.fr",
}


@pytest.mark.parametrize("text", SPF)
def test_spf(text):
    assert parse_spf(text) == SPF[text]


DMARC = {
    "v=DMARC1; p=reject": ("reject", False, False),
    "v=DMARC1;p=quarantine;": ("quarantine", False, False),
    "v=DMARC1; p=REJECT; rua=mailto:d@info46.com": ("reject", False, False),
    "v=DMARC1; rua=mailto:d@info46.com": ("none", True, False),
    "v=DMARC1; p=quarantine; pct=99": ("quarantine", True, False),
    "v=DMARC1; p=reject; t=y": ("reject", True, False),
    "v=DMARC1; p=reject; np=none": ("reject", False, True),
    "v=DMARC1; p=reject; x_future=1": ("reject", False, False),
}


@pytest.mark.parametrize("text", DMARC)
def test_dmarc(text):
    record = parse_dmarc(text)
    assert (record.policy, record.is_weak, record.leaves_subdomains) == DMARC[text]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("v=dmarc1; p=reject", "v=dmarc1"),
        ("p=reject; v=DMARC1", "p=reject"),
        ("v=DMARC1; p=block", "p=block"),
        ("v=DMARC1; p=reject; sp=", "sp="),
        ("v=DMARC1; p=reject; reject", "reject"),
        ("v=DMARC1; p=none; p=reject", "p=reject"),
        ("v=DMARC1", "p="),
        ("", ""),
    ],
)
def test_dmarc_that_is_none(text, term):
    assert parse_dmarc(text) == term


def test_the_checker_takes_the_first_p_it_meets():
    assert is_weak_to_anct("v=DMARC1; sp=none; p=reject")
    assert not is_weak_to_anct("v=DMARC1; sp=reject; p=none")
    assert not is_weak_to_anct("v=DMARC1; p = Quarantine")
    assert is_weak_to_anct("v=DMARC1; p=quarantine; pct = 99")
    assert not is_weak_to_anct("v=DMARC1; p=reject; pct=1")


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_a_record_or_names_what_is_wrong(text):
    assert isinstance(parse_spf(f"v=spf1 {text}"), (Spf, str))
    assert isinstance(parse_dmarc(f"v=DMARC1; {text}"), (Dmarc, str))
    assert is_weak_to_anct(text) in {True, False}


@given(st.text(st.characters(codec="utf-8"), max_size=700))
def test_the_text_of_a_record_is_what_was_written_into_it(text):
    assert text_of(quote_txt(text)).encode("latin-1").decode() == text
