# SPDX-License-Identifier: GPL-3.0-or-later
"""The TTL and the priority of a hand-written record.

MX, SRV and URI need a priority; no other type has one: that of HTTPS and SVCB is the first
number of their content. All records of one name and type share one TTL (RFC 2181 §5.2).
Cloudflare keeps a TTL of a day at most.

---
La durée de vie (TTL) et la priorité d'un enregistrement écrit à la main.

MX, SRV et URI demandent une priorité ; aucun autre type n'en a : celle de HTTPS et SVCB est
le premier nombre de leur contenu. Les enregistrements de même nom et de même type partagent
un seul TTL (RFC 2181 §5.2). Cloudflare garde un TTL d'un jour au plus.

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

from bastide.diagnostics import Path, Severity, declare
from bastide.model.rdata import WITH_PRIORITY
from bastide.rules.case import Case, Zone
from bastide.rules.rule import Finding

# The schema allows 60 to 604,800 s, which Knot serves; "60 to 86400, or 1 for automatic" is
# Cloudflare's error 9021.
LEAST_TTL = 60
MOST_TTL = {"cloudflare": 86_400}

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
    hint_en="Remove `priority`; only MX, SRV and URI have one.",
    hint_fr="Retirez `priority` ; seuls MX, SRV et URI en ont une.",
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
LONG_TTL = declare(
    "R501",
    Severity.ERROR,
    en="{provider} keeps no record for {ttl} s; {most} s are the most",
    fr="{provider} ne garde aucun enregistrement {ttl} s ; {most} s au plus",
    hint_en="Write a `ttl` from {least} to {most}.",
    hint_fr="Écrivez un `ttl` de {least} à {most}.",
)


def check(case: Case) -> Iterator[Finding]:
    """Compare the numbers of the hand-written records with their types and one another."""
    provider = case.context.platform.dns.provider
    for zone in case.zones:
        timed = False
        for _, record in zone.entries:
            if record.ttl is not None:
                timed = True
                yield from long_ttl(record.ttl, provider, zone.path(record, "ttl"))
            rtype = record.type
            if (record.priority is None) == (rtype not in WITH_PRIORITY):
                continue
            if record.priority is None:
                yield Finding(NO_PRIORITY, zone.path(record, "type"), "value", {"type": rtype})
            else:
                path = zone.path(record, "priority")
                yield Finding(NEEDLESS_PRIORITY, path, "key", {"type": rtype})
        if timed and (len(zone.keys) < len(zone.entries) or zone.keys & _joined(zone.apex)):
            yield from _two_ttls(zone, case.context.platform.dns.ttl)


def long_ttl(ttl: int, provider: str, path: Path) -> Iterator[Finding]:
    """A finding at `path` when `provider` takes no `ttl` of so many seconds."""
    most = MOST_TTL.get(provider, ttl)
    if ttl > most:
        facts = {"ttl": str(ttl), "most": str(most), "least": str(LEAST_TTL)}
        yield Finding(LONG_TTL, path, "value", {**facts, "provider": provider.title()})


def _joined(apex: str) -> set[tuple[str, str]]:
    """Record sets to which services and charters both give records: SPF and texts, CAA."""
    return {(apex, "TXT"), (apex, "CAA")}


def _two_ttls(zone: Zone, default: int) -> Iterator[Finding]:
    ttls = {key: default for key in zone.brought if key in _joined(zone.apex)}
    for owner, record in zone.entries:
        ttl = default if record.ttl is None else record.ttl
        before = ttls.setdefault((owner, record.type), ttl)
        if before != ttl:
            facts = {"name": owner, "type": record.type, "ttl": str(ttl), "other": str(before)}
            field = "type" if record.ttl is None else "ttl"
            yield Finding(TWO_TTLS, zone.path(record, field), "value", facts)
