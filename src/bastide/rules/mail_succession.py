# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox that takes another address, and an address that gets another holder.

`renamed_from` says that a mailbox is the one that had the former address: it keeps its
messages, folders and password. The former address may become an alias, but is no mailbox
any more, and only one mailbox comes from it. `new_holder` says the reverse: from that day
on the address is somebody else's, who begins with an empty mailbox and never sees the
former mail, which stays put aside.

---
Une boîte qui prend une autre adresse, et une adresse qui change de titulaire.

`renamed_from` dit qu'une boîte est celle de l'ancienne adresse : elle garde messages,
dossiers et mot de passe. L'ancienne adresse peut devenir un alias, mais n'est plus une
boîte, et une seule boîte en provient. `new_holder` dit l'inverse : dès ce jour l'adresse est
à quelqu'un d'autre, qui commence par une boîte vide et ne voit jamais l'ancien courrier,
mis de côté.

Wrong:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    accueil@cahors.fr: {kind: classic}
    mairie@cahors.fr: {kind: classic, renamed_from: accueil@cahors.fr}
    voirie@cahors.fr: {kind: classic, renamed_from: urbanisme}
    ecole@cahors.fr: {kind: classic, renamed_from: ecoles@cahors.fr}
    cantine@cahors.fr: {kind: classic, renamed_from: ecoles@cahors.fr}
    maire@cahors.fr: {kind: classic, new_holder: 2026-02-30}
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic, renamed_from: accueil@cahors.fr}
    maire@cahors.fr: {kind: classic, new_holder: 2026-03-30}
  aliases:
    accueil@cahors.fr: [mairie@cahors.fr]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Mailbox
from bastide.model.names import normal_address
from bastide.rules.case import Case
from bastide.rules.convention_dates import read_date
from bastide.rules.rule import Finding

NO_ADDRESS = declare(
    "R421",
    Severity.ERROR,
    en="`{former}` is no former address of {address}",
    fr="« {former} » n'est pas une ancienne adresse de {address}",
    hint_en="Write the address that the mailbox had before, or remove `renamed_from`.",
    hint_fr="Écrivez l'adresse que la boîte avait avant, ou retirez `renamed_from`.",
)
STILL_THERE = declare(
    "R422",
    Severity.ERROR,
    en="{address} is renamed from {former}, which is still a mailbox",
    fr="{address} est renommée depuis {former}, qui est encore une boîte",
    hint_en="Remove the mailbox {former}; it may become an alias.",
    hint_fr="Retirez la boîte {former} ; elle peut devenir un alias.",
)
TWICE = declare(
    "R423",
    Severity.ERROR,
    en="{address} and {other} are both renamed from {former}",
    fr="{address} et {other} sont toutes deux renommées depuis {former}",
    hint_en="One mailbox takes one new address: let the other one begin empty.",
    hint_fr="Une boîte prend une seule adresse : que l'autre commence vide.",
)
NO_DAY = declare(
    "R424",
    Severity.ERROR,
    en="`{date}` is no day of the calendar",
    fr="« {date} » n'est pas un jour du calendrier",
    hint_en="Write year-month-day, for instance 2026-09-01.",
    hint_fr="Écrivez année-mois-jour, par exemple 2026-09-01.",
)
BOTH = declare(
    "R425",
    Severity.ERROR,
    en="{address} cannot both bring its mail along and begin empty",
    fr="{address} ne peut à la fois garder son courrier et commencer vide",
    hint_en="Keep one of `renamed_from` and `new_holder`.",
    hint_fr="Gardez l'un des deux, `renamed_from` ou `new_holder`.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the renamed mailboxes and those with a new holder."""
    mailboxes = case.collectivity.mailboxes
    special = [one for one in mailboxes if one.renamed_from or one.new_holder]
    if not special:
        return
    standing = {one.normal for one in mailboxes}
    taken: dict[str, str] = {}
    for mailbox in special:
        path = ("mail", "accounts", mailbox.address)
        if mailbox.renamed_from and mailbox.new_holder:
            yield Finding(BOTH, path, "key", {"address": mailbox.address})
        elif mailbox.renamed_from:
            yield from _renamed(mailbox, mailbox.renamed_from, standing, taken)
        elif mailbox.new_holder and read_date(mailbox.new_holder) is None:
            yield Finding(NO_DAY, (*path, "new_holder"), "value", {"date": mailbox.new_holder})


def _renamed(
    mailbox: Mailbox, former: str, standing: set[str | None], taken: dict[str, str]
) -> Iterator[Finding]:
    path = ("mail", "accounts", mailbox.address, "renamed_from")
    facts = {"address": mailbox.address, "former": former}
    normal = normal_address(former)
    if normal is None or normal == mailbox.normal:
        yield Finding(NO_ADDRESS, path, "value", facts)
    elif normal in standing:
        yield Finding(STILL_THERE, path, "value", facts)
    elif normal in taken:
        yield Finding(TWICE, path, "value", {**facts, "other": taken[normal]})
    else:
        taken[normal] = mailbox.address
