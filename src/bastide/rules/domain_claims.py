# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain that two files claim.

One domain is one zone with one owner. When two files declare it, each would undo the
other's records at every run. The same holds for a name below a domain of another
collectivity: its zone would hide what the other declares there. Names right below a shared
domain of the platform are free to all.

---
Un domaine que deux fichiers revendiquent.

Un domaine est une zone, qui a un seul propriétaire. Si deux fichiers le déclarent, chacun
défait les enregistrements de l'autre à chaque passage. De même pour un nom situé sous le
domaine d'une autre collectivité : sa zone masquerait ce que l'autre y déclare. Les noms
placés directement sous un domaine partagé de la plateforme sont libres.

Wrong:

```yaml
domains: {cahors.fr: {}}
---
domains: {cahors.fr: {}, tourisme.cahors.fr: {}}
```

Right:

```yaml
domains: {cahors.fr: {}, tourisme.cahors.fr: {}}
---
domains: {figeac.fr: {}}
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Facts, Index
from bastide.model.names import within
from bastide.rules.others import other_files
from bastide.rules.rule import Finding

TWICE = declare(
    "R321",
    Severity.ERROR,
    en="the domain {domain} is also declared by {others}",
    fr="le domaine {domain} est aussi déclaré par {others}",
    hint_en="Keep it in the file of the collectivity that holds it, remove it from the other.",
    hint_fr="Gardez-le dans le fichier de la collectivité titulaire, retirez-le de l'autre.",
)
INSIDE = declare(
    "R322",
    Severity.ERROR,
    en="{domain} lies below {parent}, which {others} declares",
    fr="{domain} se trouve sous {parent}, que déclare {others}",
    hint_en="Declare the name as a record of {parent}, in that file, or use a domain of your own.",
    hint_fr="Déclarez ce nom comme enregistrement de {parent}, dans ce fichier-là, ou employez un "
    "domaine propre.",
)


def check(facts: Facts, index: Index, _today: dt.date) -> Iterator[Finding]:
    """Compare the domains of one file with those of all."""
    for domain, written in facts.domains.items():
        holders = index.holders_of_domain(domain)
        if len(holders) > 1:
            claim = {"domain": domain, "others": other_files(facts, index, holders)}
            yield Finding(TWICE, ("domains", written), "key", claim)
            continue
        parent = index.domain_holding(domain.partition(".")[2])
        if parent is None or parent in facts.domains or _free(domain, parent, index):
            continue
        others = other_files(facts, index, index.holders_of_domain(parent))
        claim = {"domain": domain, "parent": parent, "others": others}
        yield Finding(INSIDE, ("domains", written), "key", claim)


def _free(domain: str, parent: str, index: Index) -> bool:
    """True when a shared domain stands from `domain` up to its `parent`: names there are free."""
    return any(within(domain, shared) and within(shared, parent) for shared in index.shared_domains)
