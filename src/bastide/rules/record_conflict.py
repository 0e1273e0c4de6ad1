# SPDX-License-Identifier: GPL-3.0-or-later
"""A hand-written record where a service already brings its own.

The site brings the addresses of its host, mail the MX, SPF, DKIM and DMARC records of its
domain and the names at which mail programs look for their settings (`autoconfig`,
`autodiscover`, SRV), and every zone its SOA and NS. A domain without mail publishes that
it has none (RFC 7505), so that nobody writes in the town's name. A second SPF record makes
both void (RFC 7208 §4.5), and so does a second DMARC record.

---
Un enregistrement écrit à la main là où un service apporte déjà le sien.

Le site apporte les adresses de son hôte, le courrier les enregistrements MX, SPF, DKIM et
DMARC de son domaine et les noms où les logiciels de courrier cherchent leurs réglages
(`autoconfig`, `autodiscover`, SRV), et chaque zone ses SOA et NS. Un domaine sans courrier
publie qu'il n'en a pas (RFC 7505), pour que personne n'écrive au nom de la commune. Un second SPF
annule les deux (RFC 7208 §4.5), un second DMARC aussi.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: www, type: A, content: 192.0.2.7}
      - {name: "@", type: TXT, content: "v=spf1 include:_spf.example.fr -all"}
      - {name: "@", type: NS, content: ns1.example.fr}
site: {kind: cms, domain: www.cahors.fr}
mail: {accounts: {mairie@cahors.fr: {kind: classic}}}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: A, content: 192.0.2.7}
      - {name: "@", type: TXT, content: "example-verification=1"}
site: {kind: cms, domain: www.cahors.fr}
mail: {accounts: {mairie@cahors.fr: {kind: classic}}}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import DeclaredRecord
from bastide.rules.case import Case, Zone
from bastide.rules.rule import Finding

BROUGHT = declare(
    "R339",
    Severity.ERROR,
    en="{name} {type} is already brought by `{section}`",
    fr="{name} {type} est déjà apporté par `{section}`",
    hint_en="Remove this record, or what `{section}` declares at {name}.",
    hint_fr="Retirez cet enregistrement, ou ce que `{section}` déclare pour {name}.",
)
SECOND_SPF = declare(
    "R340",
    Severity.ERROR,
    en="{name} gets a second SPF record, after that of `{section}`; receivers then ignore both",
    fr="{name} reçoit un second SPF, après celui de `{section}` ; les destinataires ignorent alors "
    "les deux",
    hint_en="Keep one SPF record. Who else sends for the domain goes into `mail: {{senders: […]}}` "
    "of the domain; a domain whose mail is elsewhere declares its own MX too.",
    hint_fr="Gardez un seul SPF. Qui d'autre envoie pour le domaine se met dans `mail: {{senders: "
    "[…]}}` du domaine ; un domaine dont le courrier est ailleurs déclare aussi son MX.",
)
SECOND_DMARC = declare(
    "R341",
    Severity.ERROR,
    en="{name} gets a second DMARC record, after that of `{section}`; receivers then ignore both",
    fr="{name} reçoit un second DMARC, après celui de `{section}` ; les destinataires ignorent "
    "alors les deux",
    hint_en="Keep one DMARC record. The platform's is `dmarc` of platform.yml; a domain whose mail "
    "is elsewhere declares its own MX too.",
    hint_fr="Gardez un seul DMARC. Celui de la plateforme est `dmarc` dans platform.yml ; un "
    "domaine dont le courrier est ailleurs déclare aussi son MX.",
)
ZONE_OWN = declare(
    "R342",
    Severity.ERROR,
    en="the {type} records of {name} itself are the platform's",
    fr="les enregistrements {type} de {name} lui-même sont ceux de la plateforme",
    hint_en="Remove this record. To leave the platform's name servers, use `registration: {{mode: "
    "external}}` and change them at the registrar.",
    hint_fr="Retirez cet enregistrement. Pour quitter les serveurs de noms de la plateforme, "
    "employez `registration: {{mode: external}}` et changez-les chez le bureau d'enregistrement.",
)

# Where a reason of `brought_records` is declared.
SECTIONS = {
    "zone": "domains",
    "redirect": "redirect_to",
    "webmail": "mail.webmail",
    "spf": "mail",
    "dkim": "mail",
    "dkim-link": "mail",
    "dkim-elsewhere": "mail",
    "dkim-key": "platform.yml",
    "dane": "platform.yml",
    "dmarc": "mail",
    "clients": "mail",
    "mta-sts": "mail",
    "tls-reports": "mail",
    "no-mail": "domains",
    "dmarc-reports": "platform.yml",
    "platform-host": "platform.yml",
    "caa": "platform.yml",
    "no-certificate": "platform.yml",
    "proof": "platform.yml",
    "proofs": "platform.yml",
}
_ADDRESSES = ("A", "AAAA")


def check(case: Case) -> Iterator[Finding]:
    """Compare the hand-written records of each domain with those that services bring."""
    for zone in case.zones:
        policies = _policies_brought(zone) if _has_policy(zone) else {}
        for owner, record in zone.entries:
            if record.type == "TXT":
                yield from _text(zone, owner, record, policies)
            elif record.type in {"SOA", "NS"}:
                if record.type == "SOA" or owner == zone.apex:
                    facts = {"name": zone.name, "type": record.type}
                    yield Finding(ZONE_OWN, zone.path(record, "type"), "value", facts)
            elif reason := _taken(zone, owner, record.type):
                yield _brought(zone, owner, record, reason)


def _has_policy(zone: Zone) -> bool:
    return any(r.type == "TXT" and policy_of(r.content) for _, r in zone.entries)


def _taken(zone: Zone, owner: str, rtype: str) -> str | None:
    """Reason of the brought records that leave no room for this one."""
    if owner not in zone.brought_owners:
        return None
    # Records of CAA stand side by side; beside a CNAME nothing does (RFC 1034 §3.6.2).
    same: tuple[str, ...] = () if rtype == "CAA" else (rtype,)
    types = (*(_ADDRESSES if rtype in _ADDRESSES else same), "CNAME")
    return next((zone.brought[owner, t] for t in types if (owner, t) in zone.brought), None)


def _policies_brought(zone: Zone) -> dict[tuple[str, str], str]:
    """Owner and tag of the SPF and DMARC records that services bring, with their section."""
    found = {}
    for (owner, rtype), reason in zone.brought.items():
        if rtype == "TXT" and owner == zone.apex:
            found[owner, "v=spf1"] = SECTIONS.get(reason, reason)
        elif rtype == "TXT" and owner.startswith("_dmarc."):
            found[owner, "v=dmarc1"] = SECTIONS.get(reason, reason)
    return found


def _text(
    zone: Zone, owner: str, record: DeclaredRecord, policies: dict[tuple[str, str], str]
) -> Iterator[Finding]:
    tag = policy_of(record.content)
    if tag:
        before = policies.get((owner, tag))
        if before:
            kind = SECOND_SPF if tag == "v=spf1" else SECOND_DMARC
            facts = {"name": owner, "section": before}
            yield Finding(kind, zone.path(record, "content"), "value", facts)
        policies[owner, tag] = "records"
    elif owner != zone.apex and not owner.startswith("_dmarc."):
        reason = _taken(zone, owner, "TXT")
        if reason:
            yield _brought(zone, owner, record, reason)


def policy_of(content: str) -> str | None:
    """``v=spf1`` or ``v=dmarc1`` when a TXT content is such a policy, else None."""
    head = content.lstrip('" ')[:8].lower()
    if head.startswith("v=spf1") and head[6:7] in {"", " ", '"'}:
        return "v=spf1"
    return "v=dmarc1" if head == "v=dmarc1" else None


def _brought(zone: Zone, owner: str, record: DeclaredRecord, reason: str) -> Finding:
    facts = {"name": owner, "type": record.type, "section": SECTIONS.get(reason, reason)}
    return Finding(BROUGHT, zone.path(record, "name"), "value", facts)
