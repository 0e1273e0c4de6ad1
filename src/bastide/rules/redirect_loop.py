# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains that redirect in a circle.

A browser gives up after some twenty hops and shows an error. The circle may run through
the files of several collectivities, or be a domain that redirects to itself.

---
Des domaines qui redirigent en cercle.

Un navigateur abandonne après une vingtaine de sauts et affiche une erreur. Le cercle peut
passer par les fichiers de plusieurs collectivités, ou n'être qu'un domaine qui redirige
vers lui-même.

Wrong:

```yaml
domains:
  cahors.fr: {redirect_to: https://www.ville-cahors.fr/}
  ville-cahors.fr: {redirect_to: https://www.cahors.fr/}
```

Right:

```yaml
domains:
  cahors.fr: {}
  ville-cahors.fr: {redirect_to: https://www.cahors.fr/}
site: {kind: cms, domain: www.cahors.fr}
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Facts, Index
from bastide.rules.cycles import cycles, show_cycle
from bastide.rules.rule import Finding

LOOP = declare(
    "R329",
    Severity.ERROR,
    en="{domain} redirects in a circle: {loop}",
    fr="{domain} redirige en cercle : {loop}",
    hint_en="Let one of these domains carry a site, or redirect to a host outside the circle.",
    hint_fr="Faites porter un site à l'un de ces domaines, ou redirigez vers un hôte hors du "
    "cercle.",
)


def check(facts: Facts, index: Index, _today: dt.date) -> Iterator[Finding]:
    """Follow the redirections that begin in one file."""
    chained = [domain for domain, host in facts.redirects.items() if landing(host, index)]
    for loop in cycles(chained, lambda domain: redirects_of(domain, index)):
        path = ("domains", facts.domains[loop[0]], "redirect_to")
        yield Finding(LOOP, path, "value", {"domain": loop[0], "loop": show_cycle(loop)})


def redirects_of(domain: str, index: Index) -> list[str]:
    """The redirecting domains to which `domain` redirects, one for each file that declares it."""
    found = []
    for slug in index.holders_of_domain(domain):
        facts = index.facts(slug)
        if facts and domain in facts.redirects:
            found += landing(facts.redirects[domain], index)
    return found


def landing(host: str, index: Index) -> list[str]:
    """The domain whose redirection takes `host`: itself or, for a ``www``, what is behind it."""
    for domain in (host, host.removeprefix("www.")):
        holders = index.holders_of_domain(domain)
        for slug in holders:
            facts = index.facts(slug)
            if facts and domain in facts.redirects and host not in facts.hosts.values():
                return [domain]
        if holders:
            break
    return []
