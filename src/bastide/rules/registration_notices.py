# SPDX-License-Identifier: GPL-3.0-or-later
"""Letters about a renewal, and deliberations, that prove nothing as they are written.

A notice is a day of receipt and the SHA-256 of the letter: from the day follows whether the
name is renewed, and with the digest anybody can check that the letter on file is the one
that was meant. A withdrawal takes back a notice that came before it. For a name that is not
with the operator nothing is renewed here, so a notice has no effect.

---
Des lettres sur un renouvellement, ou des délibérations, qui ainsi écrites ne prouvent rien.

Un préavis, c'est un jour de réception et le SHA-256 de la lettre : du jour dépend le
renouvellement du nom, et l'empreinte permet à quiconque de vérifier que la lettre classée est
bien celle-là. Une rétractation revient sur un préavis reçu avant elle. Pour un nom qui n'est
pas chez l'opérateur, rien n'est renouvelé ici, et un préavis est sans effet.

Wrong:

```yaml
domains:
  cahors.fr:
    registration:
      notices:
        - {kind: withdrawal, received_on: "2026-02-30", channel: letter, evidence: lettre.pdf}
  ville-cahors.fr:
    registration:
      mode: external
      notices:
        - kind: withdrawal
          received_on: "2026-02-03"
          channel: letter
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

import re
from collections.abc import Iterator

from bastide.diagnostics import Path, Severity, declare
from bastide.model.collectivity import Domain
from bastide.rules.case import Case
from bastide.rules.convention_dates import read_date
from bastide.rules.rule import Finding

NO_DAY = declare(
    "R560",
    Severity.ERROR,
    en="`{date}` is no day of the calendar",
    fr="« {date} » n'est pas un jour du calendrier",
    hint_en="Write year-month-day, for instance 2026-11-02.",
    hint_fr="Écrivez année-mois-jour, par exemple 2026-11-02.",
)
NO_DIGEST = declare(
    "R561",
    Severity.ERROR,
    en="`{evidence}` is no SHA-256 of a letter",
    fr="« {evidence} » n'est pas le SHA-256 d'une lettre",
    hint_en="Let `bastide registrar notice {domain} --file LETTER` write it: `sha256:` and 64 "
    "hexadecimal digits.",
    hint_fr="Laissez `bastide registrar notice {domain} --file LETTRE` l'écrire : `sha256:` et 64 "
    "chiffres hexadécimaux.",
)
NOTHING_TO_WITHDRAW = declare(
    "R562",
    Severity.ERROR,
    en="this withdrawal, received on {date}, takes back no notice",
    fr="cette rétractation, reçue le {date}, ne revient sur aucun préavis",
    hint_en="Record the notice it speaks of too, with the day on which that came, or remove it.",
    hint_fr="Consignez aussi le préavis dont elle parle, avec son jour, ou retirez-la.",
)
NOT_RENEWED_HERE = declare(
    "R563",
    Severity.WARNING,
    en="{domain} is not renewed by the operator (`{mode}`), so this notice has no effect",
    fr="{domain} n'est pas renouvelé par l'opérateur (`{mode}`) : ce préavis est sans effet",
    hint_en="Tell whoever renews it, or correct `mode`.",
    hint_fr="Prévenez qui le renouvelle, ou corrigez `mode`.",
)

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def check(case: Case) -> Iterator[Finding]:
    """Judge the notices and deliberations of every domain."""
    for domain in case.collectivity.domains:
        if domain.notices or domain.deliberations:
            yield from _check(domain)


def _check(domain: Domain) -> Iterator[Finding]:
    base: Path = ("domains", domain.name, "registration")
    acts = [
        ((*base, "notices", i), "received_on", n.received_on, n.evidence)
        for i, n in enumerate(domain.notices)
    ]
    acts += [
        ((*base, "deliberations", i), "adopted_on", d.adopted_on, d.evidence)
        for i, d in enumerate(domain.deliberations)
    ]
    for path, field, date, evidence in acts:
        if read_date(date) is None:
            yield Finding(NO_DAY, (*path, field), "value", {"date": date})
        if not _DIGEST.match(evidence):
            facts = {"evidence": evidence, "domain": domain.name}
            yield Finding(NO_DIGEST, (*path, "evidence"), "value", facts)
    if domain.notices and domain.mode in {"external", "shared"}:
        facts = {"domain": domain.name, "mode": domain.mode}
        yield Finding(NOT_RENEWED_HERE, (*base, "notices"), "key", facts)
    yield from _withdrawals(domain, base)


def _withdrawals(domain: Domain, base: Path) -> Iterator[Finding]:
    """Each withdrawal takes back what stands when it comes; days decide, then the file."""
    dated = [(read_date(n.received_on), i, n.kind) for i, n in enumerate(domain.notices)]
    standing = False
    for day, index, kind in sorted((d, i, k) for d, i, k in dated if d is not None):
        if kind == "withdrawal" and not standing:
            path = (*base, "notices", index, "kind")
            yield Finding(NOTHING_TO_WITHDRAW, path, "value", {"date": str(day)})
        if kind != "renewal":
            standing = kind == "non_renewal"
