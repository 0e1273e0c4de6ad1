# SPDX-License-Identifier: GPL-3.0-or-later
"""A redirection that leads nowhere, or away from the site of its own domain.

`redirect_to` is a web address, `https://www.cahors.fr/` or `www.cahors.fr`, and it takes
the domain and its `www`. The site's own domain needs none: the platform already sends the
domain to its `www`, or the reverse.

---
Une redirection qui ne mène nulle part, ou qui détourne le domaine de son propre site.

`redirect_to` est une adresse web, `https://www.cahors.fr/` ou `www.cahors.fr` ; elle vaut
pour le domaine et son `www`. Le domaine du site n'en a pas besoin : la plateforme renvoie
déjà du domaine vers son `www`, ou l'inverse.

Wrong:

```yaml
domains:
  cahors.fr: {redirect_to: https://www.cahors.fr/}
  ville-cahors.fr: {redirect_to: ftp://cahors.fr}
site: {kind: cms, domain: www.cahors.fr}
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

import re
from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.facts import redirect_host
from bastide.rules.case import Case
from bastide.rules.rule import Finding

MAX_PORT = 65535

# Scheme, host, port, then the characters of RFC 3986 §3.3 to §3.5 without those that mean
# something to a web server's configuration ($ ; ' and parentheses must be %-encoded).
_ADDRESS = re.compile(
    r"(?i:https?://)?[^\s/?#:@]+(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[/?#](?:[A-Za-z0-9._~:/?#\[\]@!&*+,=-]|%[0-9A-Fa-f]{2})*)?\Z"
)

NOT_AN_ADDRESS = declare(
    "R327",
    Severity.ERROR,
    en="`{target}` is no web address to redirect to",
    fr="« {target} » n'est pas une adresse web vers laquelle rediriger",
    hint_en="Write `https://www.example.fr/page`; other characters than letters, digits and "
    "-._~:/?#@!&*+,= are written as %XX.",
    hint_fr="Écrivez `https://www.exemple.fr/page` ; les caractères autres que lettres, chiffres "
    "et -._~:/?#@!&*+,= s'écrivent %XX.",
)
SITE_AWAY = declare(
    "R328",
    Severity.ERROR,
    en="{domain} redirects to {target} but carries `{service}` at {host}",
    fr="{domain} redirige vers {target} mais porte `{service}` à l'adresse {host}",
    hint_en="Remove `redirect_to`: {domain} and www.{domain} already lead to the site. Or move "
    "`{service}` to another host.",
    hint_fr="Retirez `redirect_to` : {domain} et www.{domain} mènent déjà au site. Ou déplacez "
    "`{service}` vers un autre hôte.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the redirection of every live domain."""
    collectivity = case.collectivity
    for domain in case.live_domains:
        target = domain.redirect_to
        if not target:
            continue
        path = ("domains", domain.name, "redirect_to")
        if not is_address(target):
            yield Finding(NOT_AN_ADDRESS, path, "value", {"target": target})
            continue
        for service, place in (("site", collectivity.site), ("guichet", collectivity.guichet)):
            if place and place.host in {domain.ascii, f"www.{domain.ascii}"}:
                facts = {
                    "domain": domain.name,
                    "target": target,
                    "service": service,
                    "host": str(place.host),
                }
                yield Finding(SITE_AWAY, path, "value", facts)


def is_address(target: str) -> bool:
    """True for a web address that a web server can redirect to."""
    match = _ADDRESS.match(target)
    if match is None or redirect_host(target) is None:
        return False
    return match["port"] is None or 0 < int(match["port"]) <= MAX_PORT
