# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works at the desk: an address, and what is treated there.

An agent is a function with an address; links to enter are mailed there. A case officer needs
procedures, and these are some that the desk offers. The same holds for what sheets of the national
guide lead to.

---
Qui travaille au guichet : une adresse, et ce qui y est traité.

Un agent est une fonction avec une adresse, où les liens d'entrée sont envoyés. Un instructeur
(`officer`) demande des démarches, que le guichet propose. Il en va de même des démarches vers
lesquelles mènent les fiches du guide national.

Wrong:

```yaml
domains: {cahors.fr: {}}
guichet:
  domain: demarches.cahors.fr
  procedures: [acte-naissance]
  agents:
    etat-civil@cahors.fr: {role: officer}
    accueil@cahors.fr: {role: reader, procedures: [acte-naisance]}
```

Right:

```yaml
domains: {cahors.fr: {}}
guichet:
  domain: demarches.cahors.fr
  procedures: [acte-naissance]
  agents:
    etat-civil@cahors.fr: {role: officer, procedures: [acte-naissance]}
    accueil@cahors.fr: {role: reader}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bastide.diagnostics import Path, Severity, declare
from bastide.model.guichet import can_be_invited
from bastide.model.names import within
from bastide.rules.alike import most_alike
from bastide.rules.rule import Finding

if TYPE_CHECKING:
    from bastide.rules.case import Case

IDLE = declare(
    "R611",
    Severity.ERROR,
    en="{address} is an officer without a procedure to treat",
    fr="{address} est officer sans démarche à traiter",
    hint_en="Name `procedures`, or let the role be `manager` or `reader`.",
    hint_fr="Nommez `procedures`, ou donnez le rôle `manager` ou `reader`.",
)
NOT_OFFERED = declare(
    "R612",
    Severity.ERROR,
    en="this desk offers no procedure `{name}`",
    fr="ce guichet ne propose pas de démarche « {name} »",
    hint_en="Add it to `procedures`. Nearest: {nearest}.",
    hint_fr="Ajoutez-la à `procedures`. Les plus proches : {nearest}.",
)
NO_ADDRESS = declare(
    "R613",
    Severity.ERROR,
    en="`{address}` is no address that links can be mailed to",
    fr="« {address} » n'est pas une adresse où envoyer des liens",
    hint_en="Write the address of a function, such as etat-civil@{domain}.",
    hint_fr="Écrivez l'adresse d'une fonction, comme etat-civil@{domain}.",
)
ELSEWHERE = declare(
    "R614",
    Severity.WARNING,
    en="{address} is on none of this collectivity's domains, and is to see what citizens file",
    fr="{address} n'est sur aucun domaine de la collectivité, et verra ce que déposent les usagers",
    hint_en="Right for a shared service; otherwise take an address on {domain}.",
    hint_fr="Juste pour un service mutualisé ; sinon prenez une adresse sur {domain}.",
)


def check(case: Case) -> Iterator[Finding]:
    """Look at agents, and at what sheets lead to."""
    guichet = case.collectivity.guichet
    if guichet is None:
        return
    library = case.context.catalogues.procedures
    offered = {one.slug for one in guichet.offered}
    # A name that the library lacks is told by its own rule, and is nobody's way out.
    good = {one.slug for one in guichet.offered if one.kind != "library" or one.target in library}
    own = [str(domain.ascii) for domain in case.live_domains]
    own += sorted(case.context.platform.shared_domains)
    for agent in guichet.agents:
        path = ("guichet", "agents", agent.address)
        facts = {"address": agent.address, "domain": own[0] if own else guichet.domain}
        if agent.normal is None or not can_be_invited(agent.normal):
            yield Finding(NO_ADDRESS, path, "key", facts)
        elif not any(within(agent.normal.rpartition("@")[2], domain) for domain in own):
            yield Finding(ELSEWHERE, path, "key", facts)
        if agent.role == "officer" and not agent.procedures:
            yield Finding(IDLE, path, "key", facts)
        for place, name in enumerate(agent.procedures):
            yield from _look_up(name, offered, good, (*path, "procedures", place))
    for key, one in guichet.enrichments.items():
        if "procedure" in one:
            yield from _look_up(
                one["procedure"], offered, good, ("guichet", "enrichments", key, "procedure")
            )


def _look_up(name: str, offered: set[str], good: set[str], path: Path) -> Iterator[Finding]:
    if name not in offered:
        facts = {"name": name, "nearest": most_alike(name, good) or "-"}
        yield Finding(NOT_OFFERED, path, "value", facts)
