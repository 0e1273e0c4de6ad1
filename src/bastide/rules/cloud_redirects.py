# SPDX-License-Identifier: GPL-3.0-or-later
"""Redirections that Cloudflare is to answer, more than its plan allows or in a circle with it.

A zone holds ten redirect rules on the free plan. One domain that leads elsewhere takes one, and
one more where it has mail; pages that have moved take one for each place that they lead to.
`dns.cloudflare.redirects.most` of platform.yml says how many there may be. Pages need the site's
name to go through Cloudflare's proxy, which must speak HTTPS to the web hosts: by HTTP they would
lead it to HTTPS, and it the visitor, without end.

---
Des redirections que Cloudflare doit servir, plus nombreuses que son offre ou en cercle avec lui.

Une zone contient dix règles de redirection avec l'offre gratuite. Un domaine qui mène ailleurs en
prend une, et une de plus s'il a du courrier ; les pages déplacées en prennent une par destination.
`dns.cloudflare.redirects.most` de platform.yml dit combien il peut y en avoir. Pour les pages, le
nom du site passe par le mandataire de Cloudflare, qui doit parler HTTPS aux serveurs web : en HTTP
ceux-ci le mèneraient vers HTTPS, et lui le visiteur, sans fin.

Wrong:

```yaml
dns:
  provider: cloudflare
  cloudflare:
    account: "023e105f4ecef8ad9ca31a8372d0c353"
    token_env: BASTIDE_CLOUDFLARE_TOKEN
    settings: {ssl: flexible}
    redirects: {paths: true}
```

Right:

```yaml
dns:
  provider: cloudflare
  cloudflare:
    account: "023e105f4ecef8ad9ca31a8372d0c353"
    token_env: BASTIDE_CLOUDFLARE_TOKEN
    settings: {ssl: full}
    redirects: {paths: true}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Domain, Platform
from bastide.model.edge import redirects_asked
from bastide.model.facts import moved_target
from bastide.model.services import domain_use, edge_of
from bastide.rules.case import Case
from bastide.rules.rule import Finding

TOO_MANY = declare(
    "R498",
    Severity.ERROR,
    en="the redirections of {domain} take {count} rules at Cloudflare, {most} are allowed",
    fr="les redirections de {domain} prennent {count} règles chez Cloudflare, {most} sont permises",
    hint_en="Let pages lead to the same address, remove some, or raise "
    "`dns.cloudflare.redirects.most` with the plan of the zone.",
    hint_fr="Menez des pages à la même adresse, retirez-en, ou augmentez "
    "`dns.cloudflare.redirects.most` avec l'offre de la zone.",
)
IN_CLEAR = declare(
    "R499",
    Severity.ERROR,
    en="sites go through Cloudflare, whose setting `ssl` is {ssl}: visitors may be led in a circle",
    fr="les sites passent par Cloudflare, dont le réglage `ssl` vaut {ssl} : des visiteurs peuvent "
    "tourner en rond",
    hint_en="Write `settings: {{ssl: full}}`; `strict` where web hosts have certificates by ACME.",
    hint_fr="Écrivez `settings: {{ssl: full}}` ; `strict` si les serveurs web ont des certificats "
    "par ACME.",
)


def check_edge(platform: Platform) -> Iterator[Finding]:
    """Judge how the proxy speaks to the web hosts."""
    account, asked = platform.dns.cloudflare, redirects_asked(platform)
    if account is None or asked is None or not asked.paths:
        return
    # What a host signs itself, `full` takes and `strict` does not.
    good = {"full", "strict"} if platform.tls.mode == "acme" else {"full"}
    ssl = account.settings.get("ssl")
    if ssl not in good:
        path = ("dns", "cloudflare", "redirects", "paths")
        yield Finding(IN_CLEAR, path, "value", {"ssl": str(ssl or "?")})


def too_many(case: Case) -> Iterator[Finding]:
    """Count the rules that each domain takes, against those that are allowed."""
    platform = case.context.platform
    asked = redirects_asked(platform)
    if asked is None:
        return
    for domain in case.live_domains:
        edge = edge_of(case.collectivity, domain, platform)
        count = _leading(case, domain) if edge.leading else 0
        count += _moved(case, edge.fronted) if edge.fronted else 0
        if count > asked.most:
            path = ("site", "redirects") if edge.fronted else ("domains", domain.name)
            facts = {"domain": domain.name, "count": str(count), "most": str(asked.most)}
            yield Finding(TOO_MANY, path, "key", facts)


def _leading(case: Case, domain: Domain) -> int:
    platform = case.context.platform
    has_mail = domain_use(case.collectivity, domain, platform).mail == "platform"
    return 2 if has_mail and platform.mail.clients else 1


def _moved(case: Case, host: str) -> int:
    """One for each place; a page with a query or an escape has another kind of rule."""
    site = case.collectivity.site
    return len(
        {
            (moved_target(one.target, host), "?" in one.path or "%" in one.path)
            for one in (site.redirects if site else ())
        }
    )
