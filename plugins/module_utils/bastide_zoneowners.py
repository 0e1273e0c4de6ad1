# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose each zone on this name server is, remembered from one run to the next in a file.

Beside the owner's SIREN it has, by zone, the digests of the desired body and of the served text
at the last look and the number of record sets, so that what is unchanged need not be parsed.
"""

from __future__ import annotations

import json
from pathlib import Path

from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_files import read_or_none, read_state, sha256, write_atomic
from ansible.module_utils.bastide_zonedata import served_data
from ansible.module_utils.bastide_zonework import Work

STATE = Path("/var/lib/bastide/dns/zones.json")


def read() -> dict[str, dict[str, object]]:
    """As the last run left it: zone → ``siren``, ``desired``, ``served``, ``rrsets``."""
    state = read_state(STATE)
    return {zone: dict(facts) for zone, facts in state.items() if isinstance(facts, dict)}


def adopt(found: Survey, work: Work, zone: str) -> None:
    """Count a zone of ours; give it its owner back when the state file was lost."""
    facts = work.owners.setdefault(zone, {})
    claim = found.share.resources.get(f"zone:{zone}")
    siren = str(facts.get("siren") or (claim[0] if claim else ""))
    facts["siren"] = siren
    if zone not in work.served or not siren or not found.in_scope(siren):
        return
    same = facts.get("served") == sha256(work.served[zone])
    if not same or not isinstance(facts.get("rrsets"), int):
        facts["rrsets"] = len(served_data(work.served[zone]).rrsets)
        facts["served"] = ""
    found.count(siren, "zone")
    found.count(siren, "rrset", int(str(facts["rrsets"])))


def note(found: Survey, work: Work, served: dict[str, str]) -> None:
    """Remember what is served for which body, so that the next run need not parse it."""
    for zone, want in work.desired.items():
        siren = found.share.resources[f"zone:{zone}"][0]
        text = served.get(zone)
        if f"zone:{zone}" in found.failed or text is None:
            continue
        unsettled = want.unresolved or f"dnssec:{zone}" in found.failed
        work.owners[zone] = {
            "siren": siren,
            "desired": "" if unsettled else work.bodies[zone],
            "served": sha256(text),
            "rrsets": len(want.rrsets),
        }


def save(work: Work) -> None:
    """Write the file when it differs; new zones are entered with their owner."""
    text = json.dumps(work.owners, indent=1, sort_keys=True) + "\n"
    if text.encode() != read_or_none(STATE):
        write_atomic(STATE, text)
