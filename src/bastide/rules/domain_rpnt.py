# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain in use that the RPNT does not accept.

Criteria 1.2 and 2.3 of the territorial digital presence reference (RPNT 0.2.1) ask for a
sovereign extension (.fr, .eu, the regional and overseas ones) without accents. Only
domains that carry the site, the desk or mail are judged: a protective registration that
redirects may have any name, and names of a shared domain have a rule of their own.

---
Un domaine en service que le RPNT n'accepte pas.

Les critères 1.2 et 2.3 du référentiel de la présence numérique des territoires (RPNT
0.2.1) demandent une extension souveraine (.fr, .eu, les régionales et celles
d'outre-mer), sans accent. Seuls les domaines du site, du guichet ou du courrier sont
jugés : un domaine de protection qui redirige peut porter n'importe quel nom, et les noms
d'un domaine partagé ont leur propre règle.

Wrong:

```yaml
domains:
  cahors.com: {}
  évêché-cahors.fr: {}
site: {kind: cms, domain: www.cahors.com}
guichet: {domain: évêché-cahors.fr}
```

Right:

```yaml
domains:
  cahors.fr: {}
  cahors.com: {redirect_to: https://www.cahors.fr/}
site: {kind: cms, domain: www.cahors.fr}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.names import within
from bastide.rules.case import Case
from bastide.rules.rule import Finding

# RPNT 1.2, as tested by the reference implementation (st-home, referentiel.tsx).
SOVEREIGN = frozenset(
    "fr alsace bzh corsica paris eu gp gf mq re yt pm wf tf nc pf".split()  # noqa: SIM905
)

ACCENTED = declare(
    "R319",
    Severity.WARNING,
    en="`{name}` has accents: as `{ascii}` it fails RPNT 1.2 and 2.3",
    fr="« {name} » porte des accents : sous la forme `{ascii}` il ne satisfait pas les critères "
    "1.2 et 2.3 du RPNT",
    hint_en="Use the name without accents, and let this one redirect to it.",
    hint_fr="Employez le nom sans accent, et faites rediriger celui-ci vers lui.",
)
EXTENSION = declare(
    "R320",
    Severity.WARNING,
    en="`{name}` fails RPNT 1.2 and 2.3: .{extension} is no sovereign extension",
    fr="« {name} » ne satisfait pas les critères 1.2 et 2.3 du RPNT : .{extension} n'est pas une "
    "extension souveraine",
    hint_en="Use a .fr domain (or .eu, a regional or overseas one), and let this one redirect "
    "to it.",
    hint_fr="Employez un domaine en .fr (ou .eu, régional ou d'outre-mer), et faites rediriger "
    "celui-ci vers lui.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the extension and the accents of every domain in use."""
    collectivity = case.collectivity
    suspect = [
        d
        for d in case.live_domains
        if d.ascii and (d.ascii.rpartition(".")[2] not in SOVEREIGN or "xn--" in d.ascii)
    ]
    suspect = [d for d in suspect if not _is_shared(str(d.ascii), case)]
    if not suspect:
        return
    hosts = [s.host for s in (collectivity.site, collectivity.guichet) if s and s.host]
    for domain in suspect:
        name = str(domain.ascii)
        if name not in case.mail_domains and not any(within(host, name) for host in hosts):
            continue
        kind = ACCENTED if "xn--" in name else EXTENSION
        facts = {"name": domain.name, "ascii": name, "extension": name.rpartition(".")[2]}
        yield Finding(kind, ("domains", domain.name), "key", facts)


def _is_shared(name: str, case: Case) -> bool:
    return any(within(name, shared) for shared in case.context.platform.shared_domains)
