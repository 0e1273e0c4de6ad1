# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail is signed under names that some zone of the platform holds.

`mail.dkim` publishes the keys of the mail hosts in the zone of a shared domain, to which every
town's domain leads by CNAME; `mail.dkim_selector` gives each domain a key in its own zone. One of
them must be there, both may (while one takes over from the other), under different names.
`mail.dane` publishes the key of each mail exchanger that is a mail host of the platform.

---
Le courrier est signé sous des noms que tient une zone de la plateforme.

`mail.dkim` publie les clés des serveurs de messagerie dans la zone d'un domaine partagé, où mène
un CNAME de chaque domaine ; `mail.dkim_selector` donne à chaque domaine une clé dans sa propre
zone. L'un des deux est exigé, les deux sont permis (quand l'un prend la suite de l'autre), sous
des noms différents. `mail.dane` publie la clé de chaque serveur de `mail.mx` qui est un serveur
de messagerie de la plateforme.

Wrong:

```yaml
shared_domains: [info46.com]
mail:
  dkim: {zone: cles.example.fr}
```

Right:

```yaml
shared_domains: [info46.com]
mail:
  dkim: {zone: info46.com}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Platform
from bastide.model.dane import strangers
from bastide.model.services import dkim_selectors
from bastide.model.signing import all_selectors
from bastide.rules.rule import Finding

NOT_SHARED = declare(
    "R480",
    Severity.ERROR,
    en="DKIM keys are to be published in {zone}, which is no shared domain of the platform",
    fr="les clés DKIM sont à publier dans {zone}, qui n'est pas un domaine partagé",
    hint_en="Name one of `shared_domains`: {known}.",
    hint_fr="Nommez l'un des `shared_domains` : {known}.",
)
NO_KEYS = declare(
    "R481",
    Severity.ERROR,
    en="nothing says where the keys that sign mail are published",
    fr="rien ne dit où sont publiées les clés qui signent le courrier",
    hint_en="Add `dkim: {{zone: …}}` with a shared domain.",
    hint_fr="Ajoutez `dkim: {{zone: …}}` avec un domaine partagé.",
)
SAME_NAME = declare(
    "R482",
    Severity.ERROR,
    en="`{selector}` would name both a key of the platform and one of each domain",
    fr="« {selector} » désignerait à la fois une clé de la plateforme et une de chaque domaine",
    hint_en="Give `mail.dkim` another `selector`.",
    hint_fr="Donnez à `mail.dkim` un autre `selector`.",
)

UNKNOWN_HOST = declare(
    "R483",
    Severity.WARNING,
    en="{name} is no mail host of `mail.placement`, so nothing tells by which key it is known",
    fr="{name} n'est aucun serveur de `mail.placement`, rien ne dit donc sa clé",
    hint_en="Name it under `mail.placement.hosts`, or use one of these names in `mail.mx`.",
    hint_fr="Nommez-le sous `mail.placement.hosts`, ou mettez l'un de ces noms dans `mail.mx`.",
)


def check_signing(platform: Platform) -> Iterator[Finding]:
    """Judge `mail.dkim`, `mail.dkim_selector` and `mail.dane` of `platform`."""
    mail = platform.mail
    for name in strangers(mail) if mail.dane else ():
        yield Finding(UNKNOWN_HOST, ("mail", "mx", name), "key", {"name": name})
    if mail.signing is None:
        if not mail.dkim_selector:
            yield Finding(NO_KEYS, ("mail",), "key")
        return
    if mail.signing.zone not in platform.shared_domains:
        known = ", ".join(sorted(platform.shared_domains)) or "-"
        facts = {"zone": mail.signing.zone, "known": known}
        yield Finding(NOT_SHARED, ("mail", "dkim", "zone"), "value", facts)
    twice = sorted({*all_selectors(mail)}.intersection(dkim_selectors(platform)))
    for selector in twice:
        yield Finding(SAME_NAME, ("mail", "dkim"), "key", {"selector": selector})
