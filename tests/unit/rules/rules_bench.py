# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets for the tests of rules: from YAML text to findings, without loader and schema."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import yaml

from bastide.documents import Attachments
from bastide.model import Index, build_collectivity, build_platform, facts_of
from bastide.rules import Context, check_fleet, check_local

ATTACHED = Path(__file__).parents[2] / "data" / "attached"
TODAY = dt.date(2026, 6, 1)

PLATFORM = """
operator: {name: CDG du Lot, siren: "284600012"}
shared_domains: [info46.com]
dns:
  provider: knot
  nameservers: {ns1.info46.com: [192.0.2.53], ns2.info46.com: [192.0.2.54]}
  hostmaster: hostmaster@info46.com
  ttl: 3600
  soa: {refresh: 3600, retry: 600, expire: 1209600, minimum: 300}
  caa: {issuers: [letsencrypt.org]}
mail:
  mx: {mx.info46.com: 10}
  addresses: {mx.info46.com: [192.0.2.25]}
  dkim_selector: b2026
  quota: {default: 2 GB, maximum: 50 GB}
web: {addresses: [192.0.2.80, "2001:db8::80"]}
probe: {sender: probe@info46.com, suspended: probe-suspended@info46.com}
"""

CATALOGUES = SimpleNamespace(
    models={"causse": {}, "vallee": {}},
    palettes={"pierre": {}, "ocre": {}},
    functions={"newsletter": {}, "agenda": {}, "comarquage": {}},
    procedures={"acte-naissance": {}, "rendez-vous-elu": {}},
    registrars={"gandi": {}, "ovh": {}},
)

# What stands in a file when an example leaves it out.
BASES = (
    ("46/cahors", "214600421"),
    ("46/figeac", "214601023"),
    ("46/albas", "214600017"),
    ("46/saint-cirq-lapopie", "214602567"),
)


def platform(**changes):
    return build_platform("platform.yml", {**yaml.safe_load(PLATFORM), **changes})


def documents(text):
    """``(slug, document)`` for each document of an example, filled up to a whole file."""
    found = []
    for (slug, siren), example in zip(BASES, yaml.load_all(text, yaml.BaseLoader), strict=False):
        base = {
            "collectivity": {"kind": "commune", "siren": siren},
            "convention": {"signed_on": "2024-03-01", "modules": ["internet"]},
        }
        found.append((slug, numbered({**base, **(example or {})})))
    return found


def numbered(value):
    """The text values of an example with its numbers and booleans, as the loader gives them."""
    if isinstance(value, dict):
        return {
            key: int(text) if key in {"ttl", "priority"} else numbered(text)
            for key, text in value.items()
        }
    if isinstance(value, list):
        return [numbered(item) for item in value]
    return {"true": True, "false": False}.get(value, value)


def collectivity(slug, document):
    file = f"collectivities/{slug}.yml"
    return build_collectivity(slug, file, document, lambda _path: 0)


def findings(text, today=TODAY, on=None):
    """``(slug, finding)`` for every finding on the documents of `text`."""
    on = on or platform()
    context = Context(on, CATALOGUES, Attachments(ATTACHED))
    members = {slug: collectivity(slug, document) for slug, document in documents(text)}
    facts = {slug: facts_of(member) for slug, member in members.items()}
    index = Index(on.shared_domains, facts.get)
    for one in facts.values():
        index.add(one)
    found = []
    for slug, member in members.items():
        found += [(slug, f) for f in check_local(member, context)]
        found += [(slug, f) for f in check_fleet(facts[slug], index, today)]
    return found


def codes(text, today=TODAY, on=None):
    return sorted({finding.kind.code for _, finding in findings(text, today, on)})
