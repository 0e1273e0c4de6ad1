# SPDX-License-Identifier: GPL-3.0-or-later
"""A hand-written SPF record that receivers drop, or that stops nobody.

Receivers drop a record whole when a term of it is none, when it costs more than ten queries
(RFC 7208 §4.6.4: `include`, `a`, `mx`, `ptr`, `exists`, `redirect`, those of included records
too) or when more than two of them find nothing. What an include to outside costs is not known
here, so it counts one. `-all` or `~all` stands last: without it anybody may send.

---
Un SPF écrit à la main que les destinataires écartent, ou qui n'arrête personne.

Les destinataires écartent tout l'enregistrement quand un de ses termes n'en est pas un, quand
il coûte plus de dix requêtes (RFC 7208 §4.6.4 : `include`, `a`, `mx`, `ptr`, `exists`,
`redirect`, et celles des enregistrements inclus) ou quand plus de deux ne trouvent rien. Ce que
coûte une inclusion du dehors n'est pas connu ici : elle compte pour une. `-all` ou `~all` vient
en dernier : sans lui, n'importe qui peut envoyer.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: "@", type: MX, content: mx.example.fr, priority: 10}
      - {name: "@", type: TXT, content: "v=spf1 includes:spf.example.fr ip4:192.0.2.300 -all"}
      - {name: lettre, type: TXT, content: "v=spf1 a ptr ?all mx"}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: "@", type: MX, content: mx.example.fr, priority: 10}
      - {name: "@", type: TXT, content: "v=spf1 include:spf.example.fr ip4:192.0.2.30 -all"}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import DeclaredRecord
from bastide.model.names import within
from bastide.model.rdata import text_of
from bastide.model.spf import MOST_QUERIES, Term, count_queries, effective, spf_terms
from bastide.rules.case import Case, Zone
from bastide.rules.record_conflict import policy_of
from bastide.rules.rule import Finding

NO_TERM = declare(
    "R470",
    Severity.ERROR,
    en="`{term}` is no term of SPF; receivers drop the whole record",
    fr="« {term} » n'est pas un terme de SPF ; les destinataires écartent tout l'enregistrement",
    hint_en="Terms are `ip4:`, `ip6:`, `include:`, `a`, `mx`, and `-all` last, with one space "
    "between them.",
    hint_fr="Les termes sont `ip4:`, `ip6:`, `include:`, `a`, `mx`, et `-all` en dernier, séparés "
    "par une espace.",
)
TOO_MANY = declare(
    "R471",
    Severity.ERROR,
    en="this SPF costs {count} queries; after {most} receivers give up and drop it",
    fr="ce SPF coûte {count} requêtes ; après {most} les destinataires renoncent et l'écartent",
    hint_en="Write addresses (`ip4:`, `ip6:`) in the place of `a`, `mx` and of includes of your "
    "own, and remove services no longer used.",
    hint_fr="Écrivez des adresses (`ip4:`, `ip6:`) au lieu de `a`, `mx` et d'inclusions à vous, et "
    "retirez les services qui ne servent plus.",
)
OPEN = declare(
    "R472",
    Severity.WARNING,
    en="this SPF stops nobody: it does not end with `-all` or `~all`",
    fr="ce SPF n'arrête personne : il ne finit pas par `-all` ou `~all`",
    hint_en="End it with `-all`; with `~all` while you are looking for further senders.",
    hint_fr="Finissez par `-all` ; par `~all` tant que vous cherchez d'autres expéditeurs.",
)
VOID = declare(
    "R473",
    Severity.WARNING,
    en="`{term}` finds nothing: {name} has no {types} record",
    fr="« {term} » ne trouve rien : {name} n'a pas d'enregistrement {types}",
    hint_en="Remove the term or correct its name; with three of them receivers drop the record.",
    hint_fr="Retirez le terme ou corrigez son nom ; à trois, les destinataires écartent "
    "l'enregistrement.",
)
SLOW = declare(
    "R503",
    Severity.WARNING,
    en="`{term}` is not to be used in SPF (RFC 7208 §5.5), and many receivers do not look at it",
    fr="« {term} » n'est plus à employer en SPF (RFC 7208 §5.5) et bien des destinataires "
    "l'ignorent",
    hint_en="Write the addresses of the senders, `ip4:` and `ip6:`.",
    hint_fr="Écrivez les adresses des expéditeurs, `ip4:` et `ip6:`.",
)
BEHIND = declare(
    "R484",
    Severity.WARNING,
    en="`{term}` is never read: it stands behind `all`",
    fr="« {term} » n'est jamais lu : il se trouve après `all`",
    hint_en="Move it before `all`, or remove it.",
    hint_fr="Placez-le avant `all`, ou retirez-le.",
)
# What a term must find at its name.
_FINDS = {"a": ("A", "AAAA"), "mx": ("MX",), "include": ("TXT",), "redirect=": ("TXT",)}


def check(case: Case) -> Iterator[Finding]:
    """Judge the hand-written SPF records of each domain."""
    for zone in case.zones:
        for owner, record in zone.entries if "TXT" in zone.types else ():
            if record.type == "TXT" and policy_of(record.content) == "v=spf1":
                yield from _record(zone, owner, record)


def _record(zone: Zone, owner: str, record: DeclaredRecord) -> Iterator[Finding]:
    path = zone.path(record, "content")
    try:
        terms = spf_terms(text_of(record.content))
    except ValueError as error:
        yield Finding(NO_TERM, path, "value", {"term": str(error)})
        return
    count = count_queries(terms, lambda name: _written(zone, f"{name}."))
    if count > MOST_QUERIES:
        facts = {"count": str(count), "most": str(MOST_QUERIES)}
        yield Finding(TOO_MANY, path, "value", facts)
    ends = [term for term in terms if term.name == "all"]
    if ends:
        for term in terms[terms.index(ends[0]) + 1 :]:
            if term.name != "exp=":
                yield Finding(BEHIND, path, "value", {"term": term.text})
    closed = ends and ends[0].qualifier in {"-", "~"}
    if not closed and (ends or not any(term.name == "redirect=" for term in terms)):
        yield Finding(OPEN, path, "value")
    for term in effective(terms):
        if term.name == "ptr":
            yield Finding(SLOW, path, "value", {"term": term.text})
        elif nothing := _nothing(zone, owner, term):
            yield Finding(VOID, path, "value", nothing)


def _written(zone: Zone, owner: str) -> str | None:
    """The hand-written SPF record of a name of the zone."""
    for record in zone.by_owner.get(owner, ()):
        if record.type == "TXT" and policy_of(record.content) == "v=spf1":
            return text_of(record.content)
    return None


def _nothing(zone: Zone, owner: str, term: Term) -> dict[str, str] | None:
    """Facts on a term that finds nothing at a name of the zone, None when it may find some."""
    types = _FINDS.get(term.name)
    name = f"{term.value.lower().rstrip('.')}." if term.value else owner
    if types is None or "%" in name or not within(name, zone.apex) or _unknown(zone, name):
        return None
    there = {*zone.keys, *zone.brought}
    if any((name, rtype) in there for rtype in (*types, "CNAME")):
        return None
    return {"term": term.text, "name": name.rstrip("."), "types": "/".join(types)}


def _unknown(zone: Zone, name: str) -> bool:
    """True for a name that a wildcard or another zone may answer for."""
    above = name
    while above != zone.apex:
        if (above, "NS") in zone.keys:
            return True
        above = above.partition(".")[2]
        if f"*.{above}" in zone.by_owner:
            return True
    return False
