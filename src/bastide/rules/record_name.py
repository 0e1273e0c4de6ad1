# SPDX-License-Identifier: GPL-3.0-or-later
"""The owner name of a hand-written record.

A name is relative to its domain: `www`, `_sip._tcp`, `*`, or `@` for the domain itself.
With a final dot it is absolute and must lie within the domain. A relative name that
already ends with the domain would be doubled (`www.cahors.fr.cahors.fr`). Where the file
also declares a domain below, that one's zone answers for its names.

---
Le nom d'un enregistrement écrit à la main.

Un nom est relatif à son domaine : `www`, `_sip._tcp`, `*`, ou `@` pour le domaine
lui-même. Avec un point final il est absolu et doit se trouver dans le domaine. Un nom
relatif qui finit déjà par le domaine serait doublé (`www.cahors.fr.cahors.fr`). Si le
fichier déclare aussi un domaine situé dessous, c'est sa zone qui répond pour ses noms.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan de ville, type: A, content: 192.0.2.7}
      - {name: www.figeac.fr., type: A, content: 192.0.2.7}
      - {name: plan.cahors.fr, type: A, content: 192.0.2.7}
      - {name: www.sport, type: A, content: 192.0.2.7}
  sport.cahors.fr: {}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: A, content: 192.0.2.7}
      - {name: plan2.cahors.fr., type: A, content: 192.0.2.7}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.names import is_owner, within
from bastide.rules.case import Case
from bastide.rules.rule import Finding

SYNTAX = declare(
    "R330",
    Severity.ERROR,
    en="`{name}` is no name of a record",
    fr="« {name} » n'est pas un nom d'enregistrement",
    hint_en="Use letters, digits, hyphens and dots, a leading `_` where the service asks for it, "
    "`*` as the first label only, or `@` for the domain itself; 63 octets a label, 253 in all.",
    hint_fr="Employez lettres, chiffres, tirets et points, un `_` initial quand le service le "
    "demande, `*` en première étiquette seulement, ou `@` pour le domaine lui-même ; 63 octets "
    "par étiquette, 253 en tout.",
)
OUTSIDE = declare(
    "R331",
    Severity.ERROR,
    en="the record {name} lies outside the domain {domain}",
    fr="l'enregistrement {name} se trouve hors du domaine {domain}",
    hint_en="Move it below its own domain; a name with a final dot is absolute.",
    hint_fr="Déplacez-le sous son propre domaine ; un nom qui finit par un point est absolu.",
)
DOUBLED = declare(
    "R332",
    Severity.ERROR,
    en="`{name}` would become {owner}, since names are relative to {domain}",
    fr="« {name} » deviendrait {owner}, car les noms sont relatifs à {domain}",
    hint_en="Write `{short}`, or `{name}.` with a final dot.",
    hint_fr="Écrivez `{short}`, ou `{name}.` avec un point final.",
)

OTHER_ZONE = declare(
    "R388",
    Severity.ERROR,
    en="{owner} belongs to {other}, whose own zone answers for it",
    fr="{owner} relève de {other}, dont la propre zone répond à sa place",
    hint_en="Move the record to `domains.{other}.records`.",
    hint_fr="Déplacez l'enregistrement vers `domains.{other}.records`.",
)

# Implies is_owner() for names short enough; what does not match is judged at length.
_PLAIN = re.compile(r"[_*]?[a-z0-9]{1,40}(?:-[a-z0-9]{1,9})?\Z")


def check(case: Case) -> Iterator[Finding]:
    """Judge the name of every hand-written record."""
    for zone in case.zones:
        below = [str(d.ascii) for d in case.live_domains if d.ascii != zone.name]
        below = [f"{name}." for name in below if within(name, zone.name)]
        for owner, record in zone.entries:
            name = record.name
            for other in below:
                if within(owner, other):
                    facts = {"owner": owner, "other": other[:-1]}
                    yield Finding(OTHER_ZONE, zone.path(record, "name"), "value", facts)
            if name == "@" or (_PLAIN.match(name) and name[0] != "*"):
                continue
            facts = {"name": name, "owner": owner, "domain": zone.name}
            if not owner.isascii() or not is_owner(owner[:-1]):
                yield Finding(SYNTAX, zone.path(record, "name"), "value", facts)
            elif not within(owner, zone.apex):
                yield Finding(OUTSIDE, zone.path(record, "name"), "value", facts)
            elif owner.endswith(f"{zone.name}.{zone.apex}"):
                facts["short"] = (
                    owner.removesuffix(zone.apex).removesuffix(f"{zone.name}.").removesuffix(".")
                    or "@"
                )
                yield Finding(DOUBLED, zone.path(record, "name"), "value", facts)
