# SPDX-License-Identifier: GPL-3.0-or-later
"""A site or a desk on a domain that its file does not declare.

The domain of the file brings the host's address to the DNS. A host on the domain of
another collectivity would also publish in that one's name.

---
Un site ou un guichet sur un domaine que son fichier ne déclare pas.

C'est le domaine du fichier qui apporte l'adresse de l'hôte au DNS. Un hôte placé sur le
domaine d'une autre collectivité publierait de plus en son nom.

Wrong:

```yaml
domains: {cahors.fr: {}}
site: {kind: cms, domain: www.cahors-ville.fr}
guichet: {domain: cahors.figeac.fr}
---
domains: {figeac.fr: {}}
```

Right:

```yaml
domains: {cahors.fr: {}}
site: {kind: cms, domain: www.cahors.fr}
guichet: {domain: demarches.cahors.fr}
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

UNDECLARED = declare(
    "R376",
    Severity.ERROR,
    en="`{service}` is on {host}, but this file declares no domain that holds it",
    fr="`{service}` est sur {host}, mais ce fichier ne déclare aucun domaine qui le contienne",
    hint_en="Declare the domain under `domains`, or choose a host of a declared one.",
    hint_fr="Déclarez le domaine sous `domains`, ou choisissez un hôte d'un domaine déclaré.",
)
ANOTHERS = declare(
    "R377",
    Severity.ERROR,
    en="`{service}` is on {host}, below {domain}, which belongs to {others}",
    fr="`{service}` est sur {host}, sous {domain}, qui appartient à {others}",
    hint_en="Choose a host of a domain of this file. Below a shared domain, declare the name with "
    "`registration: {{mode: shared}}`.",
    hint_fr="Choisissez un hôte d'un domaine de ce fichier. Sous un domaine partagé, déclarez ce "
    "nom avec `registration: {{mode: shared}}`.",
)


def check(facts: Facts, index: Index, _today: dt.date) -> Iterator[Finding]:
    """Look for the domain that holds each host of one file."""
    for service, host in facts.hosts.items():
        if any(within(host, domain) for domain in facts.domains):
            continue
        if any(within(host, domain) for domain in facts.retired_domains):
            continue  # a rule of its own
        claim = {"service": service, "host": host}
        holding = index.domain_holding(host)
        if holding is None:
            yield Finding(UNDECLARED, (service, "domain"), "value", claim)
        else:
            others = other_files(facts, index, index.holders_of_domain(holding))
            claim |= {"domain": holding, "others": others}
            yield Finding(ANOTHERS, (service, "domain"), "value", claim)
