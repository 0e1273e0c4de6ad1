# SPDX-License-Identifier: GPL-3.0-or-later
"""A convention that has ended, or soon will.

Past its end the operator has no mandate: it is an error as long as the file declares
services and is not retired. Sixty days before, it is a warning, time enough for a
deliberation of the council.

---
Une convention échue, ou qui va l'être.

Passé son terme, l'opérateur n'a plus de mandat : c'est une erreur tant que le fichier
déclare des services et n'est pas retiré. Soixante jours avant, c'est un avertissement, le
temps d'une délibération du conseil.

Wrong:

```yaml
convention: {signed_on: "2019-01-01", ends_on: "2022-12-31", modules: [internet]}
domains: {cahors.fr: {}}
```

Right:

```yaml
convention: {signed_on: "2019-01-01", ends_on: "2099-12-31", modules: [internet]}
domains: {cahors.fr: {}}
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Facts, Index
from bastide.rules.convention_dates import read_date
from bastide.rules.rule import Finding

NOTICE = 60

ENDED = declare(
    "R308",
    Severity.ERROR,
    en="the convention ended on {ends_on} ({days} d ago)",
    fr="la convention a pris fin le {ends_on} (il y a {days} j)",
    hint_en="Write the new `ends_on` once it is renewed, or `state: retired` to give up its "
    "services.",
    hint_fr="Écrivez le nouvel `ends_on` une fois reconduite, ou `state: retired` pour arrêter les "
    "services.",
)
ENDING = declare(
    "R309",
    Severity.WARNING,
    en="the convention ends on {ends_on} (in {days} d)",
    fr="la convention prend fin le {ends_on} (dans {days} j)",
    hint_en="Have it renewed by the council, then write the new `ends_on`.",
    hint_fr="Faites-la reconduire par le conseil, puis écrivez le nouvel `ends_on`.",
)


def check(facts: Facts, _index: Index, today: dt.date) -> Iterator[Finding]:
    """Compare the end of the convention with `today`."""
    if facts.ends_on is None or not (facts.domains or facts.addresses or facts.hosts):
        return
    ends_on = read_date(facts.ends_on)
    if ends_on is None:
        return
    left = (ends_on - today).days
    if left < NOTICE:
        kind = ENDED if left < 0 else ENDING
        days = {"ends_on": str(ends_on), "days": str(abs(left))}
        yield Finding(kind, ("convention", "ends_on"), "value", days)
