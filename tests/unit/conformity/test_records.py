# SPDX-License-Identifier: GPL-3.0-or-later
"""The nine statuses of a record, each with the line to put into the DNS, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.conformity.records import WORDS, Expected, status_of
from bastide.model.rdata import quote_txt

MX = Expected("cahors.fr.", "MX", 3600, ("10 mail.info46.com.", "20 mail2.info46.com."))
A = Expected("www.cahors.fr.", "A", 3600, ("192.0.2.80",))
CNAME = Expected("autoconfig.cahors.fr.", "CNAME", 3600, ("config.info46.com.",))
SPF = Expected("cahors.fr.", "TXT", 3600, ('"v=spf1 mx -all"',))
DMARC = Expected(
    "_dmarc.cahors.fr.", "TXT", 3600, ('"v=DMARC1; p=quarantine; rua=mailto:dmarc@info46.com"',)
)
DKIM = Expected("b2026._domainkey.cahors.fr.", "TXT", 3600, ('"v=DKIM1; k=rsa; p=MIIB"',))
NO_KEY = DKIM._replace(rdata=())
TEXTS = Expected("cahors.fr.", "TXT", 3600, ('"site=1"', '"v=spf1 mx -all"'))

CASES = {
    "all there": (MX, MX.rdata, "correct", [], []),
    "nothing": (MX, (), "missing", ["10 mail.info46.com.", "20 mail2.info46.com."], []),
    "a part": (MX, ("10 mail.info46.com.",), "incomplete", ["20 mail2.info46.com."], []),
    "one too many": (
        MX,
        (*MX.rdata, "5 mx.example.org."),
        "conflicting",
        [],
        ["5 mx.example.org."],
    ),
    "something else": (A, ("198.51.100.7",), "incorrect", ["192.0.2.80"], ["198.51.100.7"]),
    "two aliases": (
        CNAME,
        ("config.info46.com.", "other.example.org."),
        "duplicate",
        [],
        ["other.example.org."],
    ),
    "SPF beside other texts": (SPF, ('"v=spf1 mx -all"', '"site=1"'), "correct", [], []),
    "no SPF beside other texts": (SPF, ('"site=1"',), "missing", ['"v=spf1 mx -all"'], []),
    "two SPF": (
        SPF,
        ('"v=spf1 mx -all"', '"v=spf1 include:_spf.example.org ~all"'),
        "duplicate",
        [],
        ['"v=spf1 include:_spf.example.org ~all"'],
    ),
    "two SPF, both wrong": (
        SPF,
        ('"v=spf1 a -all"', '"v=spf1 ptr -all"'),
        "duplicate",
        ['"v=spf1 mx -all"'],
        ['"v=spf1 a -all"', '"v=spf1 ptr -all"'],
    ),
    "broken SPF": (
        SPF,
        ('"v=spf1 ipv4:192.0.2.1 -all"',),
        "invalid",
        ['"v=spf1 mx -all"'],
        ['"v=spf1 ipv4:192.0.2.1 -all"'],
    ),
    "SPF with a softer end": (
        SPF,
        ('"v=spf1 mx ~all"',),
        "insecure",
        ['"v=spf1 mx -all"'],
        ['"v=spf1 mx ~all"'],
    ),
    "SPF without the platform": (
        SPF,
        ('"v=spf1 include:_spf.example.org -all"',),
        "incomplete",
        ['"v=spf1 mx -all"'],
        ['"v=spf1 include:_spf.example.org -all"'],
    ),
    "SPF with another sender": (
        SPF,
        ('"v=spf1 mx ip4:192.0.2.1 -all"',),
        "incorrect",
        ['"v=spf1 mx -all"'],
        ['"v=spf1 mx ip4:192.0.2.1 -all"'],
    ),
    "DMARC that does nothing": (
        DMARC,
        ('"v=DMARC1; p=none; rua=mailto:dmarc@info46.com"',),
        "insecure",
        list(DMARC.rdata),
        ['"v=DMARC1; p=none; rua=mailto:dmarc@info46.com"'],
    ),
    "DMARC without reports": (
        DMARC,
        ('"v=DMARC1; p=reject"',),
        "incomplete",
        list(DMARC.rdata),
        ['"v=DMARC1; p=reject"'],
    ),
    "broken DMARC": (
        DMARC,
        ('"v=DMARC1; p=block"',),
        "invalid",
        list(DMARC.rdata),
        ['"v=DMARC1; p=block"'],
    ),
    "the same key written otherwise": (DKIM, ('"v=DKIM1; h=sha256; p=MI IB"',), "correct", [], []),
    "a key on trial": (
        DKIM,
        ('"v=DKIM1; k=rsa; t=y; p=MIIB"',),
        "insecure",
        list(DKIM.rdata),
        ['"v=DKIM1; k=rsa; t=y; p=MIIB"'],
    ),
    "another key": (
        DKIM,
        ('"v=DKIM1; k=rsa; p=AAAA"',),
        "incorrect",
        list(DKIM.rdata),
        ['"v=DKIM1; k=rsa; p=AAAA"'],
    ),
    "a key without a key": (
        DKIM,
        ('"v=DKIM1; k=rsa"',),
        "invalid",
        list(DKIM.rdata),
        ['"v=DKIM1; k=rsa"'],
    ),
    "neither of two texts": (TEXTS, (), "missing", list(TEXTS.rdata), []),
    "one of two texts": (TEXTS, ('"v=spf1 mx -all"',), "missing", ['"site=1"'], []),
}


@pytest.mark.parametrize("case", CASES)
def test_status_and_fix(case):
    expected, found, status, add, remove = CASES[case]
    got = status_of(expected, found)
    head = f"{expected.name} 3600 IN {expected.rtype} "
    assert got.status == status
    assert got.add == tuple(head + one for one in add)
    assert got.remove == tuple(head + one for one in remove)
    fixes = {language: got.fixes(language) for language in ("en", "fr")}
    assert fixes["en"] == [
        *(f"remove: {head}{one}" for one in remove),
        *(f"add: {head}{one}" for one in add),
    ]
    assert fixes["fr"] == [
        *(f"retirez : {head}{one}" for one in remove),
        *(f"ajoutez : {head}{one}" for one in add),
    ]


def test_an_alias_where_a_record_shall_be_is_a_conflict():
    got = status_of(A, (), alias="sites.example.org")
    assert got.status == "conflicting"
    assert got.remove == ("www.cahors.fr. 3600 IN CNAME sites.example.org.",)
    assert got.add == ("www.cahors.fr. 3600 IN A 192.0.2.80",)


def test_a_dns_that_does_not_answer_is_no_missing_record():
    got = status_of(MX, (), reason="192.0.2.53: SERVFAIL")
    assert got.status == "error"
    assert "192.0.2.53: SERVFAIL" in got.fixes("fr")[0]


def test_a_key_that_no_host_has_made_says_what_to_run():
    got = status_of(NO_KEY, ())
    assert got.status == "missing"
    assert "bastide apply" in got.fixes("en")[0]


def test_every_status_has_a_word_in_both_languages_and_a_case_here():
    seen = {case[2] for case in CASES.values()} | {"error"}
    assert seen == set(WORDS)
    assert all(word.en and word.fr for word in WORDS.values())


rdata = st.sets(st.sampled_from([f"10 mx{n}.example.org." for n in range(4)]), min_size=1)


@given(wanted=rdata, found=rdata)
def test_following_the_fix_leads_to_a_correct_set(wanted, found):
    expected = MX._replace(rdata=tuple(sorted(wanted)))
    got = status_of(expected, tuple(found))
    head = "cahors.fr. 3600 IN MX "
    mended = (found - {one.removeprefix(head) for one in got.remove}) | {
        one.removeprefix(head) for one in got.add
    }
    assert status_of(expected, tuple(mended)).status == "correct"


texts = st.sets(
    st.sampled_from(
        [
            "v=spf1 mx -all",
            "v=spf1 +all",
            "v=spf1 ipv4:x",
            "v=spf1 include:example.org -all",
            "site=1",
            "v=spf2",
        ]
    )
)


@given(found=texts)
def test_following_the_fix_leads_to_one_good_spf_and_leaves_other_texts(found):
    there = {quote_txt(text) for text in found}
    got = status_of(SPF, tuple(there))
    head = "cahors.fr. 3600 IN TXT "
    mended = (there - {one.removeprefix(head) for one in got.remove}) | {
        one.removeprefix(head) for one in got.add
    }
    assert status_of(SPF, tuple(mended)).status == "correct"
    assert {one for one in mended if "spf1" in one} == {'"v=spf1 mx -all"'}
    assert there - {one for one in there if "spf1" in one} <= mended
