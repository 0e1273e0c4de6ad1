# SPDX-License-Identifier: GPL-3.0-or-later
"""An address on a shared domain that two files claim.

On a shared domain every collectivity may have addresses, and the first to come must not
lose its mail to the next one.

---
Une adresse d'un domaine partagé que deux fichiers revendiquent.

Sur un domaine partagé, toute collectivité peut avoir des adresses, et la première arrivée
ne doit pas perdre son courrier au profit de la suivante.

Wrong:

```yaml
mail: {accounts: {mairie@info46.com: {kind: classic}}}
---
mail: {accounts: {mairie@info46.com: {kind: classic}}}
```

Right:

```yaml
mail: {accounts: {mairie.cahors@info46.com: {kind: classic}}}
---
mail: {accounts: {mairie.figeac@info46.com: {kind: classic}}}
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Facts, Index
from bastide.rules.others import other_files
from bastide.rules.rule import Finding

TWICE = declare(
    "R361",
    Severity.ERROR,
    en="{address} is also declared by {others}",
    fr="{address} est aussi déclarée par {others}",
    hint_en="Let one of the two choose another name, for instance with the name of the commune.",
    hint_fr="Que l'un des deux choisisse un autre nom, par exemple avec celui de la commune.",
)


def check(facts: Facts, index: Index, _today: dt.date) -> Iterator[Finding]:
    """Compare the addresses of one file on shared domains with those of all."""
    for address, (kind, written) in facts.addresses.items():
        if address.rpartition("@")[2] not in index.shared_domains:
            continue
        others = other_files(facts, index, index.holders_of_address(address))
        if others:
            path = ("mail", "accounts" if kind == "account" else "aliases", written)
            yield Finding(TWICE, path, "key", {"address": written, "others": others})
