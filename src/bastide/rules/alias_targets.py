# SPDX-License-Identifier: GPL-3.0-or-later
"""The targets of an alias.

An alias leads to at most 50 different addresses, inside or outside; for more, a mailing
list keeps replies and complaints in hand.

---
Les destinations d'un alias.

Un alias mène à des adresses distinctes, 50 au plus, du dedans ou du dehors ; au-delà, une
liste de diffusion garde la main sur les réponses et les plaintes.

Wrong:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts: {mairie@cahors.fr: {kind: classic}}
  aliases:
    contact@cahors.fr: [mairie]
    accueil@cahors.fr: [mairie@cahors.fr, Mairie@cahors.fr]
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts: {mairie@cahors.fr: {kind: classic}}
  aliases:
    contact@cahors.fr: [mairie@cahors.fr, mairie.cahors@example.fr]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Alias
from bastide.model.names import normal_address
from bastide.rules.case import Case
from bastide.rules.mail_address import MAX_ADDRESS, MAX_LOCAL
from bastide.rules.rule import Finding

MOST = 50

TOO_MANY = declare(
    "R368",
    Severity.ERROR,
    en="the alias {alias} has {count} targets; at most {most} are allowed",
    fr="l'alias {alias} a {count} destinations ; {most} au plus sont permises",
    hint_en="Use a mailing list, or an alias of aliases by group.",
    hint_fr="Employez une liste de diffusion, ou un alias d'alias par groupe.",
)
NO_ADDRESS = declare(
    "R369",
    Severity.ERROR,
    en="`{target}` is no address that mail can be sent on to",
    fr="« {target} » n'est pas une adresse à laquelle faire suivre du courrier",
    hint_en="Write it as `mairie@cahors.fr`.",
    hint_fr="Écrivez-la sous la forme `mairie@cahors.fr`.",
)
TWICE = declare(
    "R370",
    Severity.WARNING,
    en="the alias {alias} leads to {target} twice",
    fr="l'alias {alias} mène deux fois à {target}",
    hint_en="Remove one of the two.",
    hint_fr="Retirez l'une des deux.",
)

# The dot-atom of RFC 5322 §3.2.3: addresses outside are not ours to restrict further, but
# a first hyphen, a quote or a pipe would mean something to a mail server.
_TEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{}~-]"
_LOCAL = re.compile(rf"(?!-){_TEXT}+(?:\.{_TEXT}+)*\Z")


def check(case: Case) -> Iterator[Finding]:
    """Judge the targets of every alias."""
    for alias in case.collectivity.aliases:
        path = ("mail", "aliases", alias.address)
        count = len(alias.targets)
        if count > MOST:
            facts = {"alias": alias.address, "count": str(count), "most": str(MOST)}
            yield Finding(TOO_MANY, path, "key", facts)
        yield from _targets(alias)


def _targets(alias: Alias) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, target in enumerate(alias.targets):
        path = ("mail", "aliases", alias.address, place)
        normal = normal_address(target)
        if normal is None or not _good(target):
            yield Finding(NO_ADDRESS, path, "value", {"target": target})
        elif normal in seen:
            yield Finding(TWICE, path, "value", {"alias": alias.address, "target": normal})
        else:
            seen.add(normal)


def _good(target: str) -> bool:
    local = target.rpartition("@")[0]
    return (
        len(local) <= MAX_LOCAL and len(target) <= MAX_ADDRESS and _LOCAL.match(local) is not None
    )
