# SPDX-License-Identifier: GPL-3.0-or-later
"""An address that one file declares twice.

Case makes no difference. An address is either a mailbox or an alias: for a copy to
others, give the alias another name.

---
Une adresse qu'un fichier déclare deux fois.

La casse ne compte pas. Une adresse est soit une boîte, soit un alias : pour une copie à
d'autres, donnez un autre nom à l'alias.

Wrong:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic}
    Mairie@cahors.fr: {kind: classic}
  aliases:
    mairie@cahors.fr: [accueil@example.fr]
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic}
  aliases:
    contact@cahors.fr: [mairie@cahors.fr, accueil@example.fr]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.case import Address, Case
from bastide.rules.rule import Finding

BOTH = declare(
    "R359",
    Severity.ERROR,
    en="{address} is both a mailbox and an alias (`{other}`)",
    fr="{address} est à la fois une boîte et un alias (« {other} »)",
    hint_en="Keep one of the two, or give the alias another name.",
    hint_fr="Gardez l'un des deux, ou donnez un autre nom à l'alias.",
)
TWICE = declare(
    "R360",
    Severity.ERROR,
    en="{address} is already declared as `{other}`; case makes no difference",
    fr="{address} est déjà déclarée sous la forme « {other} » ; la casse ne compte pas",
    hint_en="Keep one of the two.",
    hint_fr="Gardez l'une des deux.",
)


def check(case: Case) -> Iterator[Finding]:
    """Find addresses with the same normal form."""
    addresses = case.addresses
    if len({normal for _, _, normal in addresses}) == len(addresses):
        return
    seen: dict[str, Address] = {}
    for address in addresses:
        section, written, normal = address
        if normal is None:
            continue
        first = seen.setdefault(normal, address)
        if first is address:
            continue
        kind = TWICE if first[0] == section else BOTH
        facts = {"address": written, "other": first[1]}
        yield Finding(kind, ("mail", section, written), "key", facts)
