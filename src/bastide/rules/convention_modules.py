# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that the convention does not cover.

Domains, mail, the site and the desk belong to the module `internet`. The operator may
only deliver, and invoice, what the convention names. It needs none with itself.

---
Un service que la convention ne couvre pas.

Les domaines, le courrier, le site et le guichet relèvent du module `internet`. L'opérateur
ne peut fournir, et facturer, que ce que nomme la convention. Il n'en a pas avec lui-même.

Wrong:

```yaml
convention: {signed_on: "2024-03-01", modules: [dematerialisation]}
domains: {cahors.fr: {}}
```

Right:

```yaml
convention: {signed_on: "2024-03-01", modules: [internet]}
domains: {cahors.fr: {}}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.case import Case
from bastide.rules.rule import Finding

NOT_COVERED = declare(
    "R306",
    Severity.ERROR,
    en="the convention lacks the module `{module}`, needed for `{sections}`",
    fr="il manque à la convention le module `{module}`, nécessaire pour `{sections}`",
    hint_en="Add `{module}` to `convention.modules` once it is signed, or remove the service.",
    hint_fr="Ajoutez `{module}` à `convention.modules` une fois signé, ou retirez le service.",
)
NO_CONVENTION = declare(
    "R307",
    Severity.ERROR,
    en="no convention covers `{sections}`",
    fr="aucune convention ne couvre `{sections}`",
    hint_en="Write `convention: {{signed_on: 2024-03-01, modules: [{module}]}}` with the date of "
    "the signature.",
    hint_fr="Écrivez `convention: {{signed_on: 2024-03-01, modules: [{module}]}}` avec la date de "
    "signature.",
)

MODULE_OF = {"domains": "internet", "mail": "internet", "site": "internet", "guichet": "internet"}


def check(case: Case) -> Iterator[Finding]:
    """Compare the sections that are used with the modules of the convention."""
    collectivity = case.collectivity
    convention = collectivity.convention
    if convention and "internet" in convention.modules:
        return
    if collectivity.siren == case.context.platform.operator_siren:
        return
    used = [
        section
        for section, there in (
            ("domains", collectivity.domains),
            ("mail", case.addresses),
            ("site", collectivity.site),
            ("guichet", collectivity.guichet),
        )
        if there
    ]
    if not used:
        return
    facts = {"sections": "`, `".join(used), "module": "internet"}
    if convention is None:
        yield Finding(NO_CONVENTION, (used[0],), "key", facts)
    else:
        yield Finding(NOT_COVERED, ("convention", "modules"), "value", facts)
