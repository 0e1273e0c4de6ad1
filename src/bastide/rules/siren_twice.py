# SPDX-License-Identifier: GPL-3.0-or-later
"""A SIREN that two files bear.

Servers record by SIREN who owns what; two files with one SIREN would each suspend what
the other declares. It holds for a retired file too.

---
Un SIREN que portent deux fichiers.

Les serveurs notent par SIREN ce qui est à qui ; deux fichiers de même SIREN
suspendraient chacun ce que déclare l'autre. Cela vaut aussi pour un fichier retiré.

Wrong:

```yaml
collectivity: {kind: commune, siren: "214600421"}
---
collectivity: {kind: commune, siren: "214600421"}
```

Right:

```yaml
collectivity: {kind: commune, siren: "214600421"}
---
collectivity: {kind: commune, siren: "214601023"}
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Facts, Index
from bastide.rules.others import other_files
from bastide.rules.rule import Finding
from bastide.rules.siren import PATH

TWICE = declare(
    "R304",
    Severity.ERROR,
    en="the SIREN {siren} is also borne by {others}",
    fr="le SIREN {siren} est aussi porté par {others}",
    hint_en="One collectivity has one file: merge the two, or correct the SIREN of one.",
    hint_fr="Une collectivité a un seul fichier : réunissez les deux, ou corrigez l'un des SIREN.",
)


def check(facts: Facts, index: Index, _today: dt.date) -> Iterator[Finding]:
    """Compare the SIREN of one file with those of all."""
    holders = index.holders_of_siren(facts.siren)
    if len(holders) > 1:
        others = other_files(facts, index, holders)
        yield Finding(TWICE, PATH, "value", {"siren": facts.siren, "others": others})
