# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas of the repository and a good document of each."""

from pathlib import Path

import pytest

from bastide.documents import read_bytes, read_file
from bastide.schema import Schemas

ROOT = Path(__file__).parents[3]

# Every field of the collectivity schema at least once.
FULL = b"""
collectivity:
  kind: commune
  siren: "214600421"
  state: active
  contact:
    email: a@b.fr
    phone: "+33 5"
    address: {street: 73 boulevard Gambetta, postal_code: "46000", city: Cahors}
convention: {signed_on: 2024-03-01, ends_on: 2027-02-28, modules: [internet]}
domains:
  cahors.fr:
    registration:
      mode: managed
      registrar: gandi
      renewal: tacit
      notices: [{kind: non_renewal, received_on: 2026-11-02, channel: email, evidence: "sha256:0"}]
      deliberations: [{about: transfer, adopted_on: 2026-09-24, evidence: "sha256:0"}]
    state: active
    redirect_to: https://www.cahors.fr
    records:
      - {name: "@", type: MX, priority: 10, content: mx.example.fr, ttl: 3600}
  other.fr:
mail:
  accounts:
    a@cahors.fr: {kind: classic, quota: 5 GB, state: suspended, delivery: bounce}
    b@cahors.fr:
  aliases: {c@cahors.fr: [a@cahors.fr]}
site:
  kind: cms
  domain: www.cahors.fr
  template: {model: causse, palette: pierre, banner: assets/x.jpg}
  functions: {newsletter: true, agenda: false}
  pages: [Accueil, {Vie: [Conseil, {Actes: [Tous]}]}]
guichet:
  domain: demarches.cahors.fr
  procedures: [acte-naissance, {link: "https://x.fr", title: Urbanisme}]
  comarquage: [particuliers]
"""

REGISTRARS = {
    "default": "gandi",
    "price_ceiling": 14.99,
    "run_ceiling": 300,
    "rdap": "https://rdap.nic.fr",
    "accounts": {"gandi": {"url": "http://127.0.0.1:8080/v5", "organization": "a"}, "ovh": None},
}


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def schemas():
    return Schemas.load(ROOT / "schemas")


@pytest.fixture(scope="session")
def good():
    """A good document for each schema, by name."""
    platform, _ = read_file(ROOT / "inventory" / "lab" / "platform.yml")
    charter, found = read_bytes(FULL, "full.yml")
    assert found == []
    palettes, _ = read_file(ROOT / "schemas" / "catalog" / "palettes.yml")
    return {
        "collectivity": charter.data,
        "platform": {
            **platform.data,
            "mail": {**platform.data["mail"], "groupware": None},
            "registrars": REGISTRARS,
        },
        "catalog": palettes.data,
    }
