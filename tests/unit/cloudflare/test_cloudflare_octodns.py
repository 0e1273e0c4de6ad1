# SPDX-License-Identifier: GPL-3.0-or-later
"""octodns-cloudflare works with the imitation as it does with Cloudflare, beside Bastide."""

from __future__ import annotations

import logging

import pytest
from cloudflare_fake import ACCOUNT, TOKEN
from octodns.record import Record
from octodns.zone import Zone
from octodns_cloudflare import CloudflareProvider

RECORDS = {
    ("", "A"): {"values": ["192.0.2.7", "192.0.2.8"]},
    ("", "MX"): {"values": [{"preference": 10, "exchange": "mail.info46.com."}]},
    ("", "TXT"): {"values": ["v=spf1 mx -all"]},
    ("", "CAA"): {"values": [{"flags": 0, "tag": "issue", "value": "ca.example"}]},
    ("www", "CNAME"): {"value": "web.info46.com."},
    ("_imaps._tcp", "SRV"): {
        "values": [{"priority": 0, "weight": 1, "port": 993, "target": "mail.info46.com."}]
    },
    ("hote", "SSHFP"): {
        "values": [{"algorithm": 4, "fingerprint_type": 2, "fingerprint": "ab" * 32}]
    },
    ("_25._tcp", "TLSA"): {
        "values": [
            {
                "certificate_usage": 3,
                "selector": 1,
                "matching_type": 1,
                "certificate_association_data": "cd" * 32,
            }
        ]
    },
    ("ecole", "NS"): {"values": ["ns1.example.net."]},
    ("ecole", "DS"): {
        "values": [{"key_tag": 1, "algorithm": 13, "digest_type": 2, "digest": "ef" * 32}]
    },
}


def provider(url):
    return CloudflareProvider(
        "fake", token=TOKEN, account_id=ACCOUNT, api_url=url, pagerules=False, retry_period=0
    )


def wanted(records=RECORDS):
    zone = Zone("cahors.fr.", [])
    for (name, rtype), values in records.items():
        zone.add_record(Record.new(zone, name, {"type": rtype, "ttl": 3600, **values}))
    return zone


@pytest.fixture
def quiet():
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def test_a_first_load_takes_one_call_for_each_record_and_then_nothing_is_left(url, fake, quiet):
    first = provider(url)
    first.apply(first.plan(wanted()))
    assert len(fake.writes()) == 1 + sum(len(one.get("values", "1")) for one in RECORDS.values())
    assert len(fake.zone("cahors.fr")["records"]) == len(fake.writes()) - 1
    assert provider(url).plan(wanted()) is None


def test_a_changed_value_is_put_in_its_place_and_a_former_record_goes(url, fake, quiet):
    first = provider(url)
    first.apply(first.plan(wanted()))
    changed = {key: one for key, one in RECORDS.items() if key != ("hote", "SSHFP")}
    changed["www", "CNAME"] = {"value": "autre.info46.com."}
    second = provider(url)
    second.apply(second.plan(wanted(changed)))
    assert fake.records("cahors.fr")["www.cahors.fr", "CNAME"] == ["autre.info46.com"]
    assert ("hote.cahors.fr", "SSHFP") not in fake.records("cahors.fr")
    assert provider(url).plan(wanted(changed)) is None
