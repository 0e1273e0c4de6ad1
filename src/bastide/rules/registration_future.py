# SPDX-License-Identifier: GPL-3.0-or-later
"""A letter or a deliberation of a day that has not come yet.

What was received is recorded afterwards: a day to come is a slip, most often in the year,
and would let a name lapse, or be renewed, against what the collectivity wrote.

---
Une lettre ou une délibération datée d'un jour à venir.

On consigne ce qui a été reçu : un jour à venir est une faute de frappe, le plus souvent dans
l'année, et ferait perdre un nom, ou le renouveler, contre ce que la collectivité a écrit.

Wrong:

```yaml
domains:
  cahors.fr:
    registration:
      notices:
        - kind: non_renewal
          received_on: "2096-02-03"
          channel: registered
          evidence: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
```

Right:

```yaml
domains:
  cahors.fr:
    registration:
      notices:
        - kind: non_renewal
          received_on: "2026-02-03"
          channel: registered
          evidence: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Path, Severity, declare
from bastide.model import Facts, Index
from bastide.rules.convention_dates import read_date
from bastide.rules.rule import Finding

TO_COME = declare(
    "R564",
    Severity.ERROR,
    en="{date} has not come yet (today is {today})",
    fr="le {date} est encore à venir (nous sommes le {today})",
    hint_en="Write the day on which it was received or adopted.",
    hint_fr="Écrivez le jour de sa réception ou de son adoption.",
)


def check(facts: Facts, _index: Index, today: dt.date) -> Iterator[Finding]:
    """Compare every day of notices and deliberations with `today`."""
    for name, _, _, _, notices in facts.registrations.values():
        base: Path = ("domains", name, "registration", "notices")
        for place, (_, received_on, _, _) in enumerate(notices):
            yield from _judge(received_on, (*base, place, "received_on"), today)
    for name, days in facts.decided.items():
        base = ("domains", name, "registration", "deliberations")
        for place, adopted_on in enumerate(days):
            yield from _judge(adopted_on, (*base, place, "adopted_on"), today)


def _judge(written: str, path: Path, today: dt.date) -> Iterator[Finding]:
    day = read_date(written)
    if day is not None and day > today:
        yield Finding(TO_COME, path, "value", {"date": str(day), "today": str(today)})
