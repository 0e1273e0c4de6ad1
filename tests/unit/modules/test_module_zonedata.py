# SPDX-License-Identifier: GPL-3.0-or-later
import dns.zone
import pytest
from ansible.module_utils import bastide_zonedata as zonedata
from ansible.module_utils.bastide_normalform import quote_txt
from hypothesis import given
from hypothesis import strategies as st

SOA = {
    "mname": "NS1.lab.test.",
    "rname": "host\\.master.lab.test.",
    "refresh": 3600,
    "retry": 600,
    "expire": 86400,
    "minimum": 300,
    "ttl": 3600,
}
SERVED = """\
[cahors.fr.] cahors.fr. 3600 NS ns1.lab.test.
[cahors.fr.] cahors.fr. 3600 SOA ns1.lab.test. host\\.master.lab.test. 7 3600 600 86400 300
[cahors.fr.] cahors.fr. 3600 TXT "v=spf1 a -all" "x\\"y\\\\z;"
[cahors.fr.] cahors.fr. 3600 CAA 0 issue "letsencrypt.org"\x20
[cahors.fr.] cahors.fr. 0 RRSIG NS 13 2 3600 20260101000000 20250101000000 1 cahors.fr. AAAA
[albas.fr.] albas.fr. 60 A 192.0.2.1"""


def body(*rrsets, **soa):
    return {"rrsets": list(rrsets), "soa": {**SOA, **soa}}


def rrset(name="www.cahors.fr.", rtype="A", ttl=60, **more):
    return {"name": name, "type": rtype, "ttl": ttl, "rdata": ["192.0.2.1"], **more}


DIGEST = "67DFA5746884FB34497905F91CDFBF3FC79C36B29A441BAF68CC6B46DD16F55C"
KEY = "mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxIL=="
SIGNED = f"""\
[albas.fr.] albas.fr. 3600 NS ns1.lab.test.
[albas.fr.] albas.fr. 3600 SOA ns1.lab.test. hostmaster.lab.test. 9 3600 600 86400 300
[albas.fr.] albas.fr. 3600 RRSIG NS 13 2 3600 20261219091505 20261128074505 1 albas.fr. wOa6==
[albas.fr.] albas.fr. 300 NSEC albas.fr. NS SOA RRSIG NSEC DNSKEY CDS CDNSKEY
[albas.fr.] albas.fr. 3600 DNSKEY 257 3 13 {KEY}
[albas.fr.] albas.fr. 0 CDS 21613 13 2 {DIGEST}
[albas.fr.] albas.fr. 0 CDNSKEY 257 3 13 {KEY}
"""


def test_signatures_are_no_record_sets_and_no_part_of_the_text_that_is_compared():
    [text] = zonedata.split_zones(SIGNED).values()
    served = zonedata.served_data(text)
    assert set(served.rrsets) == {"albas.fr./NS", "albas.fr./SOA"}
    assert served.signing == zonedata.SIGNED
    assert served.ds[0].startswith("21613 13 2 67dfa")
    renewed = SIGNED.replace("20261219091505", "20270101000000").replace("wOa6", "AAAA")
    assert list(zonedata.split_zones(renewed).values()) == [text]


def test_the_catalog_of_a_primary_is_nobodys_zone():
    catalog = """\
[catalog.invalid.] catalog.invalid. 0 NS invalid.
[catalog.invalid.] catalog.invalid. 0 SOA invalid. invalid. 3 3600 600 2147483646 0
[catalog.invalid.] version.catalog.invalid. 0 TXT "2"
[catalog.invalid.] 0a.zones.catalog.invalid. 0 PTR albas.fr.
[albas.fr.] version.albas.fr. 0 A 192.0.2.1
"""
    assert list(zonedata.split_zones(catalog)) == ["albas.fr"]


def test_a_text_record_that_speaks_of_signatures_is_kept():
    [text] = zonedata.split_zones('[albas.fr.] albas.fr. 60 TXT "RRSIG NSEC RRSIG"\n').values()
    assert list(zonedata.served_data(text).rrsets) == ["albas.fr./TXT"]


