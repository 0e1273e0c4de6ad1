# SPDX-License-Identifier: GPL-3.0-or-later
"""Record sets become records and come back the same, for every type, whatever is in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.model.rdata import normal_rdata, quote_txt
from bastide.targets.cloudflare.fields import CONTENT_TYPES, DATA_TYPES, joined_rdata, split_rdata
from bastide.targets.cloudflare.records import (
    CloudRecord,
    keyed,
    normal_set,
    records_of,
    rrsets_of,
)

ZONE = "xn--vch-zma.example"
SOA = {"mname": "ns1.example.", "ttl": 3600}
EXAMPLES = {
    "A": ["192.0.2.7"],
    "AAAA": ["2001:0DB8:0:0::7"],
    "CAA": ['0 issue "ca.example; validationmethods=dns-01"', '128 iodef "mailto:a@b.example"'],
    "CERT": ["PKIX 12345 RSASHA256 AwEAAa=="],
    "CNAME": ["WWW.Example.net."],
    "DNSKEY": ["257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="],
    "DS": ["12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB"],
    "HTTPS": ["1 . alpn=h3,h2 ipv4hint=192.0.2.7", "0 www.example.net."],
    "LOC": ["44 26 51.5 N 1 26 27.123 E 120m 30m 100m 10m", "44 S 1 W -10m"],
    "MX": ["10 mail.example.net.", "0 ."],
    "NAPTR": ['100 10 "u" "E2U+sip" "!^.*$!sip:a@example.net!" .', '1 1 "s" "" "" sip.example.'],
    "NS": ["ns1.example.net."],
    "OPENPGPKEY": ["AwEAAa=="],
    "PTR": ["www.example.net."],
    "SMIMEA": ["3 0 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB"],
    "SRV": ["0 1 993 mail.example.net.", "0 0 0 ."],
    "SSHFP": ["4 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB"],
    "SVCB": ['1 sip.example.net. alpn="bar" port="8004"'],
    "TLSA": ["3 1 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB"],
    "TXT": ['"v=spf1 mx -all"', '"' + "x" * 255 + '" "y\\"z\\\\"', '"\\233t\\233"'],
    "URI": ['10 1 "https://www.example.net/d%C3%A9"'],
}  # fmt: skip

octets = st.integers(0, 255)
u16 = st.integers(0, 65_535)
label = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
name = st.lists(label, min_size=1, max_size=4).map(lambda labels: ".".join(labels) + ".")
printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=80)
# What RFC 3986 lets stand in no URI, the normal form refuses.
in_uri = st.text(
    st.characters(codec="ascii", categories=["L", "N"], include_characters=":/?#@%=&~"), min_size=1
)
digest = st.binary(min_size=32, max_size=32).map(bytes.hex)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)


def quoted(value):
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


VALUES = {
    "A": st.ip_addresses(v=4).map(str),
    "AAAA": st.ip_addresses(v=6).map(lambda one: one.exploded),
    "CAA": st.builds(
        lambda flags, tag, value: f"{flags} {tag} {quoted(value)}",
        octets,
        st.sampled_from(["issue", "issuewild", "iodef"]),
        printable,
    ),
    "CNAME": name,
    "DS": st.builds(lambda tag, value: f"{tag} 13 2 {value}", u16, digest),
    "MX": st.builds(lambda order, host: f"{order} {host}", u16, name),
    "NS": name,
    "SRV": st.builds(lambda a, b, c, host: f"{a} {b} {c} {host}", u16, u16, u16, name),
    "SSHFP": digest.map(lambda value: f"4 2 {value}"),
    "TLSA": st.builds(
        lambda a, b, value: f"{a} {b} 1 {value.upper()}",
        st.integers(0, 3),
        st.integers(0, 1),
        digest,
    ),
    "TXT": text.map(quote_txt),
    "URI": st.builds(lambda a, b, value: f"{a} {b} {quoted(value)}", u16, u16, in_uri),
    "NAPTR": st.builds(
        lambda a, b, regex, host: f'{a} {b} "u" "E2U+sip" {quoted(regex)} {host}',
        u16,
        u16,
        printable,
        name,
    ),
}


def normalised(rtype, values):
    return sorted({normal_rdata(rtype, value) for value in values})


@st.composite
def zones(draw):
    """The body of a zone, as the compiler makes it."""
    rrsets = [{"name": f"{ZONE}.", "type": "NS", "ttl": 3600, "rdata": ["ns1.example."]}]
    keys = st.tuples(label, st.sampled_from(sorted(VALUES)))
    for host, rtype in sorted(draw(st.sets(keys, max_size=6))):
        most = 1 if rtype == "CNAME" else 3
        values = draw(st.lists(VALUES[rtype], min_size=1, max_size=most))
        ttl = draw(st.integers(60, 86_400))
        rdata = normalised(rtype, values)
        rrsets.append({"name": f"{host}.{ZONE}.", "type": rtype, "ttl": ttl, "rdata": rdata})
    return {"soa": SOA, "rrsets": sorted(rrsets, key=lambda one: (one["name"], one["type"]))}


def through_json(records):
    return json.loads(json.dumps([one.params for one in records]))


def test_every_type_that_cloudflare_serves_has_an_example():
    assert EXAMPLES.keys() == CONTENT_TYPES | DATA_TYPES.keys()


@pytest.mark.parametrize("rtype", sorted(EXAMPLES))
def test_a_value_of_each_type_comes_back_in_its_normal_form(rtype):
    for value in EXAMPLES[rtype]:
        content, data, priority = split_rdata(rtype, value)
        assert (content is None) != (data is None)
        answer = {"type": rtype, "content": content, "data": data, "priority": priority}
        assert joined_rdata(json.loads(json.dumps(answer))) == normal_rdata(rtype, value)


@given(zones())
def test_what_is_written_and_read_again_shows_no_difference(zone):
    found = rrsets_of(ZONE, through_json(records_of(ZONE, zone)))
    assert found == [
        one for one in zone["rrsets"] if one["type"] != "NS" or one["name"] != ZONE + "."
    ]
    assert records_of(ZONE, {"rrsets": found}) == records_of(ZONE, zone)


@given(zones())
def test_the_order_of_what_is_declared_or_read_means_nothing(zone):
    records = records_of(ZONE, zone)
    turned = {"rrsets": [{**one, "rdata": one["rdata"][::-1]} for one in zone["rrsets"][::-1]]}
    assert records_of(ZONE, turned) == records
    assert rrsets_of(ZONE, through_json(records[::-1])) == rrsets_of(ZONE, through_json(records))


@given(zones())
def test_each_record_has_a_key_of_its_own(zone):
    records = records_of(ZONE, zone)
    assert sorted(map(id, keyed(records).values())) == sorted(map(id, records))


@given(st.sampled_from(["A", "CAA", "SRV", "TXT", "LOC", "HTTPS"]), st.text(max_size=40))
def test_no_answer_of_the_api_breaks_the_reading(rtype, content):
    for data in (None, {}, {"value": content, "flags": content}):
        record = {"type": rtype, "name": "x.example", "content": content, "data": data, "ttl": 1}
        [found] = rrsets_of("example", [record])
        assert isinstance(found["rdata"][0], str)


def rrset(name="www.cahors.fr.", rtype="A", ttl=3600, **more):
    return {"name": name, "type": rtype, "ttl": ttl, "rdata": ["192.0.2.7"], **more}


def test_soa_and_ns_of_the_apex_are_left_to_cloudflare_both_ways():
    own = [
        rrset("cahors.fr.", "NS", rdata=["ns1.info46.com."]),
        rrset("ecole.cahors.fr.", "NS", rdata=["ns1.example.net."]),
    ]
    [record] = records_of("cahors.fr", {"rrsets": own})
    assert record == CloudRecord("ecole.cahors.fr", "NS", 3600, "ns1.example.net")
    read = [
        {"name": "cahors.fr", "type": "NS", "content": "ada.ns.cloudflare.com", "ttl": 86400},
        {"name": "cahors.fr", "type": "SOA", "content": "…", "ttl": 3600},
    ]
    assert rrsets_of("cahors.fr", read) == []


def test_priority_of_srv_and_uri_stands_in_both_places_and_that_of_mx_in_one():
    body = {
        "rrsets": [
            rrset("_imaps._tcp.cahors.fr.", "SRV", rdata=["5 1 993 mail.info46.com."]),
            rrset("_http._tcp.cahors.fr.", "URI", rdata=['7 1 "https://www.cahors.fr/"']),
            rrset("cahors.fr.", "MX", rdata=["10 mail.info46.com."]),
        ]
    }
    uri, srv, mx = records_of("cahors.fr", body)
    assert (srv.priority, srv.data["priority"]) == (5, 5)
    assert (uri.priority, uri.data) == (7, {"weight": 1, "target": "https://www.cahors.fr/"})
    assert (mx.priority, mx.content) == (10, "mail.info46.com")


def test_a_pending_value_is_left_out_until_it_is_known_and_split_then():
    body = {"rrsets": [{"name": "b._domainkey.cahors.fr.", "type": "TXT", "ttl": 60,
                        "pending": "dkim:cahors.fr"}]}  # fmt: skip
    assert records_of("cahors.fr", body) == []
    assert normal_set(body["rrsets"][0], {}) is None
    [record] = records_of("cahors.fr", body, {"dkim:cahors.fr": "v=DKIM1; p=" + "A" * 300})
    assert record.content == f'"v=DKIM1; p={"A" * 244}" "{"A" * 56}"'


@pytest.mark.parametrize(
    ("declared", "given"), [(1, 60), (60, 60), (86_400, 86_400), (604_800, 86_400)]
)
def test_a_ttl_is_brought_within_the_bounds_on_both_sides(declared, given):
    one = rrset(ttl=declared)
    [record] = records_of("cahors.fr", {"rrsets": [one]})
    assert record.ttl == given
    assert normal_set(one, {}) == {"ttl": given, "rdata": ["192.0.2.7"]}


def test_what_others_wrote_is_read_in_the_same_form():
    read = [
        {"name": "Cahors.fr.", "type": "TXT", "content": "v=spf1 mx -all", "ttl": 300},
        {
            "name": "cahors.fr",
            "type": "MX",
            "content": "Mail.Info46.com.",
            "priority": 10.0,
            "ttl": 1,
        },
        {"name": "www.cahors.fr", "type": "A", "content": "192.0.2.9", "ttl": 300},
        {"name": "www.cahors.fr", "type": "A", "content": "192.0.2.7", "ttl": 60},
        {"name": "p.cahors.fr", "type": "A", "content": "192.0.2.7", "ttl": 1, "proxied": True},
    ]
    assert rrsets_of("cahors.fr", read) == [
        {"name": "cahors.fr.", "type": "MX", "ttl": 1, "rdata": ["10 mail.info46.com."]},
        {"name": "cahors.fr.", "type": "TXT", "ttl": 300, "rdata": ['"v=spf1 mx -all"']},
        {"name": "p.cahors.fr.", "type": "A", "ttl": 1, "rdata": ["192.0.2.7"], "proxied": True},
        {"name": "www.cahors.fr.", "type": "A", "ttl": 60, "ttls": [60, 300],
         "rdata": ["192.0.2.7", "192.0.2.9"]},
    ]  # fmt: skip


def test_keys_say_what_a_record_is():
    body = {
        "rrsets": [
            rrset("cahors.fr.", "MX", rdata=["10 mail.info46.com.", "20 mail2.info46.com."]),
            rrset(rdata=["192.0.2.7"]),
        ]
    }
    assert list(keyed(records_of("cahors.fr", body))) == [
        "MX:cahors.fr:10-mail.info46.com",
        "MX:cahors.fr:20-mail2.info46.com",
        "A:www.cahors.fr",
    ]


def test_what_cloudflare_does_not_serve_is_refused_with_its_name():
    with pytest.raises(ValueError, match=r"x\.cahors\.fr\. DNAME .*serves no DNAME"):
        records_of("cahors.fr", {"rrsets": [rrset("x.cahors.fr.", "DNAME", rdata=["y.example."])]})
    with pytest.raises(ValueError, match=r"www\.cahors\.fr\. A '192\.0\.2\.700'"):
        records_of("cahors.fr", {"rrsets": [rrset(rdata=["192.0.2.700"])]})
