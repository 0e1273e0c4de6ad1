# SPDX-License-Identifier: GPL-3.0-or-later
"""octodns-cloudflare's side of row P10: ``cloudflare_peer.py URL load|look ZONES``."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from cloudflare_zones import names, rrsets
from octodns.record import Record
from octodns.zone import Zone
from octodns_cloudflare import CloudflareProvider
from octodns_peer import values_of

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "cloudflare"))

from cloudflare_fake import ACCOUNT, TOKEN

url, work, count = sys.argv[1:]
logging.disable(logging.WARNING)
provider = CloudflareProvider(
    "served", token=TOKEN, account_id=ACCOUNT, api_url=url, pagerules=False
)
for name in names(int(count)):
    zone = Zone(f"{name}.", [])
    for rrset in rrsets(name):
        label = rrset["name"].removesuffix(f"{name}.").removesuffix(".")
        data = {"type": rrset["type"], "ttl": rrset["ttl"], **values_of(rrset)}
        zone.add_record(Record.new(zone, label, data))
    plan = provider.plan(zone)
    if work == "load":
        provider.apply(plan)
    else:
        assert plan is None, plan.changes
