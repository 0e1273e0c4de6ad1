# SPDX-License-Identifier: GPL-3.0-or-later
"""A procedure of the desk that is not said completely, or twice.

An entry of `procedures` is one of `library`, `link`, `sheet` and `definition`. A link and a sheet
need a title. Two procedures cannot have one address: `name` gives another one.

---
Une démarche du guichet dite incomplètement, ou deux fois.

Une entrée de `procedures` est l'un de `library`, `link`, `sheet` et `definition`. Un lien et une
fiche demandent un titre. Deux démarches ne peuvent avoir la même adresse : `name` en donne une
autre.

Wrong:

```yaml
domains: {cahors.fr: {}}
guichet:
  domain: demarches.cahors.fr
  procedures:
    - {link: https://urbanisme.example/}
    - {title: Cantine}
    - acte-naissance
    - {library: acte-naissance, service: etat-civil}
```

Right:

```yaml
domains: {cahors.fr: {}}
guichet:
  domain: demarches.cahors.fr
  services:
    etat-civil: {name: État civil, email: etat-civil@cahors.fr}
  procedures:
    - {link: https://urbanisme.example/, title: Urbanisme}
    - {library: acte-naissance, service: etat-civil, delay: Sous trois jours.}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bastide.diagnostics import Severity, declare
from bastide.model.guichet import is_name
from bastide.rules.alike import most_alike
from bastide.rules.rule import Finding

if TYPE_CHECKING:
    from bastide.model.guichet import Guichet, Offered
    from bastide.rules.case import Case

ONE_KIND = declare(
    "R605",
    Severity.ERROR,
    en="a procedure is one of library, link, sheet and definition; this one says {said}",
    fr="une démarche est library, link, sheet ou definition ; celle-ci dit {said}",
    hint_en="Keep one of them; put the others into entries of their own.",
    hint_fr="Gardez-en un seul ; mettez les autres dans des entrées à part.",
)
NO_TITLE = declare(
    "R606",
    Severity.ERROR,
    en="this {what} has no title to be shown to citizens",
    fr="cette entrée {what} n'a pas de titre à montrer aux usagers",
    hint_en="Add `title`.",
    hint_fr="Ajoutez `title`.",
)
TWICE = declare(
    "R607",
    Severity.ERROR,
    en="two procedures of this desk have the address `{slug}`",
    fr="deux démarches de ce guichet ont l'adresse « {slug} »",
    hint_en="Remove one of them, or give it another `name`.",
    hint_fr="Retirez-en une, ou donnez-lui un autre `name`.",
)
NO_NAME = declare(
    "R608",
    Severity.ERROR,
    en="no address can be made from `{text}`",
    fr="aucune adresse ne peut être tirée de « {text} »",
    hint_en="Add `name`, lower-case letters and hyphens, such as `urbanisme`.",
    hint_fr="Ajoutez `name`, en minuscules et tirets, comme `urbanisme`.",
)
NO_SERVICE = declare(
    "R609",
    Severity.ERROR,
    en="no service of this desk is called `{name}`",
    fr="aucun service de ce guichet ne s'appelle « {name} »",
    hint_en="Declare it under `services`. Nearest: {nearest}.",
    hint_fr="Déclarez-le sous `services`. Les plus proches : {nearest}.",
)


def check(case: Case) -> Iterator[Finding]:
    """Look at each entry, and at what two of them share."""
    guichet = case.collectivity.guichet
    if guichet is None:
        return
    seen: set[str] = set()
    for one in guichet.offered:
        path = ("guichet", "procedures", one.place)
        if len(one.kinds) != 1 or not one.target:
            said = ", ".join(one.kinds) if one.target else "-"
            yield Finding(ONE_KIND, path, "value", {"said": said})
            continue
        yield from _one(guichet, one)
        if one.slug in seen:
            yield Finding(TWICE, path, "value", {"slug": one.slug})
        seen.add(one.slug)


def _one(guichet: Guichet, one: Offered) -> Iterator[Finding]:
    path = ("guichet", "procedures", one.place)
    if one.kind in ("link", "sheet") and "title" not in one.told:
        yield Finding(NO_TITLE, path, "value", {"what": one.kind})
    elif not is_name(one.slug):
        yield Finding(NO_NAME, path, "value", {"text": str(one.told.get("title", one.target))})
    service = one.told.get("service")
    known = {receiver.slug for receiver in guichet.receivers}
    if service is not None and service not in known:
        facts = {"name": str(service), "nearest": most_alike(str(service), known) or "-"}
        yield Finding(NO_SERVICE, (*path, "service"), "value", facts)
