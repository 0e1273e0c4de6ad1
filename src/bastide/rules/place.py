# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is not where its commune would be looked for.

The file of a commune is `collectivities/<department>/<name>.yml`, both as the reference
has them: the department from the INSEE code, the name in lower case without accents.

---
Un fichier qui n'est pas là où l'on chercherait sa commune.

Le fichier d'une commune est `collectivities/<département>/<nom>.yml`, l'un et l'autre
d'après le référentiel : le département du code INSEE, le nom en minuscules sans accents.

Wrong:

```yaml
# collectivities/46/cahors.yml
collectivity: {kind: commune, siren: "212400014"}
```

Right:

```yaml
# collectivities/46/cahors.yml
collectivity: {kind: commune, siren: "214600421"}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.case import Case
from bastide.rules.rule import Finding
from bastide.rules.siren import PATH

ELSEWHERE = declare(
    "R305",
    Severity.WARNING,
    en="the file of {name} ({department}) is {where}; {expected} is expected",
    fr="le fichier de {name} ({department}) est {where} ; {expected} est attendu",
    hint_en="Move the file there, or correct the SIREN.",
    hint_fr="Déplacez-y le fichier, ou corrigez le SIREN.",
)


def check(case: Case) -> Iterator[Finding]:
    """Compare the place of a commune's file with the reference."""
    commune = case.commune
    if commune is None:
        return
    expected = f"{commune.department}/{commune.slug}"
    if case.collectivity.slug != expected:
        facts = {
            "name": commune.name,
            "department": commune.department,
            "where": case.collectivity.file,
            "expected": f"collectivities/{expected}.yml",
        }
        yield Finding(ELSEWHERE, PATH, "value", facts)