def test_a_zone_that_asks_its_parent_for_no_ds_is_leaving():
    before, _, _ = SIGNED.partition("[albas.fr.] albas.fr. 0 CDS")
    text = zonedata.split_zones(before + "[albas.fr.] albas.fr. 0 CDS 0 0 0 00\n")["albas.fr"]
    assert zonedata.served_data(text).signing == zonedata.LEAVING


@pytest.mark.parametrize("how", [True, "on", 1, None, ["signed"]])
def test_another_way_to_sign_is_refused(how):
    assert "sign" in zonedata.check_zone("cahors.fr", {**body(), "dnssec": how})


def test_the_nearest_zone_above_is_found_by_labels():
    zones = {"fr", "info46.com", "lot.info46.com", "o46.com"}
    assert zonedata.nearest_above("a.lot.info46.com", zones) == "lot.info46.com"
    assert zonedata.nearest_above("b.info46.com", zones) == "info46.com"
    assert zonedata.nearest_above("info46.com", zones) == ""


@pytest.mark.parametrize(
    ("ds", "wanted"),
    [
        (None, {"pending": "ds:a.info46.com"}),
        ([], None),
        ([f"21613 13 2 {DIGEST}"], {"ttl": 60, "rdata": [f"21613 13 2 {DIGEST.lower()}"]}),
    ],
)
def test_a_zone_delegates_one_below_with_the_name_servers_that_it_names_itself(ds, wanted):
    child = body(rrset("a.info46.com.", "NS", 60, rdata=["NS1.info46.com."]))
    sets = zonedata.delegation("a.info46.com", child, ds)
    assert sets.pop("a.info46.com./NS") == {"ttl": 60, "rdata": ["ns1.info46.com."]}
    assert sets == ({"a.info46.com./DS": wanted} if wanted else {})


def test_served_text_and_share_meet_in_one_form():
    texts = zonedata.split_zones(SERVED)
    assert texts.keys() == {"cahors.fr", "albas.fr"}
    served = zonedata.served_data(texts["cahors.fr"])
    wanted = zonedata.desired_data(
        "cahors.fr",
        body(
            rrset("cahors.fr.", "NS", 3600, rdata=["NS1.LAB.test."]),
            rrset("cahors.fr.", "TXT", 3600, rdata=['"v=spf1 a -all" "x\\"y\\\\z;"']),
            rrset("cahors.fr.", "CAA", 3600, rdata=['0 issue "letsencrypt.org"']),
        ),
        {},
    )
    assert served.rrsets == wanted.rrsets
    assert served.serial == 7


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rrsets": "x"}, "needs rrsets"),
        (body(ttl=-1), "its soa"),
        (body(mname=1), "its soa"),
        (body("x"), "not a mapping"),
        (body(rrset("www.albas.fr.")), "outside"),
        (body(rrset("xcahors.fr.")), "outside"),
        (body(rrset("a b.cahors.fr.")), "no owner name"),
        (body(rrset("a.*.cahors.fr.")), "no owner name"),
        (body(rrset("www.cahors.fr.\n")), "no owner name"),
        (body(rrset(rtype="$INCLUDE")), "no type"),
        (body(rrset(rtype="SOA")), "no type"),
        (body(rrset(rtype="RRSIG")), "no type"),
        (body(rrset(ttl=2**31)), "no valid ttl"),
        (body(rrset(ttl=True)), "no valid ttl"),
        (body(rrset(rdata=[])), "no value"),
        (body(rrset(pending="dkim:x.fr")), "no value"),
        (body(rrset(rtype="TXT", pending="tlsa:x.fr")), "no value"),
        (body(rrset(rtype="TLSA", pending="dkim:x.fr")), "no value"),
        (body(rrset(rtype="TXT", pending="password")), "no value"),
        (body(rrset(), rrset()), "twice"),
    ],
)
def test_body_of_another_shape_is_refused(changed, said):
    assert said in zonedata.check_zone("cahors.fr", changed)


def test_wildcards_and_service_labels_are_owner_names():
    names = ["*.cahors.fr.", "_sip._tcp.cahors.fr.", "*._domainkey.cahors.fr.", "cahors.fr."]
    assert zonedata.check_zone("cahors.fr", body(*map(rrset, names))) is None


