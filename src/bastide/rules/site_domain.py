# SPDX-License-Identifier: GPL-3.0-or-later
"""A site or a desk on a host that the collectivity does not have.

Both live on a domain of the same file, or on a name below it, each on a host of its own:
without the domain nobody brings their address to the DNS.

---
Un site ou un guichet sur un hôte que la collectivité n'a pas.

L'un et l'autre vivent sur un domaine du même fichier, ou sur un nom placé dessous, chacun
sur son propre hôte : sans le domaine, personne n'apporte leur adresse au DNS.

Wrong:

```yaml
domains: {cahors.fr: {}}
site: {kind: cms, domain: www.cahors-ville.fr}
guichet: {domain: www.cahors-ville.fr}
```

Right:

```yaml
domains: {cahors.fr: {}}
site: {kind: cms, domain: www.cahors.fr}
guichet: {domain: demarches.cahors.fr}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.names import within
from bastide.model.services import home_of
from bastide.rules.case import Case
from bastide.rules.rule import Finding

NO_HOST = declare(
    "R373",
    Severity.ERROR,
    en="`{host}` is no host name for `{service}`",
    fr="« {host} » n'est pas un nom d'hôte pour `{service}`",
    hint_en="Write a host of one of the domains, for instance `www.cahors.fr`.",
    hint_fr="Écrivez un hôte d'un des domaines, par exemple `www.cahors.fr`.",
)
RETIRED = declare(
    "R374",
    Severity.ERROR,
    en="`{service}` is on {host}, below {domain}, which this file has retired",
    fr="`{service}` est sur {host}, sous {domain}, que ce fichier a retiré",
    hint_en="Move `{service}` to a live domain, or remove `state: retired` from {domain}.",
    hint_fr="Déplacez `{service}` vers un domaine en service, ou retirez `state: retired` de "
    "{domain}.",
)
SAME_HOST = declare(
    "R375",
    Severity.ERROR,
    en="the site and the desk are both on {host}",
    fr="le site et le guichet sont tous deux sur {host}",
    hint_en="Give the desk a host of its own, for instance `demarches.{domain}`.",
    hint_fr="Donnez au guichet son propre hôte, par exemple `demarches.{domain}`.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the hosts of the site and of the desk."""
    collectivity = case.collectivity
    site, guichet = collectivity.site, collectivity.guichet
    for service, place in (("site", site), ("guichet", guichet)):
        if place is None:
            continue
        path = (service, "domain")
        facts = {"service": service, "host": place.domain}
        if place.host is None:
            yield Finding(NO_HOST, path, "value", facts)
        elif home_of(place.host, collectivity) is None:
            for domain in collectivity.domains:
                if domain.retired and domain.ascii and within(place.host, domain.ascii):
                    yield Finding(RETIRED, path, "value", {**facts, "domain": domain.name})
    if site and guichet and site.host and site.host == guichet.host:
        facts = {"host": guichet.domain, "domain": str(site.host).removeprefix("www.")}
        yield Finding(SAME_HOST, ("guichet", "domain"), "value", facts)
