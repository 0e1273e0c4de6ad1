# SPDX-License-Identifier: GPL-3.0-or-later
"""Has Knot load the zones that were written, and looks whether it serves them so."""

from __future__ import annotations

from ansible.module_utils import bastide_knot as knot
from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_zonedata import served_data
from ansible.module_utils.bastide_zonework import Work, fail, known_signing


def load(found: Survey, work: Work, written: set[str]) -> None:
    """Have Knot load what was written: by its configuration when the set of zones changes."""
    entering = written - work.listed.keys()
    signing = known_signing(work) | {zone: work.desired[zone].signing for zone in written}
    zones = {z: how for z, how in {**work.listed, **signing}.items() if z not in work.retired}
    text = knot.config_text(zones)
    moved = entering | (work.retired & (work.listed.keys() | work.served.keys()))
    moved |= written & work.resigned
    unloaded = written - work.served.keys()
    begun = {z for z in written & work.resigned if not served_data(work.served.get(z, "")).signing}
    knot.forget_journal(begun & work.served.keys())
    if moved or unloaded or (zones and text != work.config):
        objection = knot.replace_config(text)
        if objection:
            found.warnings.append(f"{knot.CONFIG} stays as it was: {objection}")
        for zone in moved | unloaded if objection else ():
            fail(found, zone, f"Knot refuses the list of zones: {objection}")
    knot.reload_zones(written & work.served.keys())


def wait(found: Survey, work: Work, zones: set[str]) -> tuple[dict[str, str], set[str]]:
    """Wait until what was written is served; what is not, fails."""
    watched = {zone for zone in zones if f"zone:{zone}" not in found.failed}
    texts, late = knot.wait_served(watched, lambda zone, text: _as_desired(work, zone, text))
    for zone in sorted(late):
        fail(found, zone, "Knot does not serve it as written; its log says why")
    return texts, late


def _as_desired(work: Work, zone: str, text: str | None) -> bool:
    if zone in work.retired:
        return text is None
    if text is None:
        return False
    have, want = served_data(text), work.desired[zone]
    return have.rrsets == want.rrsets and have.signing == want.signing
