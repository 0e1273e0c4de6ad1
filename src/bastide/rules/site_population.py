# SPDX-License-Identifier: GPL-3.0-or-later
"""A kind of site that does not suit the size of the commune.

Below `web.minisite_below` inhabitants (500 unless platform.yml says otherwise) a commune
gets a mini-site, above it a CMS. Populations are those of the reference.

---
Un type de site qui ne convient pas à la taille de la commune.

Sous `web.minisite_below` habitants (500 sauf avis contraire de platform.yml) une commune
reçoit un mini-site, au-dessus un CMS. Les populations sont celles du référentiel.

Wrong:

```yaml
collectivity: {kind: commune, siren: "214600421"}
domains: {cahors.fr: {}}
site: {kind: minisite, domain: www.cahors.fr}
```

Right:

```yaml
collectivity: {kind: commune, siren: "214600421"}
domains: {cahors.fr: {}}
site: {kind: cms, domain: www.cahors.fr}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.case import Case
from bastide.rules.rule import Finding

TOO_SMALL = declare(
    "R382",
    Severity.WARNING,
    en="{name} has {population} inhabitants and a CMS; below {threshold} a mini-site is planned",
    fr="{name} a {population} habitants et un CMS ; sous {threshold} un mini-site est prévu",
    hint_en="Write `kind: minisite`, unless the commune keeps a CMS on purpose.",
    hint_fr="Écrivez `kind: minisite`, sauf si la commune garde un CMS à dessein.",
)
TOO_LARGE = declare(
    "R383",
    Severity.WARNING,
    en="{name} has {population} inhabitants and a mini-site; from {threshold} on a CMS is planned",
    fr="{name} a {population} habitants et un mini-site ; à partir de {threshold} un CMS est prévu",
    hint_en="Write `kind: cms`, unless the commune keeps a mini-site on purpose.",
    hint_fr="Écrivez `kind: cms`, sauf si la commune garde un mini-site à dessein.",
)


def check(case: Case) -> Iterator[Finding]:
    """Compare the kind of site with the population."""
    site = case.collectivity.site
    if site is None or site.kind == "holding":
        return
    commune = case.commune
    if commune is None or commune.population is None:
        return
    threshold = case.context.platform.web.minisite_below
    small = commune.population < threshold
    if small == (site.kind == "minisite"):
        return
    facts = {
        "name": commune.name,
        "population": str(commune.population),
        "threshold": str(threshold),
    }
    yield Finding(TOO_SMALL if small else TOO_LARGE, ("site", "kind"), "value", facts)
