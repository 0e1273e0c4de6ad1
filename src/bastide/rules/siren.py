# SPDX-License-Identifier: GPL-3.0-or-later
"""The SIREN, by which everything of a collectivity is owned.

Its ninth digit is computed from the others (Luhn). A commune or an EPCI must be in the
reference, with the kind it has there; CCAS, syndicates and CDGs are not in it.

---
Le SIREN, par lequel tout ce qui est à une collectivité lui appartient.

Son neuvième chiffre se calcule à partir des autres (Luhn). Une commune ou un EPCI doit
être dans le référentiel, avec sa catégorie ; les CCAS, syndicats et CDG n'y sont pas.

Wrong:

```yaml
collectivity: {kind: commune, siren: "214600427"}
```

Right:

```yaml
collectivity: {kind: commune, siren: "214600421"}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide import reference
from bastide.diagnostics import Kind, Severity, declare
from bastide.reference.siren import FaultKind, siren_fault
from bastide.rules.case import Case
from bastide.rules.rule import Finding

WRONG_DIGIT = declare(
    "R300",
    Severity.ERROR,
    en="{siren} is no SIREN: its last digit should be {expected}, not {found}",
    fr="{siren} n'est pas un SIREN : son dernier chiffre devrait être {expected}, pas {found}",
    hint_en="Check all nine digits; `{right}` would be a valid number.",
    hint_fr="Vérifiez les neuf chiffres ; « {right} » serait un numéro valide.",
)
UNKNOWN = declare(
    "R301",
    Severity.ERROR,
    en="no {category} of the reference of {date} has the SIREN {siren}",
    fr="aucune entrée de catégorie {category} du référentiel du {date} n'a le SIREN {siren}",
    hint_en="Look the number up in the reference, or correct `kind`.",
    hint_fr="Cherchez le numéro dans le référentiel, ou corrigez `kind`.",
)
OTHER_KIND = declare(
    "R302",
    Severity.ERROR,
    en="the SIREN {siren} is that of {name}, whose kind is `{right}`, not `{category}`",
    fr="le SIREN {siren} est celui de {name}, de catégorie `{right}` et non `{category}`",
    hint_en="Write `kind: {right}`, or the collectivity's own SIREN.",
    hint_fr="Écrivez `kind: {right}`, ou le SIREN propre à la collectivité.",
)
NOT_NINE = declare(
    "R303",
    Severity.ERROR,
    en="`{siren}` is no SIREN: nine digits are needed",
    fr="« {siren} » n'est pas un SIREN : il faut neuf chiffres",
    hint_en="Write the nine digits between quotes, without spaces; of a SIRET, the first nine.",
    hint_fr="Écrivez les neuf chiffres entre guillemets, sans espace ; d'un SIRET, les neuf "
    "premiers.",
)

IN_REFERENCE = frozenset({"commune", "epci"})
PATH = ("collectivity", "siren")


def check(case: Case) -> Iterator[Finding]:
    """Judge the SIREN by itself and against the reference."""
    siren, kind = case.collectivity.siren, case.collectivity.kind
    place = case.place
    if place is not None:
        right = "epci" if isinstance(place, reference.Epci) else "commune"
        if kind != right:
            facts = {"siren": siren, "name": place.name, "right": right, "category": kind}
            yield Finding(OTHER_KIND, ("collectivity", "kind"), "value", facts)
        return
    fault = fault_of(siren)
    if fault:
        yield Finding(fault[0], PATH, "value", fault[1])
    elif kind in IN_REFERENCE and not case.collectivity.retired:
        facts = {"siren": siren, "category": kind, "date": reference.dated().isoformat()}
        yield Finding(UNKNOWN, PATH, "value", facts)


def fault_of(siren: str) -> tuple[Kind, dict[str, str]] | None:
    """What is wrong with `siren` by itself; None when nothing is."""
    fault = siren_fault(siren)
    if fault is None:
        return None
    if fault.kind is not FaultKind.CHECK_DIGIT:
        return NOT_NINE, {"siren": siren}
    right = siren[:-1] + fault.expected
    facts = {"siren": siren, "expected": fault.expected, "found": fault.found, "right": right}
    return WRONG_DIGIT, facts
