# SPDX-License-Identifier: GPL-3.0-or-later
"""A record that is written twice.

DNS keeps only one of two equal records (RFC 2181 §5), so the second line does nothing and
misleads whoever changes the first.

---
Un enregistrement écrit deux fois.

Le DNS ne garde qu'un de deux enregistrements égaux (RFC 2181 §5) : la seconde ligne ne
fait rien et trompe qui modifie la première.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: CNAME, content: plans.example.fr}
      - {name: Plan, type: CNAME, content: plans.example.fr.}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: CNAME, content: plans.example.fr}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import DeclaredRecord
from bastide.model.rdata import canonical_rdata
from bastide.rules.case import Case
from bastide.rules.rule import Finding

TWICE = declare(
    "R346",
    Severity.WARNING,
    en="the record {name} {type} {content} is written twice",
    fr="l'enregistrement {name} {type} {content} est écrit deux fois",
    hint_en="Remove one of the two.",
    hint_fr="Retirez l'un des deux.",
)


def check(case: Case) -> Iterator[Finding]:
    """Find equal records of each domain."""
    for zone in case.zones:
        if len(zone.keys) == len(zone.entries):
            continue
        for owner, records in zone.by_owner.items():
            # Types differ most often, and the canonical text is dear.
            if len({record.type for record in records}) == len(records):
                continue
            seen: set[tuple[str, str]] = set()
            for record in records:
                key = (record.type, _canonical(record, zone.name))
                if key in seen:
                    facts = {"name": owner, "type": record.type, "content": record.content}
                    yield Finding(TWICE, zone.path(record, "content"), "value", facts)
                seen.add(key)


def _canonical(record: DeclaredRecord, domain: str) -> str:
    try:
        return canonical_rdata(record, domain)
    except ValueError:
        return record.content
