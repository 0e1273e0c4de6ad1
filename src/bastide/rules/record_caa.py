# SPDX-License-Identifier: GPL-3.0-or-later
"""CAA records by hand that do not go with those of the platform.

`dns.caa` of platform.yml names the authorities that certify what the platform serves. CAA
records of the domain itself join them. At a name below they take their place, since an
authority looks at the nearest name alone (RFC 8659 §3): they must then name one of the
platform's, where the platform serves that name. What is written by hand and served elsewhere
needs a certificate too, perhaps of another authority.

---
Des enregistrements CAA écrits à la main qui ne vont pas avec ceux de la plateforme.

`dns.caa` de platform.yml nomme les autorités qui certifient ce que sert la plateforme. Les CAA
du domaine lui-même s'y ajoutent. À un nom placé dessous ils les remplacent, car une autorité
ne regarde que le nom le plus proche (RFC 8659 §3) : ils doivent alors en nommer une de la
plateforme, là où elle sert ce nom. Ce qui est écrit à la main et servi ailleurs demande aussi
un certificat, peut-être d'une autre autorité.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: "@", type: CAA, content: '0 issue ";"'}
      - {name: www, type: CAA, content: '0 issue "ca.example.org"'}
      - {name: plan, type: A, content: 192.0.2.7}
site: {kind: cms, domain: www.cahors.fr}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: "@", type: CAA, content: '0 issue "ca.example.org"'}
      - {name: plan, type: A, content: 192.0.2.7}
site: {kind: cms, domain: www.cahors.fr}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import DeclaredRecord
from bastide.model.clients import sts_records
from bastide.model.rdata import target_of
from bastide.model.services import domain_use
from bastide.rules.case import Case, Zone
from bastide.rules.rule import Finding

NOBODY = declare(
    "R479",
    Severity.ERROR,
    en="this forbids every certificate of {name}, and what is served there needs one",
    fr="ceci interdit tout certificat de {name}, et ce qui y est servi en demande un",
    hint_en="Remove it; `dns.caa` of platform.yml already allows only {issuers}. To forbid "
    'wildcards write `0 issuewild ";"`.',
    hint_fr="Retirez-le ; `dns.caa` de platform.yml ne permet déjà que {issuers}. Pour interdire "
    'les jokers, écrivez `0 issuewild ";"`.',
)
SHUT_OUT = declare(
    "R500",
    Severity.ERROR,
    en="these CAA records shut out {issuers}, which certifies {host} for the platform",
    fr="ces CAA écartent {issuers}, qui certifie {host} pour la plateforme",
    hint_en='Add `0 issue "{first}"` at the same name, or write them at `@`, where the platform\'s '
    "join them.",
    hint_fr='Ajoutez `0 issue "{first}"` au même nom, ou écrivez-les à `@`, où ceux de la '
    "plateforme s'y ajoutent.",
)
ELSEWHERE = declare(
    "R486",
    Severity.INFO,
    en="{name} is served elsewhere; by CAA its certificate can only come from {issuers}",
    fr="{name} est servi ailleurs ; d'après CAA son certificat ne peut venir que de {issuers}",
    hint_en="If another authority certifies it, add a CAA record for that one at {name}.",
    hint_fr="Si une autre autorité le certifie, ajoutez-y un CAA pour {name}.",
)
_ISSUE = re.compile(r"\s*[0-9]+\s+issue\s+\"?\s*([^\";\s]*)", re.IGNORECASE)
_LEADS = frozenset({"A", "AAAA", "CNAME", "HTTPS", "SVCB"})
_WATCHED = _LEADS | {"CAA"}


def check(case: Case) -> Iterator[Finding]:
    """Compare the CAA records of each domain with what is served under it, and by whom."""
    issuers = case.context.platform.dns.caa_issuers
    if not issuers:
        return
    for zone in case.zones:
        if not zone.types & _WATCHED or zone.brought.get((zone.apex, "CAA")) != "caa":
            continue
        facts = {"issuers": ", ".join(issuers), "first": issuers[0]}
        if "CAA" in zone.types:
            yield from _forbidden(zone, facts)
            if any(t == "CAA" and owner != zone.apex for owner, t in zone.keys):
                yield from _shut_out(case, zone, frozenset(issuers), facts)
        if zone.types & _LEADS and (zone.apex, "CAA") not in zone.keys:
            yield from _elsewhere(zone, facts)


def _forbidden(zone: Zone, facts: dict[str, str]) -> Iterator[Finding]:
    for record in _authorities(zone, zone.apex):
        if _issuer(record) == "":
            path = zone.path(record, "content")
            yield Finding(NOBODY, path, "value", {**facts, "name": zone.name})


def _shut_out(
    case: Case, zone: Zone, issuers: frozenset[str], facts: dict[str, str]
) -> Iterator[Finding]:
    platform = case.context.platform
    use = domain_use(case.collectivity, zone.domain, platform)
    served = [f"{host}." for host in use.web_hosts]
    if use.mail == "platform":
        served += [o for (o, t), _ in sts_records(zone.apex, platform) if t == "CNAME"]
    told: set[str] = set()
    for host in served:
        nearest = next((name for name in _climb(host, zone) if (name, "CAA") in zone.keys), None)
        if nearest is None or nearest == zone.apex or nearest in told:
            continue
        records = _authorities(zone, nearest)
        named = {_issuer(record) for record in records} - {None}
        if named and not named & issuers:
            told.add(nearest)
            path = zone.path(records[0], "content")
            yield Finding(SHUT_OUT, path, "value", {**facts, "host": host.removesuffix(".")})


def _elsewhere(zone: Zone, facts: dict[str, str]) -> Iterator[Finding]:
    told: set[str] = set()
    here = {owner for owner, rtype in zone.brought if rtype in _LEADS}
    for owner, record in zone.entries:
        if record.type not in _LEADS or owner in told or owner.startswith("_") or "._" in owner:
            continue
        if owner in here or target_of(record, zone.name) in here:
            continue
        if not any((name, "CAA") in zone.keys for name in _climb(owner, zone)):
            told.add(owner)
            path = zone.path(record, "name")
            yield Finding(ELSEWHERE, path, "value", {**facts, "name": owner.removesuffix(".")})


def _climb(owner: str, zone: Zone) -> Iterator[str]:
    """`owner` and the names above it, up to the domain itself."""
    name = owner
    while name != zone.apex and name:
        yield name
        name = name.partition(".")[2]
    yield zone.apex


def _authorities(zone: Zone, owner: str) -> list[DeclaredRecord]:
    return [record for record in zone.by_owner.get(owner, ()) if record.type == "CAA"]


def _issuer(record: DeclaredRecord) -> str | None:
    """The authority that a record allows, empty for nobody, None when it allows nothing."""
    match = _ISSUE.match(record.content)
    return match[1].lower() if match else None
