# SPDX-License-Identifier: GPL-3.0-or-later
"""A registrar that the catalogue does not know.

Renewals, transfers and notices follow the registrar's rules, which are in the catalogue
of registrars (`schemas/catalog/`).

---
Un bureau d'enregistrement inconnu du catalogue.

Les renouvellements, transferts et préavis suivent les règles du bureau d'enregistrement,
qui sont dans le catalogue (`schemas/catalog/`).

Wrong:

```yaml
domains:
  cahors.fr: {registration: {mode: managed, registrar: gandy}}
```

Right:

```yaml
domains:
  cahors.fr: {registration: {mode: managed, registrar: gandi}}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.alike import most_alike
from bastide.rules.case import Case
from bastide.rules.rule import Finding

UNKNOWN = declare(
    "R326",
    Severity.ERROR,
    en="the registrar `{registrar}` is not in the catalogue",
    fr="le bureau d'enregistrement « {registrar} » n'est pas au catalogue",
    hint_en="Nearest in the catalogue: {nearest}. Add a new one under schemas/catalog/.",
    hint_fr="Les plus proches du catalogue : {nearest}. Ajoutez-en un sous schemas/catalog/.",
)


def check(case: Case) -> Iterator[Finding]:
    """Look up the registrar of every domain."""
    known = case.context.catalogues.registrars
    for domain in case.collectivity.domains:
        registrar = domain.registrar
        if registrar is not None and registrar not in known:
            facts = {"registrar": registrar, "nearest": most_alike(registrar, known)}
            path = ("domains", domain.name, "registration", "registrar")
            yield Finding(UNKNOWN, path, "value", facts)
