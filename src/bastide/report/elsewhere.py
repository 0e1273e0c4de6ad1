# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be set, once, where the DNS of a domain is not the platform's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bastide.diagnostics import Language, Text
from bastide.documents import read_file
from bastide.fleet import Fleet
from bastide.model import build_collectivity
from bastide.model.rdata import quote_txt
from bastide.targets.values import known_values

_TITLE = Text(
    "registered elsewhere: where its DNS is, these records are to be set",
    "déposé ailleurs : là où est son DNS, ces enregistrements sont à poser",
)
# The other servers have their own.
_THEIRS = frozenset({"SOA", "NS"})


def records_to_set(fleet: Fleet, slug: str, language: Language) -> Iterator[tuple[str, str]]:
    """For each domain of `slug` in mode `external`: its name, and its records as text.

    A key that a mail host has not made yet is left out; DKIM by `mail.dkim` needs none.
    """
    source = fleet.sources[slug]
    document, _ = read_file(source.path, source.name)
    text = fleet.share_line_of(slug, "dns")
    if document is None or not text:
        return
    declared = build_collectivity(slug, source.name, document.data, document.line)
    elsewhere = {str(one.ascii) for one in declared.live_domains if one.mode == "external"}
    values = known_values(fleet.repository)
    for resource in json.loads(text)["resources"]:
        name = resource["address"].removeprefix("zone:")
        if name in elsewhere:
            lines = [
                f"    {rrset['name']} {rrset['ttl']} {rrset['type']} {rdata}"
                for rrset in resource["body"]["rrsets"]
                if rrset["type"] not in _THEIRS
                for rdata in _rdata(rrset, values)
            ]
            yield name, "\n".join([f"  {_TITLE.format(language, {})}", *lines])


def _rdata(rrset: dict[str, Any], values: dict[str, str]) -> list[str]:
    if "rdata" in rrset:
        return list(rrset["rdata"])
    value = values.get(rrset["pending"])
    if value is None:
        return []
    return [quote_txt(value)] if rrset["type"] == "TXT" else value.split(", ")
