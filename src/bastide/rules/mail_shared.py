# SPDX-License-Identifier: GPL-3.0-or-later
"""An address on a shared domain, and the addresses that `verify` uses.

Criterion 2.2 of the RPNT refuses addresses on a domain that many share, and 2.3 asks
that mail and site have the same domain. The platform's probe addresses are its own.

---
Une adresse sur un domaine partagé, et les adresses dont se sert `verify`.

Le critère 2.2 du RPNT refuse les adresses d'un domaine que plusieurs partagent, et le 2.3
demande le même domaine pour le courrier et le site. Les adresses de sonde de la
plateforme lui sont réservées.

Wrong:

```yaml
mail:
  accounts:
    mairie.cahors@info46.com: {kind: classic}
    probe@info46.com: {kind: classic}
```

Right:

```yaml
domains: {cahors.fr: {}}
mail: {accounts: {mairie@cahors.fr: {kind: classic}}}
```
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.names import normal_address
from bastide.rules.case import Address, Case
from bastide.rules.rule import Finding

SHARED = declare(
    "R362",
    Severity.WARNING,
    en="{address} is on the shared domain {domain}, which fails RPNT 2.2 and 2.3 (addresses so "
    "placed: {count})",
    fr="{address} est sur le domaine partagé {domain}, ce qui échoue aux critères 2.2 et 2.3 du "
    "RPNT (adresses dans ce cas : {count})",
    hint_en="Give the collectivity addresses on a domain of its own; keep this one as an alias "
    "until people have changed.",
    hint_fr="Donnez à la collectivité des adresses sur son propre domaine ; gardez celle-ci comme "
    "alias le temps du changement.",
)
PROBE = declare(
    "R363",
    Severity.ERROR,
    en="{address} is the platform's own, used by `bastide verify`",
    fr="{address} est réservée à la plateforme, pour `bastide verify`",
    hint_en="Choose another address; this one is `probe` of platform.yml.",
    hint_fr="Choisissez une autre adresse ; celle-ci est `probe` dans platform.yml.",
)


def check(case: Case) -> Iterator[Finding]:
    """Find the addresses on shared domains, and the platform's own."""
    platform = case.context.platform
    probes = _probes(platform.probe_sender, platform.probe_suspended)
    if not case.mail_domains & (platform.shared_domains | probes.keys()):
        return
    shared: dict[str, list[Address]] = {}
    for section, written, normal in case.addresses:
        if normal is None:
            continue
        domain = normal.rpartition("@")[2]
        if normal in probes.get(domain, ()):
            yield Finding(PROBE, ("mail", section, written), "key", {"address": written})
        elif domain in platform.shared_domains:
            shared.setdefault(domain, []).append((section, written, normal))
    if case.collectivity.siren == platform.operator_siren:
        return
    for domain, addresses in shared.items():
        section, written, _ = addresses[0]
        facts = {"address": written, "domain": domain, "count": str(len(addresses))}
        yield Finding(SHARED, ("mail", section, written), "key", facts)


@functools.lru_cache(maxsize=4)
def _probes(*written: str | None) -> dict[str, list[str]]:
    """The probe addresses of each domain."""
    found: dict[str, list[str]] = {}
    for normal in (normal_address(probe) for probe in written if probe):
        if normal:
            found.setdefault(normal.rpartition("@")[2], []).append(normal)
    return found
