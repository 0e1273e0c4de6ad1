# SPDX-License-Identifier: GPL-3.0-or-later
"""A hand-written DMARC record that receivers or checkers read otherwise than it is meant.

The policy `p` stands second (RFC 7489 §6.4): the RPNT's checker takes the first `p=` that it
meets, also the end of `sp=`. `pct`, `rf` and `ri` are no longer part of DMARC (RFC 9989), but
the RPNT takes a `pct` under 100 for no policy at all (criterion 2.7).

---
Un enregistrement DMARC écrit à la main qui est lu autrement qu'il n'est pensé.

La politique `p` vient en deuxième (RFC 7489 §6.4) : l'outil du RPNT prend le premier `p=`
qu'il rencontre, y compris la fin de `sp=`. `pct`, `rf` et `ri` ne font plus partie de DMARC
(RFC 9989), mais le RPNT tient un `pct` sous 100 pour une absence de politique (critère 2.7).

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: "@", type: MX, content: mx.example.fr, priority: 10}
      - {name: _dmarc, type: TXT, content: "v=DMARC1; sp=none; p=quarantine; pct=50"}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: "@", type: MX, content: mx.example.fr, priority: 10}
      - {name: _dmarc, type: TXT, content: "v=DMARC1; p=quarantine; sp=none"}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.rdata import text_of
from bastide.rules.case import Case
from bastide.rules.record_conflict import policy_of
from bastide.rules.rule import Finding

UNTIDY = declare(
    "R477",
    Severity.WARNING,
    en="this DMARC record is misread: `{tags}` is obsolete or stands before `p`",
    fr="cet enregistrement DMARC sera mal lu : `{tags}` est désuet ou placé avant `p`",
    hint_en="Write `{corrected}`.",
    hint_fr="Écrivez `{corrected}`.",
)
NO_POLICY = declare(
    "R478",
    Severity.ERROR,
    en="this DMARC record has no policy: `p` must be none, quarantine or reject",
    fr="cet enregistrement DMARC n'a pas de politique : `p` doit valoir none, quarantine ou reject",
    hint_en="Write `v=DMARC1; p=quarantine`, and the other tags behind it.",
    hint_fr="Écrivez `v=DMARC1; p=quarantine`, et les autres étiquettes ensuite.",
)
POLICIES = frozenset({"none", "quarantine", "reject"})
_GONE = ("pct", "rf", "ri")


def check(case: Case) -> Iterator[Finding]:
    """Judge the hand-written DMARC records of each domain."""
    for zone in case.zones:
        for owner, record in zone.entries if "TXT" in zone.types else ():
            # What stands below `_report._dmarc` lets reports in, and has no policy.
            if record.type != "TXT" or not owner.startswith("_dmarc."):
                continue
            if policy_of(record.content) != "v=dmarc1":
                continue
            path = zone.path(record, "content")
            tags = _tags(text_of(record.content))
            if dict(reversed(tags)).get("p", "").lower() not in POLICIES:
                yield Finding(NO_POLICY, path, "value")
            elif untidy := _untidy(tags):
                facts = {"tags": ", ".join(untidy), "corrected": corrected(tags)}
                yield Finding(UNTIDY, path, "value", facts)


def _tags(text: str) -> list[tuple[str, str]]:
    """Tag and value of each entry, in order; tags in lower case."""
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    return [(tag.strip().lower(), value.strip()) for tag, _, value in parts]


def _untidy(tags: list[tuple[str, str]]) -> list[str]:
    """Tags that must go, and those that stand before the policy."""
    names = [tag for tag, _ in tags]
    return [*(tag for tag in names if tag in _GONE), *names[1 : names.index("p")]]


def corrected(tags: list[tuple[str, str]]) -> str:
    """The record with its policy first and without what is no longer part of DMARC."""
    kept = [(tag, value) for tag, value in tags if tag not in {*_GONE, "v", "p"}]
    policy = next(value for tag, value in tags if tag == "p")
    return "; ".join(["v=DMARC1", f"p={policy}", *(f"{tag}={value}" for tag, value in kept)])
