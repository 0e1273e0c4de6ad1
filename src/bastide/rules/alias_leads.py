# SPDX-License-Identifier: GPL-3.0-or-later
"""An alias that goes round in a circle, or to an address that does not exist.

Where the platform serves the mail of a domain, or publishes that it has none, every target
on it must be declared: mail to another address is refused. A circle of aliases, through
one file or several, is mail that never arrives; `mairie+archives@` counts as `mairie@`,
where it is delivered.

---
Un alias qui tourne en rond, ou mène à une adresse qui n'existe pas.

Là où la plateforme sert le courrier d'un domaine, ou publie qu'il n'en a pas, chaque
destination doit y être déclarée : le courrier des autres adresses est refusé. Un cercle
d'alias, dans un fichier ou plusieurs, est du courrier qui n'arrive jamais ;
`mairie+archives@` compte pour `mairie@`, où il est remis.

Wrong:

```yaml
domains: {cahors.fr: {}}
mail:
  aliases:
    contact@cahors.fr: [accueil@cahors.fr]
    accueil@cahors.fr: [contact@cahors.fr, mairie@cahors.fr]
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts: {mairie@cahors.fr: {kind: classic}}
  aliases:
    contact@cahors.fr: [accueil@cahors.fr]
    accueil@cahors.fr: [mairie@cahors.fr]
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Facts, Index
from bastide.model.names import target_address
from bastide.rules.cycles import cycles, show_cycle
from bastide.rules.rule import Finding

LOOP = declare(
    "R371",
    Severity.ERROR,
    en="the alias {alias} goes round in a circle: {loop}",
    fr="l'alias {alias} tourne en rond : {loop}",
    hint_en="Let one of these aliases lead to a mailbox instead.",
    hint_fr="Faites mener l'un de ces alias à une boîte.",
)
UNKNOWN = declare(
    "R372",
    Severity.ERROR,
    en="the alias {alias} leads to {target}, which nobody declares",
    fr="l'alias {alias} mène à {target}, que personne ne déclare",
    hint_en="Declare {target} as a mailbox or alias, or correct it.",
    hint_fr="Déclarez {target} comme boîte ou alias, ou corrigez l'adresse.",
)


def check(facts: Facts, index: Index, _today: dt.date) -> Iterator[Finding]:
    """Follow the aliases that begin in one file."""
    chained = []
    for alias, targets in facts.targets.items():
        kind, written = facts.addresses[alias]
        if kind == "account":
            chained.append(alias)  # the mailbox keeps a copy, the rest may lead back to it
        for place, text in enumerate(targets):
            leads_to = _kind(text, facts, index)
            if leads_to == "alias":
                chained.append(alias)
            elif leads_to == "unknown":
                path = ("mail", "aliases", written, place)
                claim = {"alias": written, "target": str(target_address(text))}
                yield Finding(UNKNOWN, path, "value", claim)
    for loop in cycles(dict.fromkeys(chained), lambda address: aliases_of(address, index)):
        written = facts.addresses[loop[0]][1]
        claim = {"alias": written, "loop": show_cycle(loop)}
        yield Finding(LOOP, ("mail", "aliases", written), "key", claim)


def _kind(text: str, facts: Facts, index: Index) -> str | None:
    """What the target `text` is: ``account``, ``alias``, ``unknown``, or None when outside."""
    own = facts.addresses.get(text)
    if own:
        return own[0]
    target = target_address(text)
    if target is None:
        return None
    if target in facts.addresses:
        return facts.addresses[target][0]
    domain = target.rpartition("@")[2]
    if domain not in index.shared_domains and not index.holders_of_domain(domain):
        return None
    kind = index.kind_of_address(target)
    return "unknown" if kind is None and index.is_local(domain) else kind


def aliases_of(address: str, index: Index) -> list[str]:
    """Addresses that the alias `address` reaches, in every file that rightly declares it."""
    found: list[str] = []
    for slug in index.holders_of_address(address):
        facts = index.facts(slug)
        if facts:
            found += filter(None, map(target_address, facts.targets.get(address, ())))
    return found
