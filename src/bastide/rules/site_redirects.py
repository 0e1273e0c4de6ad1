# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the site that have moved to nowhere, in a circle, or twice.

`redirects` leads a path of the site to another path of it, or to a web address. Upper and
lower case are one for a path. The path of the proofs that certificates are obtained with
belongs to the platform.

---
Des pages du site qui mènent nulle part, tournent en rond ou sont déclarées deux fois.

`redirects` mène d'un chemin du site à un autre chemin, ou à une adresse web. Majuscules et
minuscules se valent dans un chemin. Le chemin des preuves qui servent à obtenir les
certificats appartient à la plateforme.

Wrong:

```yaml
domains: {cahors.fr: {}}
site:
  kind: cms
  domain: www.cahors.fr
  redirects:
    /conseil: /mairie/conseil
    /mairie/conseil: /Conseil
    /actes: actes.pdf
    /.well-known/acme-challenge/x: /
```

Right:

```yaml
domains: {cahors.fr: {}}
site:
  kind: cms
  domain: www.cahors.fr
  redirects:
    /conseil: /mairie/conseil
    /actes: /mairie/actes.pdf
    /index.php?id=12: https://demarches.cahors.fr/
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bastide.diagnostics import Severity, declare
from bastide.model import Site
from bastide.model.facts import moved_target, redirect_host, web_address
from bastide.rules.case import Case
from bastide.rules.cloud_redirects import too_many
from bastide.rules.cycles import cycles, show_cycle
from bastide.rules.redirect_target import is_address
from bastide.rules.rule import Finding

# As for a whole address (redirect_target); two slashes at the beginning would name a host.
_PATH = re.compile(r"/(?!/)(?:[A-Za-z0-9._~:/?#\[\]@!&*+,=-]|%[0-9A-Fa-f]{2})*\Z")
# Without it, the name of a file would be taken for that of a host.
_SCHEME = re.compile(r"(?i:https?)://")
_PROOFS = "/.well-known/acme-challenge/"

NOWHERE = declare(
    "R521",
    Severity.ERROR,
    en="`{page}` leads to `{target}`, which is neither a path of the site nor a web address",
    fr="`{page}` mène à « {target} », qui n'est ni un chemin du site ni une adresse web",
    hint_en="Write `/new-page` or `https://www.example.fr/page`; other characters than letters, "
    "digits and -._~:/?#@!&*+,= are written as %XX.",
    hint_fr="Écrivez `/nouvelle-page` ou `https://www.exemple.fr/page` ; les caractères autres que "
    "lettres, chiffres et -._~:/?#@!&*+,= s'écrivent %XX.",
)
PROOFS = declare(
    "R522",
    Severity.ERROR,
    en="`{page}` lies where the platform proves that it serves the name",
    fr="`{page}` se trouve là où la plateforme prouve qu'elle sert ce nom",
    hint_en="Remove it: certificates are obtained there, and no page ever was.",
    hint_fr="Retirez-le : les certificats s'obtiennent là, et aucune page n'y était.",
)
TWICE = declare(
    "R523",
    Severity.ERROR,
    en="`{page}` and `{first}` are one path, since case does not count",
    fr="`{page}` et `{first}` sont un seul chemin, la casse ne compte pas",
    hint_en="Keep one of the two.",
    hint_fr="Gardez l'un des deux.",
)
CIRCLE = declare(
    "R524",
    Severity.ERROR,
    en="`{page}` redirects in a circle: {loop}",
    fr="`{page}` redirige en cercle : {loop}",
    hint_en="Let one of these paths be a page, or lead to another one.",
    hint_fr="Faites de l'un de ces chemins une page, ou menez à une autre.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the moved pages of the site."""
    yield from too_many(case)
    site = case.collectivity.site
    if site is None or not site.redirects or not site.host:
        return
    seen: dict[str, str] = {}
    for one in site.redirects:
        path, facts = ("site", "redirects", one.path), {"page": one.path}
        first = seen.setdefault(one.path.lower(), one.path)
        if first != one.path:
            yield Finding(TWICE, path, "key", {**facts, "first": first})
        if one.path.lower().startswith(_PROOFS):
            yield Finding(PROOFS, path, "key", facts)
        if not (_PATH.match(one.target) or (_SCHEME.match(one.target) and is_address(one.target))):
            yield Finding(NOWHERE, path, "value", {**facts, "target": one.target})
            seen.pop(one.path.lower(), None)
    targets = {one.path.lower(): one.target for one in site.redirects if one.path.lower() in seen}
    leads = {key: _lands(case, site, target, targets) for key, target in targets.items()}
    for loop in cycles(leads, lambda key: [leads[key]] if leads[key] in leads else []):
        start = seen[loop[0]]
        facts = {"page": start, "loop": show_cycle([seen[key] for key in loop])}
        yield Finding(CIRCLE, ("site", "redirects", start), "value", facts)


def _lands(case: Case, site: Site, target: str, declared: Mapping[str, str]) -> str:
    """The declared path that somebody led to `target` is led on from; empty when that is the end.

    The site is on one name; the collectivity's others lead to it, or where their domain says.
    """
    for _ in range(len(case.live_domains) + 1):
        target = moved_target(target, str(site.host)).partition("#")[0].lower()
        if target.startswith("/"):
            return next((t for t in (target, target.partition("?")[0]) if t in declared), "")
        host = str(redirect_host(target))
        bare = host.removeprefix("www.")
        domain = next((d for d in case.live_domains if d.ascii == bare), None)
        if domain is not None and domain.redirect_to:
            target = web_address(domain.redirect_to)
        elif domain is not None and str(site.host).removeprefix("www.") == bare:
            target = "/"
        else:
            break
    return ""
