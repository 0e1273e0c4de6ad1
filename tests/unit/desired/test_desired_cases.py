# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden cases: a charter, and everything it asks of the servers, line by line.

Each folder of tests/data/desired holds charter.yml and desired.txt, and perhaps platform.yml.
BASTIDE_GOLDEN=write writes the files anew; read the difference before committing it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bastide.desired import share_line
from bastide.desired.compiler import Compiler
from bastide.documents import Attachments, read_file
from bastide.model import build_collectivity, build_platform
from bastide.model.proofs import asked_at, published_at

CASES = Path(__file__).parents[2] / "data" / "desired"


def compiler(case):
    """For the platform of the case, or that of all."""
    own = CASES / case / "platform.yml"
    document, found = read_file(own if own.exists() else CASES / "platform.yml", "platform.yml")
    assert found == []
    platform = build_platform("platform.yml", document.data)
    return Compiler(platform, Attachments(CASES / case))


def rendered(compiled):
    """One line a resource: value, then the line of the charter and the reason."""
    lines = []

    def add(address, text):
        origin = compiled.origins[address]
        lines.append(f"{text}    [{origin.file}:{origin.line} {origin.reason}]")

    for resource in compiled.resources["dns"]:
        add(resource.address, resource.address)
        if "dnssec" in resource.body:
            zone = resource.address.removeprefix("zone:")
            add(f"dnssec:{zone}", f"  dnssec:{zone} {resource.body['dnssec']}")
        for rrset in resource.body["rrsets"]:
            value = " | ".join(rrset["rdata"]) if "rdata" in rrset else f"<{rrset['pending']}>"
            name = f"{rrset['name']} {rrset['ttl']} {rrset['type']} {value}"
            add(f"rrset:{rrset['name']}/{rrset['type']}", f"  {name}")
    for service in ("mail", "web", "tls", "groupware", "desk"):
        for resource in compiled.resources[service]:
            facts = ", ".join(f"{k}={v}" for k, v in sorted(resource.body.items()))
            add(resource.address, f"{resource.address} {facts}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.is_dir()))
def test_golden(case):
    document, found = read_file(CASES / case / "charter.yml", "charter.yml")
    assert found == []
    collectivity = build_collectivity("46/ville", "charter.yml", document.data, document.line)
    text = rendered(compiler(case).compile(collectivity, "La Ville"))
    golden = CASES / case / "desired.txt"
    if os.environ.get("BASTIDE_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_shared_domains_are_told_to_the_mail_services_also_without_an_address_there():
    """The last address that leaves one is then suspended, and not taken for a lost domain."""
    document, _ = read_file(CASES / "017-collaborative" / "charter.yml", "charter.yml")
    collectivity = build_collectivity("x", "charter.yml", document.data, document.line)
    compiled = compiler("001").compile(collectivity, "La Ville")
    assert "info46.com" not in compiled.domains
    for service, told in (("dns", False), ("mail", True), ("groupware", True)):
        line = json.loads(share_line(compiled, service))
        assert ("info46.com" in line["domains"]) is told


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.is_dir()))
def test_every_name_of_a_certificate_leads_to_where_it_is_proved_by_dns(case):
    document, _ = read_file(CASES / case / "charter.yml", "charter.yml")
    collectivity = build_collectivity(case, "charter.yml", document.data, document.line)
    compiled = compiler("039-names-proved-by-dns").compile(collectivity, "La Ville")
    wanted = {name for one in compiled.resources["tls"] for name in one.body["names"]}
    own = {name for name in wanted if any(name.endswith(domain) for domain in compiled.domains)}
    leading = {
        rrset["name"]: rrset["rdata"]
        for zone in compiled.resources["dns"]
        for rrset in zone.body["rrsets"]
        if rrset["name"].startswith("_acme-challenge.")
    }
    assert {f"_acme-challenge.{name}." for name in own} <= leading.keys()
    # One place each, which the hosts find by the same function.
    assert len({target for [target] in leading.values()}) == len(leading)
    for owner, [target] in leading.items():
        assert target == published_at(owner.partition(".")[2].rstrip("."), "acme.info46.com")


def test_a_name_too_long_to_be_asked_for_has_no_place_and_any_other_fits():
    longest = ".".join(["a" * 63] * 3) + ".example"
    assert asked_at(longest) == f"_acme-challenge.{longest}."
    assert asked_at(f"{'b' * 60}.{longest}") is None
    assert len(published_at(longest, "acme.info46.com")) == 32 + len(".acme.info46.com.")
