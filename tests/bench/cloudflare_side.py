# SPDX-License-Identifier: GPL-3.0-or-later
"""Bastide's side of row P10: ``cloudflare_side.py URL load|look ZONES``, in the current folder."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from cloudflare_zones import names, rrsets

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "cloudflare"))

from cloudflare_fake import ACCOUNT, TOKEN

from bastide.targets.cloudflare.client import Client
from bastide.targets.cloudflare.converge import Converger
from bastide.targets.cloudflare.memory import Memory
from bastide.targets.cloudflare.settings import Account
from bastide.targets.cloudflare.survey import Surveyor, wanted_facets
from bastide.targets.owners import Wanted

url, work, count = sys.argv[1:]
os.environ["CLOUDFLARE_BENCH"] = TOKEN
share, memory = Path("cloudflare.jsonl"), Path("cloudflare.json")
if work == "load":
    memory.unlink(missing_ok=True)
lines = [{"format": 1}] + [
    {
        "collectivity": f"46/{number}",
        "siren": f"{number:09}",
        "retired": False,
        "retired_domains": [],
        "domains": [zone],
        "resources": [{"address": f"zone:{zone}", "body": {"soa": {}, "rrsets": rrsets(zone)}}],
    }
    for number, zone in enumerate(names(int(count)), start=1)
]
share.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
client = Client(Account(ACCOUNT, token_env="CLOUDFLARE_BENCH", base_url=url))
wanted, seen = Wanted(share, []), Memory(memory, wanted_facets({}))
survey = Surveyor(client, seen, wanted, list, {}).look()
if work == "load":
    done = Converger(client, seen, wanted, {})
    done.run(survey)
    assert not done.failed, done.failed[:3]
else:
    assert not survey.changes, survey.changes[:3]
client.close()
