# SPDX-License-Identifier: GPL-3.0-or-later
"""A model, palette, function or procedure that no catalogue knows.

Operators extend the catalogues under `schemas/catalog/`.

---
Un modèle, une palette, une fonction ou une démarche inconnus des catalogues.

Les opérateurs complètent les catalogues sous `schemas/catalog/`.

Wrong:

```yaml
domains: {cahors.fr: {}}
site:
  kind: cms
  domain: www.cahors.fr
  template: {model: cause, palette: piere}
  functions: {newsleter: true}
guichet: {domain: demarches.cahors.fr, procedures: [acte-naisance]}
```

Right:

```yaml
domains: {cahors.fr: {}}
site:
  kind: cms
  domain: www.cahors.fr
  template: {model: causse, palette: pierre}
  functions: {newsletter: true}
guichet: {domain: demarches.cahors.fr, procedures: [acte-naissance]}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.alike import most_alike
from bastide.rules.case import Case
from bastide.rules.rule import Finding

_HINT_EN = "Nearest in the catalogue: {nearest}. Add a new one under schemas/catalog/."
_HINT_FR = "Les plus proches du catalogue : {nearest}. Ajoutez une entrée sous schemas/catalog/."

MODEL = declare(
    "R378",
    Severity.ERROR,
    en="the site model `{name}` is not in the catalogue",
    fr="le modèle de site « {name} » n'est pas au catalogue",
    hint_en=_HINT_EN,
    hint_fr=_HINT_FR,
)
PALETTE = declare(
    "R379",
    Severity.ERROR,
    en="the palette `{name}` is not in the catalogue",
    fr="la palette « {name} » n'est pas au catalogue",
    hint_en=_HINT_EN,
    hint_fr=_HINT_FR,
)
FUNCTION = declare(
    "R380",
    Severity.ERROR,
    en="the site function `{name}` is not in the catalogue",
    fr="la fonction de site « {name} » n'est pas au catalogue",
    hint_en=_HINT_EN,
    hint_fr=_HINT_FR,
)
PROCEDURE = declare(
    "R381",
    Severity.ERROR,
    en="the procedure `{name}` is not in the catalogue",
    fr="la démarche « {name} » n'est pas au catalogue",
    hint_en=_HINT_EN,
    hint_fr=_HINT_FR,
)


def check(case: Case) -> Iterator[Finding]:
    """Look up what the site and the desk choose."""
    catalogues = case.context.catalogues
    site, guichet = case.collectivity.site, case.collectivity.guichet
    if site:
        for kind, field, name, known in (
            (MODEL, "model", site.model, catalogues.models),
            (PALETTE, "palette", site.palette, catalogues.palettes),
        ):
            if name is not None and name not in known:
                facts = {"name": name, "nearest": most_alike(name, known)}
                yield Finding(kind, ("site", "template", field), "value", facts)
        for name in (*site.functions, *site.functions_off):
            if name not in catalogues.functions:
                facts = {"name": name, "nearest": most_alike(name, catalogues.functions)}
                yield Finding(FUNCTION, ("site", "functions", name), "key", facts)
    if guichet:
        for one in guichet.offered:
            name = one.target
            if one.kind == "library" and name and name not in catalogues.procedures:
                facts = {"name": name, "nearest": most_alike(name, catalogues.procedures)}
                yield Finding(PROCEDURE, ("guichet", "procedures", one.place), "value", facts)
