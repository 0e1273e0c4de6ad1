# SPDX-License-Identifier: GPL-3.0-or-later
"""A site that is to show the national guide, and no desk that has it.

The guide is the desk's (`guichet.comarquage`); the function `comarquage` shows it within the site.

---
Un site qui doit montrer le guide national, sans guichet qui l'ait.

Le guide est celui du guichet (`guichet.comarquage`) ; la fonction `comarquage` le montre dans le
site.

Wrong:

```yaml
domains: {cahors.fr: {}}
site: {kind: holding, domain: www.cahors.fr, functions: {comarquage: true}}
guichet: {domain: demarches.cahors.fr}
```

Right:

```yaml
domains: {cahors.fr: {}}
site: {kind: holding, domain: www.cahors.fr, functions: {comarquage: true}}
guichet: {domain: demarches.cahors.fr, comarquage: [particuliers]}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bastide.diagnostics import Severity, declare
from bastide.rules.rule import Finding

if TYPE_CHECKING:
    from bastide.rules.case import Case

NO_GUIDE = declare(
    "R615",
    Severity.WARNING,
    en="the site is to show the national guide, and the desk has none",
    fr="le site doit montrer le guide national, et le guichet ne l'a pas",
    hint_en="Write `guichet.comarquage: [particuliers]`, or leave the function out.",
    hint_fr="Écrivez `guichet.comarquage: [particuliers]`, ou retirez la fonction.",
)


def check(case: Case) -> Iterator[Finding]:
    """Look at the function of the site, and at the desk."""
    site, guichet = case.collectivity.site, case.collectivity.guichet
    if site and site.shows_guide and not (guichet and guichet.comarquage):
        yield Finding(NO_GUIDE, ("site", "functions", "comarquage"), "key", {})
