# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand-written records against what services bring and against one another, pair by pair."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from rules_bench import PLATFORM, codes, platform

from unit.documents.charters import ROOT

SITE = "site: {kind: cms, domain: www.cahors.fr}\n"
MAIL = "mail: {accounts: {mairie@cahors.fr: {kind: classic}}}\n"
WEB = {"addresses": ["192.0.2.80"], "https_records": True}
WITH_CLIENTS = {**yaml.safe_load(PLATFORM)["mail"], "clients": {"setup": "config.info46.com"}}


def records(*lines, more=""):
    written = "".join(f"      - {{{line}}}\n" for line in lines)
    return f"domains:\n  cahors.fr:\n    records:\n{written}{more}"


def found(text, **changes):
    return codes(text, on=platform(**changes))


@pytest.mark.parametrize(
    ("record", "on", "expected"),
    [
        ("name: www, type: HTTPS, content: 1 . alpn=h2", {"web": WEB}, ["R339"]),
        ("name: www, type: HTTPS, content: 1 . alpn=h2", {}, []),
        ("name: www, type: CNAME, content: x.example.org", {"web": WEB}, ["R344"]),
        ("name: autoconfig, type: SSHFP, content: 4 9 00", {"mail": WITH_CLIENTS}, ["R339"]),
        ('name: autoconfig, type: CAA, content: 0 issue "x.fr"', {"mail": WITH_CLIENTS}, ["R339"]),
        ("name: '@', type: CAA, content: 0 issue \"x.fr\"", {}, []),
        ("name: '@', type: CAA, content: 0 issue \"x.fr\", ttl: 300", {}, ["R338"]),
        ("name: '@', type: HTTPS, content: 0 www", {"web": WEB}, ["R339"]),
    ],
)
def test_a_record_beside_what_services_bring(record, on, expected):
    assert found(records(record, more=SITE + MAIL), **on) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("type: AAAA, content: '2001:db8::7'", "type: AAAA, content: '2001:DB8:0:0::7'"),
        (
            "type: HTTPS, content: 1 . port=443 alpn=h2",
            "type: HTTPS, content: 1 . alpn=h2 port=443",
        ),
        ("type: CAA, content: 0 issue x.fr", 'type: CAA, content: 0 ISSUE "x.fr"'),
        ("type: TXT, content: a b", "type: TXT, content: '\"a b\"'"),
        ("type: PTR, content: A.example.fr", "type: PTR, content: a.example.fr."),
        ("type: SSHFP, content: 4 9 00FF", "type: SSHFP, content: 4 9 00 ff"),
        ("type: LOC, content: 44 N 1 E 10m", "type: LOC, content: 44 0 N 1 0 0.000 E 10.00m 1m"),
    ],
)
def test_two_spellings_of_one_record_are_told(one, other):
    assert found(records(f"name: plan, {one}", f"name: Plan, {other}")) == ["R346"]


def test_a_hand_written_caa_is_no_obstacle_where_it_names_the_platforms_authority():
    more = SITE + "guichet: {domain: demarches.cahors.fr}\n"
    good = 'name: www, type: CAA, content: 0 issue "letsencrypt.org"'
    bad = 'name: www, type: CAA, content: 0 issue "ca.example.org"'
    assert found(records(good, more=more)) == []
    assert found(records(bad, more=more)) == ["R500"]
    assert found(records(good, bad, more=more)) == []


def test_senders_are_counted_with_what_the_platform_publishes():
    def senders(count, **mail):
        names = ", ".join(f"s{n}.example.fr" for n in range(count))
        text = f"domains:\n  cahors.fr: {{mail: {{senders: [{names}]}}}}\n{MAIL}"
        return found(text, mail={**yaml.safe_load(PLATFORM)["mail"], **mail})

    assert senders(9) == []
    assert senders(10) == ["R476"]
    assert senders(10, spf_flatten=True) == []


ASKED = f"""
import sys
from pathlib import Path
from bastide.documents import read_file
from bastide.fleet.examine import Examiner
from bastide.model import build_platform
from bastide.schema import Schemas
root = Path({str(ROOT)!r})
platform = build_platform("p", read_file(root / "inventory/lab/platform.yml", "p")[0].data)
examiner = Examiner(Schemas.load(root / "schemas"), platform, lambda _siren: None)
path = root / "collectivities/46" / sys.argv[1]
examined = examiner.examine("46/x", path, "x.yml")
assert examined.facts, examined
examiner.compile("46/x", path, "x.yml", "0")
print("dns" in sys.modules)
"""


@pytest.mark.parametrize("charter", ["cahors.yml", "bagnac-sur-cele.yml"])
def test_dnspython_is_loaded_for_unusual_records_alone(charter):
    """It is a third of what the command takes to start."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED, charter], capture_output=True, text=True, check=False
    )
    unusual = charter == "cahors.yml"  # it has an IPv6 address by hand
    assert (done.stdout.strip(), done.stderr) == (str(unusual), "")
