#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge the zones that Knot DNS serves on this host, in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_zones
short_description: Converge the DNS zones of all collectivities on a Knot DNS host
version_added: "0.1.0"
description:
  - Reads the host's share of the desired state and what Knot really serves, and makes the
    served zones those of the share.
  - Each zone is checked by C(kzonecheck) before its file is replaced. One that Knot rejects is
    reported and stays as it was; the others go on.
  - A zone goes only when its collectivity or domain is retired. What is served and known to
    nobody is never touched.
  - A signed zone delegates those below it that this host has too, with their DS: without that,
    they would be bogus.
  - A zone is signed (C(dnssec) of its body) by the templates of the role C(knot). One whose parent
    has a DS, as far as the resolvers of this host know, stays signed whatever the share says.
options:
  share:
    description: Path of the share on the host (C(dns.jsonl)).
    type: path
    required: true
  scope:
    description: SIREN of the collectivities that may be touched. Empty means every one.
    type: list
    elements: str
    default: []
  values:
    description: What other hosts gave for pending values, such as C(dkim:cahors.fr).
    type: dict
    default: {}
  expect:
    description: Digest of the changes that the plan showed. Others found means nothing is done.
    type: str
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
requirements: [knot >= 3.2, knot-dnssecutils, python3-dnspython]
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Converge the zones
  bastide_zones:
    share: /var/lib/bastide/shares/dns.jsonl
    values:
      "dkim:cahors.fr": "v=DKIM1; k=rsa; p=MIIB…"
"""

RETURN = r"""
changes:
  description: What was changed, or would be in check mode, by record set.
  returned: always
  type: list
  elements: dict
failed_changes:
  description: Zones that could not be converged, with the server's words.
  returned: always
  type: list
  elements: dict
digest:
  description: Digest over the changes found.
  returned: always
  type: str
left_alone:
  description: Zones that are served and neither declared nor retired.
  returned: always
  type: list
  elements: dict
totals:
  description: Zones and record sets served before the run, by SIREN.
  returned: always
  type: dict
values:
  description: Always empty; zones need values and give none.
  returned: always
  type: dict
repaired:
  description: Files of the module that were not as it left them.
  returned: always
  type: list
  elements: str
stale:
  description: Whether the changes found are other than O(expect), so that nothing was done.
  returned: always
  type: bool
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from ansible.module_utils import bastide_knot as knot
from ansible.module_utils.bastide_bulk import Service, Survey, main
from ansible.module_utils.bastide_files import (
    HostError,
    read_or_none,
    read_state,
    sha256,
    write_atomic,
)
from ansible.module_utils.bastide_parent import Parents
from ansible.module_utils.bastide_reconcile import PENDING, Body, change, is_pending, reconcile
from ansible.module_utils.bastide_zonedata import (
    HAS_DNSPYTHON,
    SIGNED,
    UNSIGNED,
    BadData,
    ZoneData,
    check_zone,
    delegation,
    desired_data,
    nearest_above,
    next_serial,
    served_data,
    zone_text,
)

STATE = Path("/var/lib/bastide/dns/zones.json")
LOCK = Path("/var/lib/bastide/dns/lock")


