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
  - A signed zone delegates those below it that this host has too, with their DS, without which
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

from pathlib import Path

from ansible.module_utils import bastide_knot as knot
from ansible.module_utils import bastide_zoneowners as ownership
from ansible.module_utils.bastide_bulk import Service, Survey, main
from ansible.module_utils.bastide_files import HostError
from ansible.module_utils.bastide_zonecompare import survey_desired, survey_undesired
from ansible.module_utils.bastide_zonedata import HAS_DNSPYTHON, check_zone, nearest_above
from ansible.module_utils.bastide_zoneload import load, wait
from ansible.module_utils.bastide_zonetrust import trust
from ansible.module_utils.bastide_zonework import Work, fail, known_signing

LOCK = Path("/var/lib/bastide/dns/lock")


def survey(found: Survey) -> None:
    """Compare the zones of the share with those that Knot serves."""
    if not HAS_DNSPYTHON:
        raise HostError("python3-dnspython is not installed on this host")
    owners = ownership.read()
    listed, config = knot.listed_zones()
    work = found.work = Work(owners, knot.read_served(), listed, config)
    found.report_unusable()
    for zone in sorted(listed.keys() | owners.keys()):
        ownership.adopt(found, work, zone)
    zones = {address.removeprefix("zone:") for address in found.share.resources}
    for zone in sorted(zones):
        work.below.setdefault(nearest_above(zone, zones), []).append(zone)
    for address, (siren, body) in sorted(found.share.resources.items()):
        if found.in_scope(siren):
            survey_desired(found, work, address, siren, body)
    for zone, objection in knot.check_texts(work.texts).items():
        fail(found, zone, objection)
        del work.texts[zone]
    claimed = found.share.resources.keys() | found.share.unusable.keys()
    for zone in sorted(work.served.keys() | listed.keys() | owners.keys()):
        if f"zone:{zone}" not in claimed:
            survey_undesired(found, work, zone)
    if listed and config != knot.config_text({**listed, **known_signing(work)}):
        found.repaired.append(str(knot.CONFIG))


def converge(found: Survey) -> None:
    """Write the changed zones, load them, and look whether they are served so."""
    work: Work = found.work
    for zone in work.desired:
        work.owners.setdefault(zone, {})["siren"] = found.share.resources[f"zone:{zone}"][0]
    ownership.save(work)  # whose the zones are, before the first of them is listed
    for zone, text in work.texts.items():
        objection = knot.write_zone(zone, text)
        if objection:
            fail(found, zone, objection)
    written = {zone for zone in work.texts if f"zone:{zone}" not in found.failed}
    load(found, work, written)
    texts, late = wait(found, work, written | work.retired)
    texts |= trust(found, work, {**work.served, **texts})
    for want in work.desired.values():
        for key, name in want.unresolved.items():
            found.undone.add(f"rrset:{key}")
            found.warnings.append(f"{key} waits for {name}, which no host has given")
    for zone in work.retired - late:
        if f"zone:{zone}" not in found.failed:
            knot.zone_file(zone).unlink(missing_ok=True)
            work.owners.pop(zone, None)
    ownership.note(found, work, {**work.served, **texts})
    ownership.save(work)


if __name__ == "__main__":
    main(Service("dns", LOCK, {"zone": check_zone}, survey, converge))
