# SPDX-License-Identifier: GPL-3.0-or-later
"""The example fleet: all of the Lot, as `bastide new` writes it, and what people wrote."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
import yaml

from bastide import reference
from bastide.charter import new_department
from bastide.model import build_collectivity
from bastide.model.names import owner_name, within
from bastide.model.rdata import canonical_rdata
from bastide.reference.siren import is_siren

ROOT = Path(__file__).parents[2]
FLEET = ROOT / "collectivities/46"
# The day that the convention of every generated charter bears.
FOUNDED_ON = dt.date(2026, 1, 1)
# The only charters that `bastide new` did not write, or that were edited since.
WRITTEN_BY_HAND = {
    "albas",
    "ca-grand-cahors",
    "cahors",
    "cdg46",
    "figeac",
    "gourdon",
    "labastide-du-haut-mont",
    "rocamadour",
    "saint-cere",
    "saint-cirq-lapopie",
    "souillac",
}
# Names that RFC 2606 keeps for examples: a demonstration never reaches anybody there.
RESERVED = "example.org"


def build(name):
    path = FLEET / f"{name}.yml"
    data = yaml.load(path.read_text(), yaml.BaseLoader)
    return build_collectivity(f"46/{name}", str(path), data, lambda _: 0)


@pytest.fixture(scope="module")
def drafts():
    drafts, diagnostics = new_department("46", signed_on=FOUNDED_ON)
    assert diagnostics == []
    return {draft.path.stem: draft for draft in drafts}


@pytest.fixture(scope="module")
def fleet():
    return {path.stem: build(path.stem) for path in sorted(FLEET.glob("*.yml"))}


def test_every_commune_and_epci_of_the_lot_has_its_file(drafts, fleet):
    assert len(drafts) == 312 + 9
    assert set(fleet) == set(drafts) | {"cdg46"}


def test_what_nobody_edited_is_generated_again_to_the_byte(drafts):
    changed = {n for n, d in drafts.items() if (ROOT / d.path).read_text() != d.text}
    assert changed | {"cdg46"} == WRITTEN_BY_HAND


def test_the_hand_written_ones_keep_the_identity_of_the_reference(drafts, fleet):
    for name in WRITTEN_BY_HAND - {"cdg46"}:
        expected = yaml.load(drafts[name].text, yaml.BaseLoader)["collectivity"]
        assert (fleet[name].siren, fleet[name].kind) == (expected["siren"], expected["kind"])
        first_line, _, _ = (FLEET / f"{name}.yml").read_text().partition("\n")
        assert first_line == drafts[name].text.partition("\n")[0]


def test_every_siren_is_right_and_used_once(fleet):
    sirens = Counter(collectivity.siren for collectivity in fleet.values())
    assert max(sirens.values()) == 1
    assert all(map(is_siren, sirens))


def test_no_domain_or_address_is_claimed_twice(fleet):
    domains = Counter(d.ascii for c in fleet.values() for d in c.domains)
    addresses = Counter(x.normal for c in fleet.values() for x in (*c.mailboxes, *c.aliases))
    assert None not in domains
    assert None not in addresses
    assert [d for d, count in domains.items() if count > 1] == []
    assert [a for a, count in addresses.items() if count > 1] == []


def test_no_alias_leads_to_a_real_person_or_to_nowhere(fleet):
    local = {x.normal for c in fleet.values() for x in (*c.mailboxes, *c.aliases)}
    targets = {t for c in fleet.values() for a in c.aliases for t in a.targets}
    assert {t for t in targets - local if t.rpartition("@")[2] != RESERVED} == set()


def test_a_small_commune_without_a_wish_of_its_own_has_a_minisite(fleet):
    for commune in reference.communes_of("46"):
        if commune.slug not in WRITTEN_BY_HAND:
            expected = "minisite" if commune.population < 500 else "cms"
            assert fleet[commune.slug].site.kind == expected


def test_every_written_record_is_one_that_dns_can_hold(fleet):
    for collectivity in fleet.values():
        for domain in collectivity.live_domains:
            names = Counter()
            for record in domain.records:
                assert canonical_rdata(record, domain.ascii)
                names[owner_name(record.name, domain.ascii), record.type == "CNAME"] += 1
            for owner, is_cname in names:
                assert not (is_cname and (owner, False) in names)


def test_records_and_redirects_lead_only_to_reserved_places(fleet):
    for collectivity in fleet.values():
        for domain in collectivity.domains:
            for record in domain.records:
                target = record.content.rpartition(" ")[2]
                if record.type in {"A", "AAAA"}:
                    documentation = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
                    assert target.startswith(documentation)
                elif record.type in {"CNAME", "MX", "SRV"}:
                    assert within(target, RESERVED)


def test_the_fleet_shows_every_way_the_format_has(fleet):
    collectivities = fleet.values()
    domains = [d for c in collectivities for d in c.domains]
    boxes = [m for c in collectivities for m in c.mailboxes]
    assert {d.mode for d in domains} == {"managed", "transfer", "external", "shared"}
    assert {r.type for d in domains for r in d.records} >= {
        *("A", "AAAA", "CAA", "CNAME", "MX", "SRV", "TXT")
    }
    assert any(d.redirect_to for d in domains)
    assert any(d.retired for d in domains)
    assert any(d.ascii != d.name for d in domains)
    assert {m.delivery for m in boxes if m.suspended} == {"keep", "bounce"}
    assert {m.kind for m in boxes} == {"classic"}
    assert {c.site.kind for c in collectivities} == {"cms", "minisite", "holding"}
    assert {c.slug for c in collectivities if c.guichet} == {"46/cahors", "46/ca-grand-cahors"}
    assert any(m.normal.endswith("@info46.com") for m in fleet["labastide-du-haut-mont"].mailboxes)