@dataclass(slots=True)
class Work:
    """What `survey` found out and `converge` needs.

    `owners` is the ownership state: zone → siren, digests of the desired body and of the
    served text at the last look, number of record sets.  `listed` says how each listed zone is
    signed; `resigned` are those for which that changes; `below` has the zones of the share that
    lie below another one, by that one.
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


def survey(found: Survey) -> None:
    """Compare the zones of the share with those that Knot serves."""
    if not HAS_DNSPYTHON:
        raise HostError("python3-dnspython is not installed on this host")
    state = read_state(STATE)
    owners = {zone: dict(facts) for zone, facts in state.items() if isinstance(facts, dict)}
    listed, config = knot.listed_zones()
    work = found.work = Work(owners, knot.read_served(), listed, config)
    found.report_unusable()
    for zone in sorted(listed.keys() | owners.keys()):
        _adopt(found, work, zone)
    zones = {address.removeprefix("zone:") for address in found.share.resources}
    for zone in sorted(zones):
        work.below.setdefault(nearest_above(zone, zones), []).append(zone)
    for address, (siren, body) in sorted(found.share.resources.items()):
        if found.in_scope(siren):
            _survey_desired(found, work, address, siren, body)
    for zone, objection in knot.check_texts(work.texts).items():
        _fail(found, zone, objection)
        del work.texts[zone]
    claimed = found.share.resources.keys() | found.share.unusable.keys()
    for zone in sorted(work.served.keys() | listed.keys() | owners.keys()):
        if f"zone:{zone}" not in claimed:
            _survey_undesired(found, work, zone)
    if listed and config != knot.config_text({**listed, **_known_signing(work)}):
        found.repaired.append(str(knot.CONFIG))


def _known_signing(work: Work) -> dict[str, str]:
    """How the zones are signed that were compared and stay as they are in this."""
    known = work.desired.keys() & work.listed.keys() - work.resigned
    return {zone: work.desired[zone].signing for zone in known}


def _adopt(found: Survey, work: Work, zone: str) -> None:
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


def _survey_desired(found: Survey, work: Work, address: str, siren: str, body: Body) -> None:
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
        cuts = _delegations(found, work, zone, body)
        work.bodies[zone] = sha256(json.dumps([body, given, cuts], sort_keys=True))
        listed_so = work.listed.get(zone) == body.get("dnssec", UNSIGNED)
        if listed_so and _unchanged(facts, work.bodies[zone], text) and owner == siren:
            return
        want = desired_data(zone, body, given)
    except BadData as error:
        found.fail(address, siren, str(error))
        return
    _take_cuts(want, cuts)
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


def _delegations(found: Survey, work: Work, zone: str, body: Body) -> dict[str, Body]:
    """The record sets by which a signed zone delegates those of the share below it."""
    cuts: dict[str, Body] = {}
    for child in work.below.get(zone, ()) if body.get("dnssec") else ():
        _, below = found.share.resources[f"zone:{child}"]
        now = served_data(work.served.get(child, ""))
        known = now.ds if now.signing == SIGNED else None
        cuts |= delegation(child, below, known if below.get("dnssec") == SIGNED else ())
    return cuts


def _take_cuts(want: ZoneData, cuts: dict[str, Body]) -> None:
    """Add delegations to what a zone shall have; one that is written by hand goes before."""
    for key, rrset in cuts.items():
        if key not in want.rrsets:
            if key.endswith("/DS"):
                want.pending.add(key)
            if is_pending(rrset):
                want.unresolved[key] = rrset[PENDING]
            else:
                want.rrsets[key] = rrset


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


def _survey_undesired(found: Survey, work: Work, zone: str) -> None:
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


def converge(found: Survey) -> None:
    """Write the changed zones, load them, and look whether they are served so."""
    work: Work = found.work
    for zone in work.desired:
        work.owners.setdefault(zone, {})["siren"] = found.share.resources[f"zone:{zone}"][0]
    _save(work)  # whose the zones are, before the first of them is listed
    for zone, text in work.texts.items():
        objection = knot.write_zone(zone, text)
        if objection:
            _fail(found, zone, objection)
    written = {zone for zone in work.texts if f"zone:{zone}" not in found.failed}
    _load(found, work, written)
    texts, late = _wait(found, work, written | work.retired)
    texts |= _trust(found, work, {**work.served, **texts})
    for want in work.desired.values():
        for key, name in want.unresolved.items():
            found.undone.add(f"rrset:{key}")
            found.warnings.append(f"{key} waits for {name}, which no host has given")
    for zone in work.retired - late:
        if f"zone:{zone}" not in found.failed:
            knot.zone_file(zone).unlink(missing_ok=True)
            work.owners.pop(zone, None)
    _note(found, work, {**work.served, **texts})
    _save(work)


def _wait(found: Survey, work: Work, zones: set[str]) -> tuple[dict[str, str], set[str]]:
    """Wait until what was written is served; what is not, fails."""
    watched = {zone for zone in zones if f"zone:{zone}" not in found.failed}
    texts, late = knot.wait_served(watched, lambda zone, text: _as_desired(work, zone, text))
    for zone in sorted(late):
        _fail(found, zone, "Knot does not serve it as written; its log says why")
    return texts, late


def _trust(found: Survey, work: Work, served: dict[str, str]) -> dict[str, str]:
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
                _take_cuts(want, delegation(child, body, now.ds))
                written.add(zone)
    for zone in sorted(written):
        serial = next_serial(served_data(served[zone]).serial, int(time.time()))
        text = zone_text(zone, work.desired[zone].rrsets, serial)
        objection = knot.check_texts({zone: text}).get(zone) or knot.write_zone(zone, text)
        if objection:
            _fail(found, zone, objection)
    knot.reload_zones(written)
    return _wait(found, work, written)[0]


def _load(found: Survey, work: Work, written: set[str]) -> None:
    """Have Knot load what was written: by its configuration when the set of zones changes."""
    entering = written - work.listed.keys()
    signing = _known_signing(work) | {zone: work.desired[zone].signing for zone in written}
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
            _fail(found, zone, f"Knot refuses the list of zones: {objection}")
    knot.reload_zones(written & work.served.keys())


def _fail(found: Survey, zone: str, why: str) -> None:
    owner = str(found.work.owners.get(zone, {}).get("siren", ""))
    siren, _ = found.share.resources.get(f"zone:{zone}", (owner, {}))
    found.fail(f"zone:{zone}", siren, why, found.work.touched.get(zone, set()))


def _as_desired(work: Work, zone: str, text: str | None) -> bool:
    if zone in work.retired:
        return text is None
    if text is None:
        return False
    have, want = served_data(text), work.desired[zone]
    return have.rrsets == want.rrsets and have.signing == want.signing


def _note(found: Survey, work: Work, served: dict[str, str]) -> None:
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


def _save(work: Work) -> None:
    """Write the ownership state when it differs; new zones are entered with their owner."""
    text = json.dumps(work.owners, indent=1, sort_keys=True) + "\n"
    if text.encode() != read_or_none(STATE):
        write_atomic(STATE, text)


if __name__ == "__main__":
    main(Service("dns", LOCK, {"zone": check_zone}, survey, converge))
