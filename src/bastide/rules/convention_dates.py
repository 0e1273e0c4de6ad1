# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates of the convention that are no dates, or stand in the wrong order.

---
Des dates de convention qui n'en sont pas, ou qui sont dans le mauvais ordre.

Wrong:

```yaml
convention: {signed_on: "2024-02-30", ends_on: "2020-12-31", modules: [internet]}
```

Right:

```yaml
convention: {signed_on: "2024-03-01", ends_on: "2099-12-31", modules: [internet]}
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.case import Case
from bastide.rules.rule import Finding

NO_DATE = declare(
    "R310",
    Severity.ERROR,
    en="`{date}` is no day of the calendar",
    fr="« {date} » n'est pas un jour du calendrier",
    hint_en="Write year-month-day, for instance 2024-03-01.",
    hint_fr="Écrivez année-mois-jour, par exemple 2024-03-01.",
)
ORDER = declare(
    "R311",
    Severity.ERROR,
    en="the convention ends on {ends_on}, before it is signed on {signed_on}",
    fr="la convention prend fin le {ends_on}, avant sa signature le {signed_on}",
    hint_en="Correct one of the two dates.",
    hint_fr="Corrigez l'une des deux dates.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the two dates of the convention."""
    convention = case.collectivity.convention
    if convention is None:
        return
    dates = {"signed_on": convention.signed_on, "ends_on": convention.ends_on}
    read = {field: read_date(text) for field, text in dates.items()}
    for field, text in dates.items():
        if text is not None and read[field] is None:
            yield Finding(NO_DATE, ("convention", field), "value", {"date": text})
    signed_on, ends_on = read["signed_on"], read["ends_on"]
    if signed_on and ends_on and ends_on < signed_on:
        facts = {"signed_on": str(signed_on), "ends_on": str(ends_on)}
        yield Finding(ORDER, ("convention", "ends_on"), "value", facts)


def read_date(text: str | None) -> dt.date | None:
    """The day that `text` names as year-month-day; None when it names none."""
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None
