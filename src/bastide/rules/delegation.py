# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands at or below a name that NS records delegate.

From there on other servers answer (RFC 1034 §4.2.1): whatever else this zone holds at the
name or below it is never seen, except the addresses of those very servers. A DS record says
which key the delegated zone is signed with, so it stands only beside NS records, and that of
a whole domain is in the zone above, set at the registrar.

---
Ce qui se trouve à un nom délégué par des enregistrements NS, ou dessous.

À partir de ce nom d'autres serveurs répondent (RFC 1034 §4.2.1) : ce que cette zone y
contient par ailleurs, ou dessous, ne se voit jamais, hors les adresses de ces serveurs. Un
enregistrement DS dit de quelle clé la zone déléguée est signée : il n'a sa place qu'à côté
de NS, et celui d'un domaine entier est dans la zone au-dessus, posé chez le bureau
d'enregistrement.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: sport, type: NS, content: ns1.example.fr}
      - {name: www.sport, type: A, content: 192.0.2.7}
      - {name: www, type: NS, content: ns1.example.fr}
      - name: plan
        type: DS
        content: 12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
site: {kind: cms, domain: www.cahors.fr}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: sport, type: NS, content: ns1.sport.cahors.fr}
      - {name: ns1.sport.cahors.fr., type: A, content: 192.0.2.7}
      - name: sport
        type: DS
        content: 12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
site: {kind: cms, domain: www.cahors.fr}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import DeclaredRecord
from bastide.model.names import within
from bastide.model.rdata import target_of
from bastide.rules.case import Case, Zone
from bastide.rules.record_conflict import SECTIONS
from bastide.rules.rule import Finding

UNSEEN = declare(
    "R390",
    Severity.ERROR,
    en="{name} {type} is never seen: {cut} is delegated to other name servers",
    fr="{name} {type} ne se voit jamais : {cut} est délégué à d'autres serveurs de noms",
    hint_en="Declare it on those servers, or remove the NS records of {cut}.",
    hint_fr="Déclarez-le sur ces serveurs, ou retirez les enregistrements NS de {cut}.",
)
TAKEN = declare(
    "R391",
    Severity.ERROR,
    en="{cut} cannot be delegated: `{section}` brings {others} there",
    fr="{cut} ne peut pas être délégué : `{section}` y apporte {others}",
    hint_en="Remove this record, or what `{section}` declares there.",
    hint_fr="Retirez cet enregistrement, ou ce que `{section}` y déclare.",
)
LONE_DS = declare(
    "R464",
    Severity.ERROR,
    en="the DS at {name} stands beside no NS record: {name} is not delegated",
    fr="le DS de {name} n'est à côté d'aucun NS : {name} n'est pas délégué",
    hint_en="Add the NS records of {name}, or remove the DS; that of {domain} itself is set at the "
    "registrar.",
    hint_fr="Ajoutez les NS de {name}, ou retirez le DS ; celui de {domain} lui-même se pose chez "
    "le bureau d'enregistrement.",
)
NO_GLUE = declare(
    "R487",
    Severity.ERROR,
    en="{cut} is delegated to {target}, which has no address in this zone",
    fr="{cut} est délégué à {target}, qui n'a pas d'adresse dans cette zone",
    hint_en="Add an A or AAAA record for {target}, or name a server outside of {domain}.",
    hint_fr="Ajoutez un enregistrement A ou AAAA pour {target}, ou nommez un serveur hors de "
    "{domain}.",
)
_AT_CUT = frozenset({"NS", "DS", "CNAME"})
_GLUE = frozenset({"A", "AAAA"})


def check(case: Case) -> Iterator[Finding]:
    """Compare the delegations of each domain with the other records."""
    for zone in case.zones:
        if "NS" in zone.types:
            yield from _delegations(zone)
        if "DS" in zone.types:
            yield from _lone_keys(zone)


def _lone_keys(zone: Zone) -> Iterator[Finding]:
    for owner, record in zone.entries:
        lone = owner == zone.apex or (owner, "NS") not in zone.keys
        if record.type == "DS" and lone:
            facts = {"name": owner.removesuffix("."), "domain": zone.name}
            yield Finding(LONE_DS, zone.path(record, "type"), "value", facts)


def _delegations(zone: Zone) -> Iterator[Finding]:
    servers: dict[str, set[str]] = {}
    for owner, record in zone.entries:
        if record.type == "NS" and owner != zone.apex:
            target = str(target_of(record, zone.name))
            if owner not in servers:
                yield from _taken(zone, owner, zone.path(record, "name"))
            servers.setdefault(owner, set()).add(target)
    for owner, record in zone.entries:
        # Below a delegation there is no other that anybody would see.
        cut = min((name for name in servers if within(owner, name)), key=len, default=None)
        if owner == cut and record.type == "NS":
            yield from _unreachable(zone, owner, record, servers)
        # A CNAME at the very name has its own rule.
        if cut is None or (owner == cut and record.type in _AT_CUT):
            continue
        if not (record.type in _GLUE and owner in servers[cut]):
            facts = {"name": owner, "type": record.type, "cut": cut}
            yield Finding(UNSEEN, zone.path(record, "name"), "value", facts)


def _unreachable(
    zone: Zone, cut: str, record: DeclaredRecord, servers: dict[str, set[str]]
) -> Iterator[Finding]:
    """A server below the domain that nobody can reach for want of its address (glue)."""
    target = str(target_of(record, zone.name))
    if not within(target, zone.apex) or _has_address(zone, target):
        return
    if any(target.endswith(f".{other}") for other in servers if other != cut):
        return  # its address is the business of those servers
    facts = {"cut": cut, "target": target, "domain": zone.name}
    yield Finding(NO_GLUE, zone.path(record, "content"), "value", facts)


def _has_address(zone: Zone, name: str) -> bool:
    """True when `name`, or the wildcard that answers for it (RFC 4592 §3.3.1), has an address."""
    there = {*zone.keys, *zone.brought}
    encloser = name
    while not any(within(owner, encloser) for owner, _ in there):
        encloser = encloser.partition(".")[2]
    if encloser != name:
        name = f"*.{encloser}"
    return any((name, rtype) in there for rtype in _GLUE)


def _taken(zone: Zone, cut: str, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """The records of services at or below `cut`, told at the first NS record of it."""
    found = [(key, reason) for key, reason in zone.brought.items() if within(key[0], cut)]
    if found:
        reason = found[0][1]
        others = ", ".join(f"{owner} {rtype}" for (owner, rtype), _ in found)
        facts = {"cut": cut, "section": SECTIONS.get(reason, reason), "others": others}
        yield Finding(TAKEN, path, "value", facts)
