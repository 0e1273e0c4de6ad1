# SPDX-License-Identifier: GPL-3.0-or-later
"""Names are proved by DNS in a zone of the operator that holds nothing else.

`tls.acme: {challenge: dns}` needs that zone. It lies below a domain of the operator's file, whose
zone delegates it; no domain, record or server of anybody lies in it, since it is no zone of a
charter: the hosts write to it. Where the zones are at Cloudflare, other name servers give it.

---
Les noms sont prouvés par le DNS dans une zone de l'opérateur qui ne contient rien d'autre.

`tls.acme: {challenge: dns}` demande cette zone. Elle est placée sous un domaine du fichier de
l'opérateur, dont la zone la délègue ; aucun domaine, enregistrement ni serveur ne s'y trouve, car
elle n'est la zone d'aucun fichier : les machines y écrivent. Quand les zones sont chez Cloudflare,
d'autres serveurs de noms la donnent.

Wrong:

```yaml
dns: {provider: knot}
tls:
  mode: acme
  acme: {directory: https://acme.example/dir, challenge: dns}
```

Right:

```yaml
dns: {provider: knot}
tls:
  mode: acme
  acme: {directory: https://acme.example/dir, challenge: dns, zone: acme.info46.com}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Index, Platform
from bastide.model.names import to_ascii, within
from bastide.model.services import platform_hosts
from bastide.rules.case import Case
from bastide.rules.rule import Finding

NO_ZONE = declare(
    "R525",
    Severity.ERROR,
    en="names are to be proved by DNS, but no zone is named for it",
    fr="les noms doivent être prouvés par le DNS, mais aucune zone n'est nommée pour cela",
    hint_en="Add `zone`, a name below a domain of the operator as `acme.info46.com`, or write "
    "`challenge: http`.",
    hint_fr="Ajoutez `zone`, un nom sous un domaine de l'opérateur comme `acme.info46.com`, ou "
    "écrivez `challenge: http`.",
)
NOT_THE_OPERATORS = declare(
    "R526",
    Severity.ERROR,
    en="{zone} lies below no domain of the operator (SIREN {siren})",
    fr="{zone} n'est placé sous aucun domaine de l'opérateur (SIREN {siren})",
    hint_en="Name a zone below a domain that the operator's file declares, as `acme.info46.com`.",
    hint_fr="Nommez une zone sous un domaine que déclare le fichier de l'opérateur, comme "
    "`acme.info46.com`.",
)
NOT_EMPTY = declare(
    "R527",
    Severity.ERROR,
    en="{name} lies in {zone}, where names are proved (`tls.acme` of platform.yml) and nothing "
    "else may be",
    fr="{name} se trouve dans {zone}, où sont prouvés les noms (`tls.acme` de platform.yml) et "
    "rien d'autre",
    hint_en="Choose another name here, or another `zone` in platform.yml.",
    hint_fr="Choisissez un autre nom ici, ou une autre `zone` dans platform.yml.",
)
NO_SERVERS = declare(
    "R528",
    Severity.ERROR,
    en="{zone} is to be written to by the hosts, but its name servers are Cloudflare's",
    fr="les machines doivent écrire dans {zone}, mais ses serveurs de noms sont ceux de Cloudflare",
    hint_en="Give `tls.acme.nameservers`, the secondaries of a Knot of your own "
    "(docs/name-servers.md), or write `challenge: http`.",
    hint_fr="Donnez `tls.acme.nameservers`, les secondaires d'un Knot à vous "
    "(docs/name-servers.md), ou écrivez `challenge: http`.",
)
_ZONE = ("tls", "acme", "zone")


def check_proofs(platform: Platform, index: Index) -> Iterator[Finding]:
    """Judge how names are proved, as `tls.acme` of `platform` says; `index` is the fleet's."""
    tls = platform.tls
    if tls.mode != "acme" or tls.challenge != "dns":
        return
    if tls.zone is None:
        yield Finding(NO_ZONE, ("tls", "acme", "challenge"), "value", {})
        return
    facts = {"zone": tls.zone, "siren": platform.operator_siren}
    above = index.domain_holding(tls.zone) if to_ascii(tls.zone) else None
    holders = [index.facts(slug) for slug in index.holders_of_domain(above or "")]
    if platform.operator_siren not in {one.siren for one in holders if one}:
        yield Finding(NOT_THE_OPERATORS, _ZONE, "value", facts)
    for host in sorted({*platform_hosts(platform), *platform.mail.mx}):
        if within(host, tls.zone):
            yield Finding(NOT_EMPTY, _ZONE, "value", {**facts, "name": host})
    if platform.dns.provider == "cloudflare" and not tls.nameservers:
        yield Finding(NO_SERVERS, ("tls", "acme", "challenge"), "value", facts)


def check_inside(case: Case) -> Iterator[Finding]:
    """Domains and hand-written records of one collectivity that lie in the zone of proofs."""
    zone = case.context.platform.tls.proofs
    if not zone:
        return
    for domain in case.live_domains:
        if within(str(domain.ascii), zone):
            facts = {"name": domain.name, "zone": zone}
            yield Finding(NOT_EMPTY, ("domains", domain.name), "key", facts)
    for held in case.zones:
        for owner, record in () if within(held.name, zone) else held.entries:
            if within(owner.removesuffix("."), zone):
                facts = {"name": owner.removesuffix("."), "zone": zone}
                yield Finding(NOT_EMPTY, held.path(record, "name"), "value", facts)
