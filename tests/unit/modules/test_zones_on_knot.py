# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules let through and the compiler makes of it, Knot loads.

By the modules' own way: the share's body, the zone file that a name server would get, and
Knot's kzonecheck on it.
"""

from __future__ import annotations

import shutil
import subprocess

import pytest
from ansible.module_utils import bastide_zonedata as zonedata
from hypothesis import given, settings
from hypothesis import strategies as st

from bastide.desired.compiler import Compiler
from bastide.diagnostics import Severity
from bastide.documents import read_file
from bastide.model import build_collectivity, build_platform
from bastide.model.rdata import WITH_PRIORITY
from bastide.rules import Context, check_local
from unit.desired.test_desired_cases import CASES
from unit.model.record_data import TYPES
from unit.rules.rules_bench import CATALOGUES, collectivity, platform

pytestmark = pytest.mark.skipif(
    shutil.which("kzonecheck") is None, reason="knot-dnssecutils is not installed"
)
# What hosts make, by the type of record that waits for it.
MADE = {"TXT": "v=DKIM1; k=rsa; p=" + "A" * 392, "TLSA": "3 1 1 " + "0a" * 32}
PLATFORM = platform()
CONTEXT = Context(PLATFORM, CATALOGUES)
# At these names a record of any type may stand, and beside nothing else.
OWNERS = [f"r{number}" for number in range(12)]


def zone_file(resource):
    """The text that the name server's module writes for a zone of the share."""
    name, body = resource.address.removeprefix("zone:"), resource.body
    assert zonedata.check_zone(name, body) is None
    waiting = {one["pending"]: MADE[one["type"]] for one in body["rrsets"] if "pending" in one}
    data = zonedata.desired_data(name, body, waiting)
    # What the engine compiled is in the host's normal form already.
    for rrset in body["rrsets"]:
        if "rdata" in rrset:
            assert data.rrsets[f"{rrset['name']}/{rrset['type']}"]["rdata"] == rrset["rdata"]
    return name, zonedata.zone_text(name, data.rrsets, 1)


def objections(name, text):
    done = subprocess.run(
        ["kzonecheck", "-o", name, "/dev/stdin"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr + text


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.is_dir()))
def test_every_zone_of_the_golden_cases_is_loaded_by_knot(case):
    own = CASES / case / "platform.yml"
    document, _ = read_file(own if own.exists() else CASES / "platform.yml", "platform.yml")
    served = build_platform("platform.yml", document.data)
    document, _ = read_file(CASES / case / "charter.yml", "charter.yml")
    member = build_collectivity(case, "charter.yml", document.data, document.line)
    found = check_local(member, Context(served, CATALOGUES))
    wrong = [f for f in found if "records" in f.path and f.kind.severity is Severity.ERROR]
    assert [(f.kind.code, f.facts) for f in wrong] == []
    for resource in Compiler(served).compile(member, "La Ville").resources["dns"]:
        assert objections(*zone_file(resource)) == ""


@st.composite
def declared(draw, owner):
    """A record as a charter declares it, right or slightly wrong."""
    rtype = draw(st.sampled_from(sorted(TYPES)))
    content, _ = draw(TYPES[rtype])
    record = {"name": owner, "type": rtype}
    if rtype in WITH_PRIORITY:
        priority, _, content = content.partition(" ")
        record["priority"] = int(priority)
    if draw(st.integers(0, 3)) == 0 and content:
        place = draw(st.integers(0, len(content) - 1))
        other = draw(
            st.sampled_from(["", '"', "\\", ";", " ", "(", ".", "0", "a", "@", "é", "$", "\t"])
        )
        content = content[:place] + other + content[place + 1 :]
    return {**record, "content": content.strip()}


def accepted(records):
    """Those of `records` that the rules find nothing wrong with."""
    charter = {
        "collectivity": {"kind": "commune", "siren": "214600421"},
        "convention": {"signed_on": "2024-03-01", "modules": ["internet"]},
        "domains": {"cahors.fr": {"records": records}},
    }
    member = collectivity("46/cahors", charter)
    wrong = {
        finding.path[3]
        for finding in check_local(member, CONTEXT)
        if finding.kind.severity is Severity.ERROR
    }
    kept = [record for place, record in enumerate(records) if place not in wrong]
    if not wrong:
        return member
    return accepted(kept)


def as_drawn(strategy):
    """Records that meet at the same names, each right by itself."""
    return st.lists(strategy, max_size=12, unique_by=lambda record: tuple(record.items()))


MEETING = st.one_of(
    st.builds(
        lambda name, pair: {"name": name, "type": pair[0], "content": pair[1], **pair[2]},
        st.sampled_from(["@", "a", "b", "*", "sub", "x.sub", "*.b", "y.x.sub", "_dmarc", "www"]),
        st.sampled_from(
            [
                *[("A", f"192.0.2.{n}", {}) for n in (1, 2)],
                *[("NS", target, {}) for target in ("sub", "x.sub.cahors.fr", "ns.example.org")],
                *[("CNAME", target, {}) for target in ("a", "b", "sub", "www.example.org")],
                *[("MX", target, {"priority": 10}) for target in (".", "a", "mx.example.org")],
                ("DS", "1 13 2 " + "0" * 64, {}),
                ("HTTPS", "0 a", {}),
                ("HTTPS", "1 . alpn=h2", {}),
                ("TXT", "v=spf1 -all", {}),
                ("TXT", "v=DMARC1; p=none", {}),
                ("CAA", '0 issue ";"', {}),
            ]
        ),
    )
)


@settings(max_examples=150)
@given(as_drawn(MEETING))
def test_whatever_the_rules_let_stand_together_knot_accepts(records):
    (zone,) = Compiler(PLATFORM).compile(accepted(records), "Cahors").resources["dns"]
    assert objections(*zone_file(zone)) == ""


@settings(max_examples=40)
@given(st.tuples(*(declared(owner) for owner in OWNERS)))
def test_whatever_the_rules_accept_knot_accepts(records):
    kept = [record for record in records if record["content"]]
    # The key of a zone stands beside its name servers.
    signed = {record["name"] for record in kept if record["type"] == "DS"}
    kept += [{"name": one, "type": "NS", "content": "ns.example.org"} for one in sorted(signed)]
    member = accepted(kept)
    (zone,) = Compiler(PLATFORM).compile(member, "Cahors").resources["dns"]
    assert objections(*zone_file(zone)) == ""
