# SPDX-License-Identifier: GPL-3.0-or-later
"""A record that leads to a name of its own domain which does not exist.

A bare label is below the domain: `content: courrier` in cahors.fr is courrier.cahors.fr.
Whoever follows a CNAME, MX, SRV, HTTPS or SVCB to a name without records gets nowhere.

---
Un enregistrement qui mène à un nom de son propre domaine, lequel n'existe pas.

Une étiquette seule se place sous le domaine : `content: courrier` dans cahors.fr vaut
courrier.cahors.fr. Qui suit un CNAME, MX, SRV, HTTPS ou SVCB vers un nom sans
enregistrement n'arrive nulle part.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: elus, type: MX, content: courier, priority: 10}
      - {name: courrier, type: A, content: 192.0.2.7}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: elus, type: MX, content: courrier, priority: 10}
      - {name: courrier, type: A, content: 192.0.2.7}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.names import is_owner, within
from bastide.model.rdata import WITH_TARGET, absolute_target, written_target
from bastide.rules.case import Case, Zone
from bastide.rules.rule import Finding

NOWHERE = declare(
    "R389",
    Severity.WARNING,
    en="this {type} record leads to {target}, which has no record",
    fr="cet enregistrement {type} mène à {target}, qui n'a aucun enregistrement",
    hint_en="Correct the name, or give it an address. A name outside needs a dot in it.",
    hint_fr="Corrigez le nom, ou donnez-lui une adresse. Un nom du dehors contient un point.",
)


def check(case: Case) -> Iterator[Finding]:
    """Look up the targets that lie in the domain of their record."""
    for zone in case.zones:
        if not zone.types & WITH_TARGET:
            continue
        for _, record in zone.entries:
            field = written_target(record)
            if field is None or record.type == "NS":  # that one needs more: see delegation
                continue
            if "." in field and zone.name not in field.lower():
                continue
            target = absolute_target(field, zone.name)
            if not is_owner(target[:-1]):
                continue  # no name at all: that has its own rule
            if within(target, zone.apex) and not _exists(target, zone, case):
                facts = {"type": record.type, "target": target}
                yield Finding(NOWHERE, zone.path(record, "content"), "value", facts)


def _exists(target: str, zone: Zone, case: Case) -> bool:
    """True when `target` has a record, or may have one: wildcard, delegation, own zone."""
    if target in zone.by_owner or target in zone.brought_owners:
        return True
    if any(
        within(target, f"{d.ascii}.") and d is not zone.domain for d in case.collectivity.domains
    ):
        return True
    above = target
    while above != zone.apex:
        above = above.partition(".")[2]
        if f"*.{above}" in zone.by_owner or (above != zone.apex and (above, "NS") in zone.keys):
            return True
    return False
