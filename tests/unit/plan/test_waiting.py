# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for a name server that is down, each with an address that has a line."""

from __future__ import annotations

import json
from types import SimpleNamespace

from bastide.plan.waiting import keep_applied, waiting_for


def share(folder, **body):
    resource = {"address": "zone:albas.fr", "body": {"rrsets": [], "soa": {}, **body}}
    path = folder / "dns.jsonl"
    lines = [{"format": 1}, {"siren": "214600017", "resources": [resource]}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return SimpleNamespace(host="ns", service="dns", path=path)


def test_a_zone_that_is_to_be_signed_waits_beside_its_record_sets(tmp_path):
    repository = SimpleNamespace(state=tmp_path)
    keep_applied(repository, share(tmp_path))
    www = {"name": "www.albas.fr.", "type": "A", "ttl": 60, "rdata": ["192.0.2.7"]}
    assert waiting_for(repository, share(tmp_path, dnssec="signed", rrsets=[www])) == [
        ("214600017", "dnssec:albas.fr"),
        ("214600017", "rrset:www.albas.fr./A"),
    ]
    assert waiting_for(repository, share(tmp_path)) == []
