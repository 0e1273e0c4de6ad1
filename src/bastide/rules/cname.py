# SPDX-License-Identifier: GPL-3.0-or-later
"""A CNAME where DNS allows none.

A name that is a CNAME can have no other record (RFC 1034 §3.6.2), neither hand-written
nor brought by a service; so the domain itself, which has SOA and NS, can be none. Mail
and name servers must be reached without a CNAME (RFC 2181 §10.3).

---
Un CNAME là où le DNS n'en permet pas.

Un nom qui est un CNAME ne peut porter aucun autre enregistrement (RFC 1034 §3.6.2), écrit
à la main ou apporté par un service ; le domaine lui-même, qui porte SOA et NS, ne peut
donc pas en être un. Les serveurs de courrier et de noms s'atteignent sans CNAME
(RFC 2181 §10.3).

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: "@", type: CNAME, content: example.fr}
      - {name: www, type: CNAME, content: example.fr}
      - {name: courrier, type: CNAME, content: mx.example.fr}
      - {name: elus, type: MX, content: courrier, priority: 10}
site: {kind: cms, domain: www.cahors.fr}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: CNAME, content: plans.example.fr}
      - {name: elus, type: MX, content: mx.example.fr, priority: 10}
site: {kind: cms, domain: www.cahors.fr}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import DeclaredRecord
from bastide.model.names import within
from bastide.model.rdata import absolute_target
from bastide.rules.case import Case, Zone
from bastide.rules.cycles import cycles, show_cycle
from bastide.rules.record_conflict import SECTIONS
from bastide.rules.rule import Finding

APEX = declare(
    "R343",
    Severity.ERROR,
    en="{name} itself cannot be a CNAME: it has SOA and NS records",
    fr="{name} lui-même ne peut pas être un CNAME : il porte des SOA et NS",
    hint_en="Write A and AAAA records, or `redirect_to: https://{target}/`.",
    hint_fr="Écrivez des enregistrements A et AAAA, ou `redirect_to: https://{target}/`.",
)
BESIDE = declare(
    "R344",
    Severity.ERROR,
    en="{name} is a CNAME and cannot have other records too ({others})",
    fr="{name} est un CNAME et ne peut pas porter aussi d'autres enregistrements ({others})",
    hint_en="Keep either the CNAME or the others.",
    hint_fr="Gardez soit le CNAME, soit les autres.",
)
TARGET = declare(
    "R345",
    Severity.ERROR,
    en="a {type} record cannot lead to {target}, which is a CNAME",
    fr="un enregistrement {type} ne peut pas mener à {target}, qui est un CNAME",
    hint_en="Write the name that the CNAME leads to: {final}.",
    hint_fr="Écrivez le nom auquel mène le CNAME : {final}.",
)

CIRCLE = declare(
    "R392",
    Severity.ERROR,
    en="the CNAME {name} leads in a circle: {loop}",
    fr="le CNAME {name} mène en cercle : {loop}",
    hint_en="Let one of these names have an address, or lead outside the circle.",
    hint_fr="Donnez une adresse à l'un de ces noms, ou faites-le mener hors du cercle.",
)

# Types that must lead to a name of its own (RFC 2181 §10.3, RFC 2782).
_LEADING = frozenset({"MX", "NS", "SRV"})


def check(case: Case) -> Iterator[Finding]:
    """Judge the CNAME records of each domain and what leads to them."""
    aliases = {
        owner: _target(record, zone)
        for zone in case.zones
        if "CNAME" in zone.types
        for owner, record in zone.entries
        if record.type == "CNAME"
    }
    if not aliases:
        return
    for zone in case.zones:
        if "CNAME" in zone.types:
            own = [entry for entry in zone.entries if entry[1].type == "CNAME"]
            yield from _places(zone, own)
            yield from _circles(zone, own, aliases)
        if zone.types & _LEADING:
            yield from _targets(zone, aliases, case)


def _circles(
    zone: Zone, own: list[tuple[str, DeclaredRecord]], aliases: dict[str, str]
) -> Iterator[Finding]:
    records = {owner: record for owner, record in own if owner != zone.apex}
    for loop in cycles(records, lambda name: [aliases[name]] if name in aliases else []):
        facts = {"name": loop[0], "loop": show_cycle(loop)}
        yield Finding(CIRCLE, zone.path(records[loop[0]], "content"), "value", facts)


def _places(zone: Zone, aliases: list[tuple[str, DeclaredRecord]]) -> Iterator[Finding]:
    others = {owner for owner, rtype in zone.keys if rtype != "CNAME"}
    several = len({owner for owner, _ in aliases}) < len(aliases)
    for owner, record in aliases:
        if owner == zone.apex:
            facts = {"name": zone.name, "target": record.content.strip(" .")}
            yield Finding(APEX, zone.path(record, "type"), "value", facts)
        elif several or owner in others or owner in zone.brought_owners:
            beside = _beside(zone, owner, record)
            if beside:
                facts = {"name": owner, "others": ", ".join(beside)}
                yield Finding(BESIDE, zone.path(record, "type"), "value", facts)


def _beside(zone: Zone, owner: str, record: DeclaredRecord) -> list[str]:
    """What else stands at the name of a CNAME, hand-written or brought; its double does not."""
    written = [
        f"{other.type} {other.content}"
        for other in zone.by_owner[owner]
        if other.type != "CNAME" or _target(other, zone) != _target(record, zone)
    ]
    return written + [
        f"{rtype} (`{SECTIONS.get(reason, reason)}`)"
        for (name, rtype), reason in zone.brought.items()
        if name == owner and rtype != "CNAME"  # of two CNAMEs another rule speaks
    ]


def _targets(zone: Zone, aliases: dict[str, str], case: Case) -> Iterator[Finding]:
    for _, record in zone.entries:
        if record.type in _LEADING:
            target = _target(record, zone)
            alias = _alias_at(target, aliases, case)
            if alias:
                facts = {"type": record.type, "target": target, "final": aliases[alias]}
                yield Finding(TARGET, zone.path(record, "content"), "value", facts)


def _alias_at(name: str, aliases: dict[str, str], case: Case) -> str | None:
    """The owner of the CNAME that answers for `name`: itself, or the wildcard above it."""
    if name in aliases:
        return name
    zone = next((zone for zone in case.zones if within(name, zone.apex)), None)
    if zone is None or name in zone.by_owner or name in zone.brought_owners:
        return None
    above = name
    while above != zone.apex:
        above = above.partition(".")[2]
        if f"*.{above}" in aliases:
            return f"*.{above}"
        if above in zone.by_owner:
            break
    return None


def _target(record: DeclaredRecord, zone: Zone) -> str:
    """The absolute name that a record leads to, the last field of its content."""
    return absolute_target(record.content.strip().rpartition(" ")[2], zone.name)
