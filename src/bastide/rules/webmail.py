# SPDX-License-Identifier: GPL-3.0-or-later
"""A webmail name is asked for, and there is no webmail behind it.

`webmail: true` makes `webmail.<domain>` lead to the webmail of the platform. The platform
must have one, and the file a domain with mail here. Accounts of a Zimbra server log in to
that server's own webmail alone.

---
Un nom de webmail est demandé, et il n'y a pas de webmail derrière.

`webmail: true` fait mener `webmail.<domaine>` au webmail de la plateforme. Il faut que la
plateforme en ait un, et que le fichier ait un domaine au courrier ici. Les comptes d'un
serveur Zimbra ne se connectent qu'au webmail de celui-ci.

Wrong:

```yaml
domains: {cahors.fr: {}}
mail: {webmail: true}
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model.services import domain_use
from bastide.rules.case import Case
from bastide.rules.rule import Finding

NO_WEBMAIL = declare(
    "R397",
    Severity.ERROR,
    en="a webmail is asked for, but the platform has none",
    fr="un webmail est demandé, mais la plateforme n'en a pas",
    hint_en="Remove `webmail`, or give the webmail's name as `mail.webmail` in platform.yml.",
    hint_fr="Retirez `webmail`, ou donnez le nom du webmail par `mail.webmail` dans platform.yml.",
)
NO_MAIL = declare(
    "R398",
    Severity.WARNING,
    en="a webmail is asked for, but no domain of this file has its mail on the platform",
    fr="un webmail est demandé, mais aucun domaine de ce fichier n'a son courrier ici",
    hint_en="Declare mailboxes on a domain of this file, or remove `webmail`.",
    hint_fr="Déclarez des boîtes sur un domaine de ce fichier, ou retirez `webmail`.",
)
ALL_ON_ZIMBRA = declare(
    "R436",
    Severity.WARNING,
    en="every account of this file is on the Zimbra server, and none can log in to this webmail",
    fr="tous les comptes de ce fichier sont sur le serveur Zimbra : aucun n'entre dans ce webmail",
    hint_en="Remove `webmail`; users open https://{server}/.",
    hint_fr="Retirez `webmail` ; les usagers ouvrent https://{server}/.",
)


def check(case: Case) -> Iterator[Finding]:
    """Look for the webmail behind the names that are asked for."""
    if not case.collectivity.webmail:
        return
    platform = case.context.platform
    if platform.mail.webmail is None:
        yield Finding(NO_WEBMAIL, ("mail", "webmail"))
    elif not any(
        domain_use(case.collectivity, domain, platform).mail == "platform"
        for domain in case.collectivity.live_domains
    ):
        yield Finding(NO_MAIL, ("mail", "webmail"))
    elif platform.mail.zimbra and case.collectivity.mailboxes and not _classic(case):
        facts = {"server": platform.mail.zimbra.server}
        yield Finding(ALL_ON_ZIMBRA, ("mail", "webmail"), facts=facts)


def _classic(case: Case) -> bool:
    return any(one.kind != "collaborative" for one in case.collectivity.mailboxes)
