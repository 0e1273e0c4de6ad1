# SPDX-License-Identifier: GPL-3.0-or-later
"""A name below a domain that many collectivities share.

The RPNT treats a site on an operator's domain as no site at all (1.1 to 1.8), so a shared
sub-domain is for the time of a migration. It is declared with `mode: shared`, which only
makes sense below one of the platform's `shared_domains`; these themselves belong to the
operator, and so do the names of the platform's servers.

---
Un nom placé sous un domaine que plusieurs collectivités partagent.

Pour le RPNT, un site placé sur le domaine d'un opérateur n'est pas un site (1.1 à 1.8) :
un sous-domaine partagé n'est là que le temps d'une migration. Il se déclare avec
`mode: shared`, qui n'a de sens que sous l'un des `shared_domains` de la plateforme ;
ceux-ci appartiennent à l'opérateur, tout comme les noms des serveurs de la plateforme.

Wrong:

```yaml
domains:
  cahors.info46.com: {registration: {mode: shared}}
  cahors.fr: {registration: {mode: shared}}
  info46.com: {}
```

Right:

```yaml
domains:
  cahors.fr: {registration: {mode: managed}}
```
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from bastide.diagnostics import Severity, declare
from bastide.model import Platform
from bastide.model.names import within
from bastide.model.services import platform_hosts
from bastide.rules.case import Case
from bastide.rules.proofs import check_inside
from bastide.rules.rule import Finding

SHARED = declare(
    "R323",
    Severity.WARNING,
    en="{domain} is a name below the shared domain {shared}: a site there fails RPNT 1.1 to 1.8, "
    "mail fails 2.2 and 2.3",
    fr="{domain} est placé sous le domaine partagé {shared} : un site y échoue aux critères 1.1 à "
    "1.8 du RPNT, le courrier aux critères 2.2 et 2.3",
    hint_en="Register a domain of the collectivity's own, and use this one only until then.",
    hint_fr="Enregistrez un domaine propre à la collectivité, et n'employez celui-ci qu'en "
    "attendant.",
)
NOT_SHARED = declare(
    "R324",
    Severity.ERROR,
    en="{domain} has `mode: shared` but lies below none of the shared domains ({known})",
    fr="{domain} porte `mode: shared` mais ne se trouve sous aucun domaine partagé ({known})",
    hint_en="Write `managed`, `transfer` or `external`, or add the domain to `shared_domains` of "
    "platform.yml.",
    hint_fr="Écrivez `managed`, `transfer` ou `external`, ou ajoutez le domaine à "
    "`shared_domains` de platform.yml.",
)
OPERATORS = declare(
    "R325",
    Severity.ERROR,
    en="{domain} is a shared domain of the platform; only the operator (SIREN {siren}) declares it",
    fr="{domain} est un domaine partagé de la plateforme ; seul l'opérateur (SIREN {siren}) le "
    "déclare",
    hint_en="Remove it here. Mailboxes on it need no declaration; for a site, declare a name "
    "below it.",
    hint_fr="Retirez-le d'ici. Les boîtes de ce domaine n'ont pas besoin de déclaration ; pour un "
    "site, déclarez un nom situé dessous.",
)
SERVERS = declare(
    "R393",
    Severity.ERROR,
    en="a server of the platform bears the name {host}: {domain} is the operator's",
    fr="un serveur de la plateforme porte le nom {host} : {domain} est à l'opérateur",
    hint_en="Choose another name; those of `nameservers` and `mx` of platform.yml are in the "
    "operator's zone.",
    hint_fr="Choisissez un autre nom ; ceux de `nameservers` et `mx` de platform.yml sont dans la "
    "zone de l'opérateur.",
)


def check(case: Case) -> Iterator[Finding]:
    """Compare every live domain and its mode with the platform's shared domains."""
    platform = case.context.platform
    operator = case.collectivity.siren == platform.operator_siren
    below = tuple(f".{shared}" for shared in platform.shared_domains)
    servers = server_names(platform)
    yield from check_inside(case)
    for domain in case.live_domains:
        name = str(domain.ascii)
        if domain.mode != "shared" and not f".{name}".endswith(below):
            continue
        shared = next((s for s in platform.shared_domains if within(name, s)), None)
        facts = {"domain": domain.name, "shared": str(shared), "siren": platform.operator_siren}
        if shared is None:
            if domain.mode == "shared":
                facts["known"] = ", ".join(sorted(platform.shared_domains)) or "-"
                path = ("domains", domain.name, "registration", "mode")
                yield Finding(NOT_SHARED, path, "value", facts)
        elif operator:
            continue
        elif name == shared:
            yield Finding(OPERATORS, ("domains", domain.name), "key", facts)
        elif name in servers:
            # Elsewhere the holder of a domain may well lend a name of it to the platform.
            facts["host"] = servers[name]
            yield Finding(SERVERS, ("domains", domain.name), "key", facts)
        else:
            yield Finding(SHARED, ("domains", domain.name), "key", facts)


@functools.lru_cache(maxsize=4)
def _above(*hosts: str) -> Mapping[str, str]:
    """Every name whose zone would hold one of `hosts`, with that host."""
    found: dict[str, str] = {}
    for host in hosts:
        name = host
        while "." in name:
            found.setdefault(name, host)
            name = name.partition(".")[2]
    return found


def server_names(platform: Platform) -> Mapping[str, str]:
    """Names of the platform's servers, and those above them, with the server's name."""
    return _above(*platform_hosts(platform), *platform.mail.mx)
