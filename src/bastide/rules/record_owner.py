# SPDX-License-Identifier: GPL-3.0-or-later
"""A name at which nobody looks for such a record.

Programs ask for some types at names of a fixed form: SRV and URI at `_service._protocol`
(RFC 2782, 7553), TLSA at `_port._protocol` (RFC 6698 §3), OPENPGPKEY and SMIMEA at the first
28 octets of the SHA-256 of what stands before the @, in hexadecimal, below `_openpgpkey` or
`_smimecert` (RFC 7929 §3, 8162 §3).

---
Un nom auquel nul ne cherche un tel enregistrement.

Les logiciels demandent certains types à des noms de forme fixe : SRV et URI à
`_service._protocole` (RFC 2782, 7553), TLSA à `_port._protocole` (RFC 6698 §3), OPENPGPKEY et
SMIMEA aux 28 premiers octets du SHA-256 de ce qui précède l'@, en hexadécimal, sous
`_openpgpkey` ou `_smimecert` (RFC 7929 §3, 8162 §3).

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: sip, type: SRV, content: 5 5060 sip.example.fr, priority: 10}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: _sip._tcp, type: SRV, content: 5 5060 sip.example.fr, priority: 10}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.rules.case import Case
from bastide.rules.rule import Finding

UNASKED = declare(
    "R468",
    Severity.WARNING,
    en="nobody looks for a {type} record at {name}",
    fr="nul ne cherche un enregistrement {type} à {name}",
    hint_en="Such a name looks like `{example}`.",
    hint_fr="Un tel nom ressemble à `{example}`.",
)
_HASH = "c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6"
EXAMPLES = {
    "SRV": "_sip._tcp",
    "URI": "_https._tcp",
    "TLSA": "_25._tcp.mail",
    "OPENPGPKEY": f"{_HASH}._openpgpkey",
    "SMIMEA": f"{_HASH}._smimecert",
}
# A wildcard may stand in the place of a port or of a hash.
_SERVICE = re.compile(r"(?:_[a-z0-9-]+\.|\*\.)*_[a-z0-9-]+\.")
_FORMS = {
    "SRV": _SERVICE,
    "URI": _SERVICE,
    "TLSA": re.compile(r"(?:_[0-9]{1,5}|\*)\._(?:tcp|udp|sctp)\."),
    "OPENPGPKEY": re.compile(r"(?:[0-9a-f]{56}|\*)\._openpgpkey\."),
    "SMIMEA": re.compile(r"(?:[0-9a-f]{56}|\*)\._smimecert\."),
}


def check(case: Case) -> Iterator[Finding]:
    """Compare the names of such records with the form that is asked for."""
    for zone in case.zones:
        if not zone.types & _FORMS.keys():
            continue
        for owner, record in zone.entries:
            form = _FORMS.get(record.type)
            if form and not form.match(owner):
                facts = {"name": owner, "type": record.type, "example": EXAMPLES[record.type]}
                yield Finding(UNASKED, zone.path(record, "name"), "value", facts)
