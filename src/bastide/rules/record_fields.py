# SPDX-License-Identifier: GPL-3.0-or-later
"""The TTL and the priority of a hand-written record.

MX and SRV need a priority; no other type has one. All records of one name and type share
one TTL (RFC 2181 §5.2).

---
La durée de vie (TTL) et la priorité d'un enregistrement écrit à la main.

MX et SRV demandent une priorité ; aucun autre type n'en a. Les enregistrements de même
nom et de même type partagent un seul TTL (RFC 2181 §5.2).

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: intranet, type: MX, content: mx.example.fr}
      - {name: carte, type: A, content: 192.0.2.7, priority: 10}
      - {name: photo, type: A, content: 192.0.2.8, ttl: 300}
      - {name: photo, type: A, content: 192.0.2.9, ttl: 600}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: A, content: 192.0.2.7, ttl: 300}
      - {name: intranet, type: MX, content: mx.example.fr, priority: 10}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.rdata import WITH_PRIORITY
from bastide.rules.case import Case, Zone
from bastide.rules.rule import Finding

NO_PRIORITY = declare(
    "R336",
    Severity.ERROR,
    en="a {type} record needs a priority",
    fr="un enregistrement {type} demande une priorité",
    hint_en="Add `priority: 10`; the lowest number is tried first.",
    hint_fr="Ajoutez `priority: 10` ; le plus petit nombre est essayé en premier.",
)
NEEDLESS_PRIORITY = declare(
    "R337",
    Severity.ERROR,
    en="a {type} record has no priority",
    fr="un enregistrement {type} n'a pas de priorité",
    hint_en="Remove `priority`; only MX and SRV have one.",
    hint_fr="Retirez `priority` ; seuls MX et SRV en ont une.",
)
TWO_TTLS = declare(
    "R338",
    Severity.WARNING,
    en="{name} {type} has two TTLs, {ttl} s here and {other} s before",
    fr="{name} {type} a deux TTL, {ttl} s ici et {other} s plus haut",
    hint_en="Write the same `ttl` in both: all records of one name and type share it.",
    hint_fr="Écrivez le même `ttl` dans les deux : les enregistrements de même nom et de même type "
    "le partagent.",
)


def check(case: Case) -> Iterator[Finding]:
    """Compare the numbers of the hand-written records with their types and one another."""
    for zone in case.zones:
        timed = False
        for _, record in zone.entries:
            timed = timed or record.ttl is not None
            rtype = record.type
            if (record.priority is None) == (rtype not in WITH_PRIORITY):
                continue
            if record.priority is None:
                yield Finding(NO_PRIORITY, zone.path(record, "type"), "value", {"type": rtype})
            else:
                path = zone.path(record, "priority")
                yield Finding(NEEDLESS_PRIORITY, path, "key", {"type": rtype})
        if timed and (len(zone.keys) < len(zone.entries) or (zone.apex, "TXT") in zone.keys):
            yield from _two_ttls(zone, case.context.platform.dns.ttl)


def _two_ttls(zone: Zone, default: int) -> Iterator[Finding]:
    # The SPF of the platform is of the same record set as what is written beside it.
    ttls = {key: default for key in zone.brought if key == (zone.apex, "TXT")}
    for owner, record in zone.entries:
        ttl = default if record.ttl is None else record.ttl
        before = ttls.setdefault((owner, record.type), ttl)
        if before != ttl:
            facts = {"name": owner, "type": record.type, "ttl": str(ttl), "other": str(before)}
            field = "type" if record.ttl is None else "ttl"
            yield Finding(TWO_TTLS, zone.path(record, field), "value", facts)
