# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the share and the zones that Knot serves, one zone at a time."""

from __future__ import annotations

import json
import time

from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_files import sha256
from ansible.module_utils.bastide_reconcile import PENDING, Body, change, is_pending, reconcile
from ansible.module_utils.bastide_zonedata import (
    UNSIGNED,
    BadData,
    ZoneData,
    desired_data,
    next_serial,
    served_data,
    zone_text,
)
from ansible.module_utils.bastide_zonetrust import delegations, take_cuts
from ansible.module_utils.bastide_zonework import Work


def survey_desired(found: Survey, work: Work, address: str, siren: str, body: Body) -> None:
    """Compare a zone of the share with what is served of it, and put its new file together."""
    zone = address.removeprefix("zone:")
    facts, text = work.owners.get(zone), work.served.get(zone)
    if text is not None and facts is None:
        found.fail(address, siren, "another part of Knot's configuration serves it; not touched")
        return
    owner = str(facts["siren"]) if facts else siren
    if text is not None and owner != siren and not found.in_scope(owner):
        found.fail(address, siren, f"belongs to {owner}, which is outside of the scope")
        return
    given = {name: found.values[name] for name in _waits(body) if name in found.values}
    try:
        cuts = delegations(found, work, zone, body)
        work.bodies[zone] = sha256(json.dumps([body, given, cuts], sort_keys=True))
        listed_so = work.listed.get(zone) == body.get("dnssec", UNSIGNED)
        if listed_so and _unchanged(facts, work.bodies[zone], text) and owner == siren:
            return
        want = desired_data(zone, body, given)
    except BadData as error:
        found.fail(address, siren, str(error))
        return
    take_cuts(want, cuts)
    have = served_data(text) if text is not None else ZoneData()
    _settle(want, have)
    changes = _changes(zone, siren, owner, want, None if text is None else have)
    signing = _signing_change(zone, siren, have.signing, want.signing)
    if signing and not _may_sign_otherwise(found, work, zone, siren, have, want):
        want.signing = have.signing
        found.changes += signing
        signing = []
    changes += signing
    if signing:
        work.resigned.add(zone)
    work.touched[zone] = {one["address"] for one in changes}
    if signing or any(_is_record_now(one) for one in changes):
        serial = next_serial(have.serial, int(time.time()))
        work.texts[zone] = zone_text(zone, want.rrsets, serial)
    work.desired[zone] = want
    found.pending |= {f"rrset:{key}" for key in want.pending}
    found.changes += changes


def survey_undesired(found: Survey, work: Work, zone: str) -> None:
    """Judge a zone that the share does not list: it goes when it is retired, or is left alone."""
    facts = work.owners.get(zone)
    siren = str(facts["siren"]) if facts else ""
    if not siren:
        # The zone in which names are proved is the role's, and the hosts write to it.
        proofs = found.share.header.get("proofs")
        if not found.scope and zone in work.served and zone != proofs:
            found.leave(f"zone:{zone}", "", "undeclared")
        return
    if not found.in_scope(siren):
        return
    fate = found.share.fate(siren, f"zone:{zone}")
    if fate != "retired":
        if zone in work.served or zone in work.listed:
            found.leave(f"zone:{zone}", siren, "undeclared" if fate == "present" else fate)
        return
    work.retired.add(zone)
    if zone not in work.served and zone not in work.listed:
        return  # its removal was interrupted: only the traces are left
    have = served_data(work.served.get(zone, ""))
    changes = reconcile({}, {f"rrset:{key}": (siren, body) for key, body in have.rrsets.items()})
    changes.insert(0, change("delete", f"zone:{zone}", siren, {"siren": siren}, None))
    work.touched[zone] = {one["address"] for one in changes}
    found.changes += changes


def _waits(body: Body) -> list[str]:
    return [rrset[PENDING] for rrset in body["rrsets"] if PENDING in rrset]


def _unchanged(facts: dict[str, object] | None, body: str, text: str | None) -> bool:
    """True when both sides are what they were when the last run found them equal."""
    if not facts or text is None:
        return False
    return facts.get("desired") == body and facts.get("served") == sha256(text)


def _settle(want: ZoneData, have: ZoneData) -> None:
    """Keep what is served for a value that nobody could give this time.

    A mail host that is down must not take the DKIM records of its domains out of the DNS.
    """
    for key in list(want.unresolved):
        if key in have.rrsets:
            want.rrsets[key] = have.rrsets[key]
            del want.unresolved[key]


def _changes(
    zone: str, siren: str, owner: str, want: ZoneData, have: ZoneData | None
) -> list[dict[str, object]]:
    desired = {f"rrset:{key}": (siren, body) for key, body in want.rrsets.items()}
    for key, name in want.unresolved.items():
        desired[f"rrset:{key}"] = (siren, {PENDING: name})
    now = {} if have is None else have.rrsets
    # The records of a zone that changes hands are compared by content; that it does is told
    # once, by the zone itself.
    actual = {f"rrset:{key}": (siren, body) for key, body in now.items()}
    changes = reconcile(desired, actual)
    if have is None:
        return [change("create", f"zone:{zone}", siren, None, {"siren": siren}), *changes]
    if owner != siren:
        before, after = {"siren": owner}, {"siren": siren}
        changes.insert(0, change("update", f"zone:{zone}", siren, before, after))
    return changes


def _is_record_now(one: dict[str, object]) -> bool:
    """A change of a record set whose value is known."""
    return str(one["address"]).startswith("rrset:") and not is_pending(one["after"])


def _signing_change(zone: str, siren: str, have: str, want: str) -> list[dict[str, object]]:
    address = f"dnssec:{zone}"
    desired = {address: (siren, {"dnssec": want})} if want else {}
    return reconcile(desired, {address: (siren, {"dnssec": have})} if have else {})


def _may_sign_otherwise(
    found: Survey, work: Work, zone: str, siren: str, have: ZoneData, want: ZoneData
) -> bool:
    """False, and told, when signatures would go that resolvers insist on."""
    if want.signing != UNSIGNED or have.signing == UNSIGNED:
        return True
    objection = work.parents.objection(zone)
    if objection:
        found.fail(f"dnssec:{zone}", siren, objection)
    return objection is None
