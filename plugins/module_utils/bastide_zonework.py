# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of bastide_zones found out about the zones, and what cannot be done with one."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_parent import Parents
from ansible.module_utils.bastide_zonedata import ZoneData


@dataclass(slots=True)
class Work:
    """What `survey` found out and `converge` needs.

    By zone, where nothing else is said:

    - `owners`: whose it is and how it stood at the last look (`bastide_zoneowners`)
    - `served`: its records as Knot serves them, as text
    - `listed`: how it is signed, of those in our part of Knot's configuration
    - `config`: the text of that part
    - `desired`: what it is to hold
    - `bodies`: digest of what the share and other hosts say of it
    - `texts`: its new file, of those that are written
    - `retired`: those that go
    - `touched`: the addresses of its changes
    - `resigned`: those for which it changes how they are signed
    - `below`: the zones of the share that lie below it, and below none between
    - `parents`: what the parents of zones are asked
    """

    owners: dict[str, dict[str, object]]
    served: dict[str, str]
    listed: dict[str, str]
    config: str
    desired: dict[str, ZoneData] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)
    touched: dict[str, set[str]] = field(default_factory=dict)
    resigned: set[str] = field(default_factory=set)
    below: dict[str, list[str]] = field(default_factory=dict)
    parents: Parents = field(default_factory=Parents)


def known_signing(work: Work) -> dict[str, str]:
    """How the zones are signed that were compared and stay as they are in this."""
    known = work.desired.keys() & work.listed.keys() - work.resigned
    return {zone: work.desired[zone].signing for zone in known}


def fail(found: Survey, zone: str, why: str) -> None:
    """Note a zone that cannot be converged; none of its changes then happens."""
    owner = str(found.work.owners.get(zone, {}).get("siren", ""))
    siren, _ = found.share.resources.get(f"zone:{zone}", (owner, {}))
    found.fail(f"zone:{zone}", siren, why, found.work.touched.get(zone, set()))
