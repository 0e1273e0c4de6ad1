# SPDX-License-Identifier: GPL-3.0-or-later
"""What the records of one name and type are together.

A null MX (`content: "."`) says that nobody receives mail here, so no other MX stands beside it
(RFC 7505 §3). An HTTPS or SVCB record of priority 0 is an alias: it leads elsewhere, makes
the others of its name void (RFC 9460 §2.4.1), and to itself it leads nowhere. A record has at
most 4,096 octets, and all of one name and type at most 8,192: that is what Cloudflare keeps,
and larger answers fail in many networks. The platform's own servers keep to the same, so
that a domain can change hands.

---
Ce que forment ensemble les enregistrements de même nom et de même type.

Un MX nul (`content: "."`) dit que nul ne reçoit de courrier ici : aucun autre MX n'est à côté
(RFC 7505 §3). Un enregistrement HTTPS ou SVCB de priorité 0 est un alias : il mène ailleurs,
annule les autres du même nom (RFC 9460 §2.4.1), et vers lui-même ne mène nulle part. Un
enregistrement compte au plus 4 096 octets, et tous ceux de même nom et de même type 8 192 :
c'est ce que garde Cloudflare, et de plus grandes réponses échouent dans bien des réseaux. Les
serveurs de la plateforme s'y tiennent aussi, pour qu'un domaine puisse changer de mains.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: elus, type: MX, content: ".", priority: 0}
      - {name: elus, type: MX, content: mx.example.fr, priority: 10}
      - {name: plan, type: HTTPS, content: 0 plans.example.fr}
      - {name: plan, type: HTTPS, content: 1 . alpn=h2}
      - {name: carte, type: HTTPS, content: 0 carte}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: elus, type: MX, content: mx.example.fr, priority: 10}
      - {name: plan, type: HTTPS, content: 0 plans.example.fr}
      - {name: carte, type: A, content: 192.0.2.7}
      - {name: carte, type: HTTPS, content: 1 . alpn=h2}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bastide.diagnostics import Severity, declare
from bastide.model import DeclaredRecord
from bastide.model.normal_form import rdata_size
from bastide.model.rdata import TARGET_SECOND, canonical_rdata, target_of
from bastide.rules.case import Case, Zone
from bastide.rules.rule import Finding

LARGE_RECORD = declare(
    "R462",
    Severity.ERROR,
    en="the {type} record of {name} has {octets} octets; {most} are the most",
    fr="l'enregistrement {type} de {name} compte {octets} octets ; {most} au plus",
    hint_en="Shorten it; an OPENPGPKEY or CERT record holds a key without signatures and pictures.",
    hint_fr="Raccourcissez-le ; un OPENPGPKEY ou CERT contient une clé sans signatures ni images.",
)
LARGE_SET = declare(
    "R463",
    Severity.ERROR,
    en="the {type} records of {name} have {octets} octets together; {most} are the most",
    fr="les enregistrements {type} de {name} comptent ensemble {octets} octets ; {most} au plus",
    hint_en="Remove those that nobody needs any more, or give some of them another name.",
    hint_fr="Retirez ceux dont nul n'a plus besoin, ou donnez un autre nom à certains.",
)
BESIDE_ALIAS = declare(
    "R466",
    Severity.ERROR,
    en="{name} has a {type} record of priority 0, an alias, which makes its others void",
    fr="{name} a un enregistrement {type} de priorité 0, un alias, qui annule ses autres",
    hint_en="Keep either the alias or the others.",
    hint_fr="Gardez soit l'alias, soit les autres.",
)
TO_ITSELF = declare(
    "R467",
    Severity.ERROR,
    en="the {type} alias of {name} leads to itself",
    fr="l'alias {type} de {name} mène à lui-même",
    hint_en="Write the name that it shall lead to.",
    hint_fr="Écrivez le nom auquel il doit mener.",
)
BESIDE_NULL = declare(
    "R469",
    Severity.ERROR,
    en="{name} has a null MX, so nobody receives mail there, and other MX records too",
    fr="{name} a un MX nul : nul n'y reçoit de courrier, et pourtant d'autres MX",
    hint_en="Remove the MX record whose content is `.`, or the others.",
    hint_fr="Retirez le MX dont le contenu est `.`, ou les autres.",
)
# Cloudflare's errors 9015 and 83011.
MOST_OCTETS, MOST_TOGETHER = 4096, 8192
# Characters of content from which on it is worth while to count octets.
_LONG = 1000


def check(case: Case) -> Iterator[Finding]:
    """Look at the records of each name and type."""
    for zone in case.zones:
        if "MX" in zone.types or zone.types & TARGET_SECOND:
            yield from _contradictions(zone)
        if sum(len(record.content) for _, record in zone.entries) > _LONG:
            yield from _sizes(zone)


def _sets(zone: Zone) -> Iterator[tuple[str, str, list[DeclaredRecord]]]:
    for owner, records in zone.by_owner.items():
        for rtype in {record.type: None for record in records}:
            yield owner, rtype, [record for record in records if record.type == rtype]


def _contradictions(zone: Zone) -> Iterator[Finding]:
    for owner, rtype, records in _sets(zone):
        facts = {"name": owner.removesuffix("."), "type": rtype}
        if rtype == "MX":
            nulls = [record for record in records if record.content.strip() == "."]
            if nulls and len(nulls) < len(records):
                yield Finding(BESIDE_NULL, zone.path(nulls[0], "content"), "value", facts)
        elif rtype in TARGET_SECOND:
            yield from _aliases(zone, owner, records, facts)


def _aliases(
    zone: Zone, owner: str, records: Sequence[DeclaredRecord], facts: dict[str, str]
) -> Iterator[Finding]:
    aliases = [one for one in records if one.content.split(None, 1)[0].strip("0") == ""]
    for alias in aliases:
        if target_of(alias, zone.name) == owner:
            yield Finding(TO_ITSELF, zone.path(alias, "content"), "value", facts)
    if aliases and len(records) > 1:
        yield Finding(BESIDE_ALIAS, zone.path(aliases[0], "content"), "value", facts)


def _sizes(zone: Zone) -> Iterator[Finding]:
    for owner, rtype, records in _sets(zone):
        if sum(len(record.content) for record in records) <= _LONG:
            continue
        facts = {"name": owner.removesuffix("."), "type": rtype}
        together = 0
        for record in records:
            octets = _octets(record, zone.name)
            together += octets
            if octets > MOST_OCTETS:
                more = {"octets": str(octets), "most": str(MOST_OCTETS)}
                yield Finding(
                    LARGE_RECORD, zone.path(record, "content"), "value", {**facts, **more}
                )
        if together > MOST_TOGETHER:
            more = {"octets": str(together), "most": str(MOST_TOGETHER)}
            yield Finding(LARGE_SET, zone.path(records[-1], "content"), "value", {**facts, **more})


def _octets(record: DeclaredRecord, domain: str) -> int:
    try:
        return rdata_size(record.type, canonical_rdata(record, domain))
    except ValueError:
        return 0  # no content of its type: that has its own rule
