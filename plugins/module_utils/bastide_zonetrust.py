# SPDX-License-Identifier: GPL-3.0-or-later
"""How signed zones of the share delegate those below them, and vouch for their keys (NS, DS)."""

from __future__ import annotations

import time

from ansible.module_utils import bastide_knot as knot
from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_reconcile import PENDING, Body, is_pending
from ansible.module_utils.bastide_zonedata import (
    SIGNED,
    ZoneData,
    delegation,
    next_serial,
    served_data,
    zone_text,
)
from ansible.module_utils.bastide_zoneload import wait
from ansible.module_utils.bastide_zonework import Work, fail


def delegations(found: Survey, work: Work, zone: str, body: Body) -> dict[str, Body]:
    """The record sets by which a signed zone delegates those of the share below it."""
    cuts: dict[str, Body] = {}
    for child in work.below.get(zone, ()) if body.get("dnssec") else ():
        _, below = found.share.resources[f"zone:{child}"]
        now = served_data(work.served.get(child, ""))
        known = now.ds if now.signing == SIGNED else None
        cuts |= delegation(child, below, known if below.get("dnssec") == SIGNED else ())
    return cuts


def take_cuts(want: ZoneData, cuts: dict[str, Body]) -> None:
    """Add delegations to what a zone shall have; one that is written by hand goes before."""
    for key, rrset in cuts.items():
        if key not in want.rrsets:
            if key.endswith("/DS"):
                want.pending.add(key)
            if is_pending(rrset):
                want.unresolved[key] = rrset[PENDING]
            else:
                want.rrsets[key] = rrset


def trust(found: Survey, work: Work, served: dict[str, str]) -> dict[str, str]:
    """Give zones the DS of those below them that got their keys in this very run.

    Returns:
        The texts of these zones as they are served then.
    """
    written = set()
    for zone, want in work.desired.items():
        children = [
            name.removeprefix("ds:") for name in want.unresolved.values() if name.startswith("ds:")
        ]
        for child in children if zone in served and f"zone:{zone}" not in found.failed else ():
            now = served_data(served.get(child, ""))
            if now.signing == SIGNED and now.ds:
                _, body = found.share.resources[f"zone:{child}"]
                del want.unresolved[f"{child}./DS"]
                take_cuts(want, delegation(child, body, now.ds))
                written.add(zone)
    for zone in sorted(written):
        serial = next_serial(served_data(served[zone]).serial, int(time.time()))
        text = zone_text(zone, work.desired[zone].rrsets, serial)
        objection = knot.check_texts({zone: text}).get(zone) or knot.write_zone(zone, text)
        if objection:
            fail(found, zone, objection)
    knot.reload_zones(written)
    return wait(found, work, written)[0]
