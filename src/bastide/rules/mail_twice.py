# SPDX-License-Identifier: GPL-3.0-or-later
"""An address that one file declares twice.

Case makes no difference. An address is either a mailbox or an alias; both only where the
mailbox says `keep_copy: true`: then the alias sends on to the others, and the mailbox keeps
a copy.

---
Une adresse qu'un fichier déclare deux fois.

La casse ne compte pas. Une adresse est soit une boîte, soit un alias ; les deux seulement
si la boîte porte `keep_copy: true` : l'alias fait alors suivre aux autres, et la boîte
garde une copie.

Wrong:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic}
    Mairie@cahors.fr: {kind: classic}
    accueil@cahors.fr: {kind: classic, keep_copy: true}
  aliases:
    mairie@cahors.fr: [accueil@example.fr]
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic, keep_copy: true}
  aliases:
    mairie@cahors.fr: [accueil@example.fr]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.case import Address, Case
from bastide.rules.rule import Finding

BOTH = declare(
    "R359",
    Severity.ERROR,
    en="{address} is both a mailbox and an alias (`{other}`)",
    fr="{address} est à la fois une boîte et un alias (« {other} »)",
    hint_en="Write `keep_copy: true` at the mailbox to have both, or keep one of the two.",
    hint_fr="Écrivez `keep_copy: true` à la boîte pour avoir les deux, ou gardez l'un des deux.",
)
TWICE = declare(
    "R360",
    Severity.ERROR,
    en="{address} is already declared as `{other}`; case makes no difference",
    fr="{address} est déjà déclarée sous la forme « {other} » ; la casse ne compte pas",
    hint_en="Keep one of the two.",
    hint_fr="Gardez l'une des deux.",
)
NO_COPY = declare(
    "R420",
    Severity.ERROR,
    en="{address} keeps a copy, but no alias of the same address sends anything on",
    fr="{address} garde une copie, mais aucun alias de même adresse ne fait suivre",
    hint_en="Write the alias with its targets under `aliases`, or remove `keep_copy`.",
    hint_fr="Écrivez l'alias et ses destinations sous `aliases`, ou retirez `keep_copy`.",
)


def check(case: Case) -> Iterator[Finding]:
    """Find addresses with the same normal form, and copies of nothing."""
    copies = {m.normal: m.address for m in case.collectivity.mailboxes if m.keep_copy}
    forwarded = {alias.normal for alias in case.collectivity.aliases} if copies else set()
    for normal, written in copies.items():
        if normal and normal not in forwarded:
            path = ("mail", "accounts", written, "keep_copy")
            yield Finding(NO_COPY, path, "key", {"address": written})
    addresses = case.addresses
    if len({normal for _, _, normal in addresses}) == len(addresses):
        return
    seen: dict[str, Address] = {}
    for address in addresses:
        section, written, normal = address
        if normal is None:
            continue
        first = seen.setdefault(normal, address)
        if first is address:
            continue
        if first[0] != section and normal in copies:
            copies.pop(normal)  # once: an alias written twice is still one too many
            continue
        kind = TWICE if first[0] == section else BOTH
        facts = {"address": written, "other": first[1]}
        yield Finding(kind, ("mail", section, written), "key", facts)
