# SPDX-License-Identifier: GPL-3.0-or-later
"""One text for the same data, whoever wrote it, and no two for different data.

The other side is dnspython and octets that the tests put together themselves.
"""

from __future__ import annotations

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bastide.model.normal_form import normal_rdata, parsed_rdata, quote_txt, rdata_size
from bastide.model.rdata import DECLARABLE
from unit.model.record_data import NORMAL, OCTETS, TYPES

every_type = pytest.mark.parametrize("rtype", sorted(TYPES))


def octets_of(rtype, text):
    rdata = dns.rdata.from_text("IN", rtype, text, dns.name.root, relativize=False)
    return rdata.to_wire()


def from_octets(rtype, octets):
    kind = dns.rdatatype.from_text(rtype)
    return dns.rdata.from_wire(dns.rdataclass.IN, kind, octets, 0, len(octets)).to_text()


def test_every_type_that_may_be_declared_is_tried_here():
    assert set(TYPES) == set(NORMAL) == set(DECLARABLE)


@every_type
def test_the_examples_are_in_normal_form(rtype):
    assert parsed_rdata(rtype, NORMAL[rtype]) == normal_rdata(rtype, NORMAL[rtype]) == NORMAL[rtype]


@every_type
@settings(max_examples=60)
@given(st.data())
def test_what_is_written_and_what_a_server_answers_have_one_form(rtype, data):
    text, octets = data.draw(TYPES[rtype])
    normal = normal_rdata(rtype, text)
    assert normal_rdata(rtype, from_octets(rtype, octets)) == normal
    assert normal_rdata(rtype, normal) == normal
    assert normal.isascii()
    assert normal.isprintable()
    if rtype == "LOC":
        # dnspython cuts centimetres off that a float cannot hold; Knot reads them all.
        assert octets_of(rtype, normal)[:12] == octets[:12]
    else:
        assert octets_of(rtype, normal) == octets
        assert rdata_size(rtype, normal) == len(octets)


@every_type
@settings(max_examples=20)
@given(st.data())
def test_different_data_have_different_forms(rtype, data):
    (one, first), (other, second) = data.draw(TYPES[rtype]), data.draw(TYPES[rtype])
    assert (normal_rdata(rtype, one) == normal_rdata(rtype, other)) == (first == second)


PLAIN_NAME = st.from_regex(r"([a-z0-9_][a-z0-9_-]{0,62}\.){1,6}", fullmatch=True)


@given(
    st.one_of(
        st.tuples(st.just("A"), st.ip_addresses(v=4).map(str)),
        st.tuples(st.sampled_from(["CNAME", "NS", "PTR"]), PLAIN_NAME),
        st.tuples(st.just("MX"), st.builds("{} {}".format, st.integers(0, 65535), PLAIN_NAME)),
        st.tuples(
            st.just("SRV"), st.builds("{} 5 {} {}".format, *[st.integers(0, 65535)] * 2, PLAIN_NAME)
        ),
        st.tuples(
            st.just("CAA"),
            st.from_regex(r'(0|128) (issue|iodef) "[a-z0-9;:/@.= -]{0,200}"', fullmatch=True),
        ),
    )
)
def test_what_is_taken_for_normal_at_a_glance_is_so_for_dnspython_too(record):
    rtype, text = record
    assert normal_rdata(rtype, text) == parsed_rdata(rtype, text)


@given(st.text(max_size=700))
def test_a_text_is_cut_into_strings_that_are_put_together_again(text):
    normal = quote_txt(text)
    assert normal_rdata("TXT", normal) == normal
    rdata = dns.rdata.from_text("IN", "TXT", normal)
    assert b"".join(rdata.strings).decode() == text
    assert all(len(one) == 255 for one in rdata.strings[:-1])


@every_type
@settings(max_examples=60)
@given(st.one_of(st.text(max_size=60), OCTETS.map(lambda octets: octets.decode("latin-1"))))
def test_whatever_is_written_has_a_form_or_a_reason(rtype, text):
    try:
        normal = normal_rdata(rtype, text)
    except ValueError:
        pass  # any other failure would come through
    else:
        assert normal_rdata(rtype, normal) == normal
        assert "\n" not in normal
        rdata_size(rtype, normal)


@pytest.mark.parametrize(
    ("rtype", "text", "normal"),
    [
        ("A", r"\# 4 c0000207", "192.0.2.7"),
        ("AAAA", "2001:DB8:0:0::7", "2001:db8::7"),
        ("CAA", "0 ISSUE letsencrypt.org", '0 issue "letsencrypt.org"'),
        ("CERT", "PGP 0 RSASHA256 AAEC Aw==", "3 0 8 AAECAw=="),
        ("HTTPS", "1 . ipv4hint=192.0.2.7 alpn=h2", '1 . alpn="h2" ipv4hint="192.0.2.7"'),
        (
            "LOC",
            "44 N 1 26 E 0.29m 1234m",
            "44 0 0.000 N 1 26 0.000 E 0.29m 1000.00m 10000.00m 10.00m",
        ),
        ("MX", "010 MX.Example.ORG.", "10 mx.example.org."),
        ("NAPTR", '1 1 U E2U+sip "" SIP.example.org.', '1 1 "U" "E2U+sip" "" sip.example.org.'),
        ("TXT", "a b", '"a" "b"'),
    ],
)
def test_the_form_of_common_spellings(rtype, text, normal):
    assert normal_rdata(rtype, text) == normal


@pytest.mark.parametrize(
    ("rtype", "text"),
    [
        ("CAA", '0 issue "é"'),
        ("DS", "1 13 2 00ff"),
        ("HTTPS", "0 . alpn=h2"),
        ("HTTPS", r"1 . alpn=a\\,b"),
        ("HTTPS", "1 . alpn=h2 alpn=h3"),
        ("HTTPS", "1 . mandatory=port alpn=h2"),
        ("LOC", "90 0 1 N 0 E 0m"),
        ("LOC", "0 N 0 E nanm"),
        ("LOC", "0 N 0 E 1e99m"),
        ("LOC", "0 N 0 E -100001m"),
        ("LOC", 'x N 0 E ""'),
        ("OPENPGPKEY", "AAE"),
        ("SSHFP", "4 2 00ff"),
        ("TLSA", "3 1 1 00ff"),
        ("TLSA", "3 1 0"),
        ("TXT", '"' + "a" * 256 + '"'),
        ("URI", '1 1 "https://é.fr/"'),
        ("URI", r'1 1 "a\"b"'),
        ("URI", '1 1 ""'),
        ("A", "192.0.2.1\n"),
        ("NOSUCH", "1"),
    ],
)
def test_what_is_no_data_of_its_type_is_refused(rtype, text):
    with pytest.raises(ValueError, match=r"."):
        normal_rdata(rtype, text)
