# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else sends mail for a domain, and does not fit into its SPF record.

`mail.senders` of a domain names who sends in its name beside the platform: a domain whose SPF
is included, an address or a network. They join the platform's terms in one record, which may
cost ten queries at most (RFC 7208 §4.6.4). A domain whose mail is elsewhere writes its SPF
among its records, and one without mail sends none.

---
Qui d'autre envoie du courrier pour un domaine, et n'entre pas dans son SPF.

`mail.senders` d'un domaine nomme qui envoie en son nom outre la plateforme : un domaine dont le
SPF est inclus, une adresse ou un réseau. Ils rejoignent les termes de la plateforme dans un
seul enregistrement, qui peut coûter dix requêtes au plus (RFC 7208 §4.6.4). Un domaine dont le
courrier est ailleurs écrit son SPF parmi ses enregistrements, et un domaine sans courrier
n'en envoie pas.

Wrong:

```yaml
domains:
  cahors.fr: {mail: {senders: [spf, 192.0.2.300, cahors.fr]}}
  ville-cahors.fr: {mail: {senders: [spf.example.org]}}
mail: {accounts: {mairie@cahors.fr: {kind: classic}}}
```

Right:

```yaml
domains:
  cahors.fr: {mail: {senders: [spf.example.org, 192.0.2.30, "2001:db8::/48"]}}
mail: {accounts: {mairie@cahors.fr: {kind: classic}}}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Domain
from bastide.model.services import domain_use, platform_hosts
from bastide.model.spf import (
    MOST_QUERIES,
    count_queries,
    platform_spf,
    sender_term,
    spf_terms,
    with_senders,
)
from bastide.rules.case import Case
from bastide.rules.rule import Finding

NO_SENDER = declare(
    "R474",
    Severity.ERROR,
    en="`{sender}` is no domain, address or network that sends mail",
    fr="« {sender} » n'est ni un domaine, ni une adresse, ni un réseau qui envoie du courrier",
    hint_en="Write the name that the service gives for `include:`, an address, or a network as "
    "`192.0.2.0/24`.",
    hint_fr="Écrivez le nom que le service donne pour `include:`, une adresse, ou un réseau comme "
    "`192.0.2.0/24`.",
)
NO_MAIL = declare(
    "R475",
    Severity.ERROR,
    en="{domain} has no mail on the platform, so `senders` would do nothing",
    fr="{domain} n'a pas son courrier sur la plateforme : `senders` n'aurait aucun effet",
    hint_en="Declare an account or an alias on {domain}; when its mail is elsewhere, write its SPF "
    "among its `records`.",
    hint_fr="Déclarez un compte ou un alias de {domain} ; si son courrier est ailleurs, écrivez "
    "son SPF parmi ses `records`.",
)
TOO_MANY = declare(
    "R476",
    Severity.ERROR,
    en="with these senders the SPF of {domain} costs {count} queries; receivers stop at {most}",
    fr="avec ces expéditeurs le SPF de {domain} coûte {count} requêtes ; les destinataires "
    "s'arrêtent à {most}",
    hint_en="Write addresses in the place of domains, or let the platform publish its own "
    "(`mail.spf_flatten` of platform.yml).",
    hint_fr="Écrivez des adresses au lieu de domaines, ou faites publier ses adresses à la "
    "plateforme (`mail.spf_flatten` de platform.yml).",
)
ITSELF = declare(
    "R485",
    Severity.ERROR,
    en="the SPF of {domain} would include itself; receivers then drop it",
    fr="le SPF de {domain} s'inclurait lui-même ; les destinataires l'écartent alors",
    hint_en="Remove it: what the platform sends for {domain} is already allowed.",
    hint_fr="Retirez-le : ce que la plateforme envoie pour {domain} est déjà permis.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the senders of each domain."""
    for domain in case.live_domains:
        if domain.senders:
            yield from _senders(case, domain)


def _senders(case: Case, domain: Domain) -> Iterator[Finding]:
    platform = case.context.platform
    path = ("domains", domain.name, "mail", "senders")
    facts = {"domain": domain.name}
    if domain_use(case.collectivity, domain, platform).mail != "platform":
        yield Finding(NO_MAIL, path, "key", facts)
    for place, sender in enumerate(domain.senders):
        term = sender_term(sender)
        if term is None:
            yield Finding(NO_SENDER, (*path, place), "value", {"sender": sender})
        elif term == f"include:{domain.ascii}":
            yield Finding(ITSELF, (*path, place), "value", facts)
    text = with_senders(platform_spf(platform, platform_hosts(platform)), domain.senders)
    try:
        count = count_queries(spf_terms(text), lambda _name: None)
    except ValueError:
        return  # the platform's own: told of platform.yml
    if count > MOST_QUERIES:
        facts |= {"count": str(count), "most": str(MOST_QUERIES)}
        yield Finding(TOO_MANY, path, "key", facts)
