# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox or alias on a domain that the collectivity does not have.

An address lives on a domain that its file declares and has not retired, or on a shared
domain of the platform.

---
Une boîte ou un alias sur un domaine que la collectivité n'a pas.

Une adresse vit sur un domaine que son fichier déclare et n'a pas retiré, ou sur un
domaine partagé de la plateforme.

Wrong:

```yaml
domains: {cahors.fr: {}, ville-cahors.fr: {state: retired}}
mail:
  accounts:
    mairie@cahors-mairie.fr: {kind: classic}
    mairie@ville-cahors.fr: {kind: classic}
    cahors@figeac.fr: {kind: classic}
---
domains: {figeac.fr: {}}
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic}
---
domains: {figeac.fr: {}}
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Facts, Index
from bastide.rules.others import other_files
from bastide.rules.rule import Finding

UNDECLARED = declare(
    "R356",
    Severity.ERROR,
    en="{address} is on {domain}, which this file does not declare",
    fr="{address} est sur {domain}, que ce fichier ne déclare pas",
    hint_en="Declare `{domain}` under `domains`, or put the address on a domain of this file.",
    hint_fr="Déclarez `{domain}` sous `domains`, ou placez l'adresse sur un domaine de ce fichier.",
)
ANOTHERS = declare(
    "R357",
    Severity.ERROR,
    en="{address} is on {domain}, which belongs to {others}",
    fr="{address} est sur {domain}, qui appartient à {others}",
    hint_en="Put the address on a domain of this file, or declare it in that one.",
    hint_fr="Placez l'adresse sur un domaine de ce fichier, ou déclarez-la dans l'autre.",
)
RETIRED = declare(
    "R358",
    Severity.ERROR,
    en="{address} is on {domain}, which this file has retired",
    fr="{address} est sur {domain}, que ce fichier a retiré",
    hint_en="Remove the address: its mail is kept, suspended. Or remove `state: retired` from "
    "{domain}.",
    hint_fr="Retirez l'adresse : son courrier est gardé, suspendu. Ou retirez `state: retired` de "
    "{domain}.",
)


def check(facts: Facts, index: Index, _today: dt.date) -> Iterator[Finding]:
    """Look up the domain of every address of one file."""
    for address, (kind, written) in facts.addresses.items():
        domain = address.rpartition("@")[2]
        if domain in facts.domains or domain in index.shared_domains:
            continue
        path = ("mail", "accounts" if kind == "account" else "aliases", written)
        claim = {"address": written, "domain": domain}
        others = other_files(facts, index, index.holders_of_domain(domain))
        if domain in facts.retired_domains:
            yield Finding(RETIRED, path, "key", claim)
        elif others:
            yield Finding(ANOTHERS, path, "key", {**claim, "others": others})
        else:
            yield Finding(UNDECLARED, path, "key", claim)