@pytest.mark.parametrize(
    ("rtype", "text"),
    [
        ("A", "999.0.0.1"),
        ("A", ""),
        ("MX", "mx"),
        ("TXT", '"a'),
        ("NOSUCH", "x"),
        ("A", "1.1.1.1\n"),
    ],
)
def test_value_that_is_none_is_told_with_its_owner(rtype, text):
    with pytest.raises(zonedata.BadData, match=f"www.cahors.fr. {rtype}"):
        zonedata.desired_data("cahors.fr", body(rrset(rtype=rtype, rdata=[text])), {})


def test_a_pending_value_of_keys_is_one_record_each():
    owner, first, second = "_25._tcp.mail.cahors.fr.", "3 1 1 " + "ab" * 32, "3 1 1 " + "cd" * 32
    waiting = {"name": owner, "type": "TLSA", "ttl": 60, "pending": "tlsa:mail.cahors.fr"}
    zone = body(waiting)
    assert zonedata.check_zone("cahors.fr", zone) is None
    assert zonedata.desired_data("cahors.fr", zone, {}).unresolved.keys() == {f"{owner}/TLSA"}
    given = {"tlsa:mail.cahors.fr": f"{second}, {first}"}
    data = zonedata.desired_data("cahors.fr", zone, given)
    assert data.rrsets[f"{owner}/TLSA"]["rdata"] == [first, second]
    served = zonedata.served_data(f"{owner} 60 TLSA {second.upper()}\n{owner} 60 TLSA {first}")
    assert served.rrsets[f"{owner}/TLSA"] == data.rrsets[f"{owner}/TLSA"]
    with pytest.raises(zonedata.BadData, match="TLSA"):
        zonedata.desired_data("cahors.fr", zone, {"tlsa:mail.cahors.fr": "v=DKIM1"})


def test_pending_value_is_named_or_resolved():
    waiting = {"name": "s._domainkey.cahors.fr.", "type": "TXT", "ttl": 60}
    zone = body({**waiting, "pending": "dkim:cahors.fr"})
    key = "s._domainkey.cahors.fr./TXT"
    before = zonedata.desired_data("cahors.fr", zone, {})
    assert before.unresolved == {key: "dkim:cahors.fr"}
    assert key not in before.rrsets
    after = zonedata.desired_data("cahors.fr", zone, {"dkim:cahors.fr": "p=" + "A" * 400})
    assert after.pending == {key}
    assert after.unresolved == {}
    assert after.rrsets[key]["rdata"] == [f'"p={"A" * 253}" "{"A" * 147}"']


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=900))
def test_any_text_ends_in_one_txt_record_that_reads_back(value):
    rrsets = {
        "cahors.fr./SOA": SOA,
        "cahors.fr./NS": {"ttl": 60, "rdata": ["ns.cahors.fr."]},
        "ns.cahors.fr./A": {"ttl": 60, "rdata": ["192.0.2.1"]},
        "x.cahors.fr./TXT": {"ttl": 60, "rdata": [quote_txt(value)]},
    }
    text = zonedata.zone_text("cahors.fr", rrsets, 1)
    zone = dns.zone.from_text(text, origin="cahors.fr.", relativize=False)
    assert len(zone.nodes) == 3
    (record,) = zone.find_rdataset("x.cahors.fr.", "TXT")
    assert b"".join(record.strings).decode() == value


@given(st.sampled_from(["TXT", "A", "MX", "CAA", "CNAME", "SRV"]), st.text(max_size=60))
def test_whatever_a_value_says_it_adds_no_line(rtype, text):
    try:
        data = zonedata.desired_data("cahors.fr", body(rrset(rtype=rtype, rdata=[text])), {})
    except zonedata.BadData:
        return
    lines = zonedata.zone_text("cahors.fr", data.rrsets, 1).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith(f"www.cahors.fr. 60 IN {rtype} ")


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**33))
def test_serial_is_always_ahead(served, now):
    ahead = (zonedata.next_serial(served, now) - served) % 2**32
    assert 0 < ahead < 2**31


def test_serial_is_the_time_when_it_can_be():
    assert zonedata.next_serial(None, 1_790_000_000) == 1_790_000_000
    assert zonedata.next_serial(5, 1_790_000_000) == 1_790_000_000
    assert zonedata.next_serial(1_790_000_000, 1_790_000_000) == 1_790_000_001
