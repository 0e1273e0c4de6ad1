# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours of the desk that many people cannot read.

Text needs a contrast of 4.5 with its ground (WCAG 2.1, 1.4.3, level AA, which the RGAA asks for).
Both colours stand on white, or white on them.

---
Des couleurs du guichet que beaucoup ne peuvent pas lire.

Un texte demande un contraste de 4,5 avec son fond (WCAG 2.1, 1.4.3, niveau AA, exigé par le RGAA).
Les deux couleurs sont sur du blanc, ou le blanc sur elles.

Wrong:

```yaml
domains: {cahors.fr: {}}
guichet: {domain: demarches.cahors.fr, colours: {primary: "#f5b301"}}
```

Right:

```yaml
domains: {cahors.fr: {}}
guichet: {domain: demarches.cahors.fr, colours: {primary: "#1f4e79"}}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bastide.diagnostics import Severity, declare
from bastide.rules.rule import Finding

if TYPE_CHECKING:
    from bastide.rules.case import Case

PALE = declare(
    "R610",
    Severity.ERROR,
    en="{colour} on white has a contrast of {contrast}; 4.5 is needed",
    fr="{colour} sur du blanc a un contraste de {contrast} ; il faut 4,5",
    hint_en="Take a darker one, for instance {darker}.",
    hint_fr="Prenez-en une plus sombre, par exemple {darker}.",
)


def check(case: Case) -> Iterator[Finding]:
    """Measure what is declared, with the code of the desk."""
    guichet = case.collectivity.guichet
    if guichet is None or not guichet.colours:
        return
    from guichet.tenancy.contrast import ENOUGH, WHITE, contrast

    for name, colour in guichet.colours.items():
        found = contrast(colour, WHITE)
        if found < ENOUGH:
            darker = colour
            while contrast(darker, WHITE) < ENOUGH:
                darker = _darkened(darker)
            # Rounded down: 4.496 is not enough, and shall not look so.
            shown = f"{int(found * 100) / 100:.2f}"
            facts = {"colour": colour, "contrast": shown, "darker": darker}
            yield Finding(PALE, ("guichet", "colours", name), "value", facts)


def _darkened(colour: str) -> str:
    parts = (int(int(colour[place : place + 2], 16) * 0.95) for place in (1, 3, 5))
    return "#" + "".join(f"{part:02x}" for part in parts)
