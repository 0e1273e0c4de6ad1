# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox that the platform cannot serve as it is declared.

A quota is a number and a unit (`500 MB`, `5 GB`, `5 Go`), from 10 MB to the platform's
maximum. A collaborative mailbox needs a groupware. Where that is SOGo, it serves one of several
mail hosts, the default of `mail.placement`. Where it is Zimbra, the account is renamed there and
the address is not handed over, and the mailboxes that reports are sent to stay on the mail
hosts, where `bastide report mail` reads them.

---
Une boîte que la plateforme ne peut pas servir telle qu'elle est déclarée.

Un quota est un nombre et une unité (`500 MB`, `5 GB`, `5 Go`), de 10 Mo au maximum de la
plateforme. Une boîte collaborative demande un collecticiel. Quand c'est SOGo, il sert un seul
des serveurs de messagerie, celui par défaut de `mail.placement`. Quand c'est Zimbra, le compte y
est renommé et l'adresse n'est pas remise à un autre.

Wrong:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic, quota: 5 gigas}
    accueil@cahors.fr: {kind: classic, quota: 500 GB}
    archives@cahors.fr: {kind: classic, quota: 1 MB}
    maire@cahors.fr: {kind: collaborative}
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic, quota: 5 GB}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Mailbox
from bastide.model.names import normal_address
from bastide.model.platform import Mail
from bastide.model.quota import show_size
from bastide.rules.case import Case
from bastide.rules.rule import Finding

MINIMUM = 10 * 10**6

NO_SIZE = declare(
    "R364",
    Severity.ERROR,
    en="`{quota}` is no size",
    fr="« {quota} » n'est pas une taille",
    hint_en="Write a number and a unit: `500 MB`, `5 GB` or `1 TB`.",
    hint_fr="Écrivez un nombre et une unité : `500 Mo`, `5 Go` ou `1 To`.",
)
TOO_LARGE = declare(
    "R365",
    Severity.ERROR,
    en="a quota of {quota} is over the platform's maximum of {most}",
    fr="un quota de {quota} dépasse le maximum de la plateforme, {most}",
    hint_en="Write {most} at most, or raise `mail.quota.maximum` in platform.yml.",
    hint_fr="Écrivez {most} au plus, ou relevez `mail.quota.maximum` dans platform.yml.",
)
TOO_SMALL = declare(
    "R366",
    Severity.ERROR,
    en="a quota of {quota} is under the minimum of {least}: one message could fill it",
    fr="un quota de {quota} est sous le minimum de {least} : un seul message pourrait le remplir",
    hint_en="Write {least} at least. To stop a mailbox, use `state: suspended`.",
    hint_fr="Écrivez {least} au moins. Pour arrêter une boîte, employez `state: suspended`.",
)
NO_GROUPWARE = declare(
    "R367",
    Severity.ERROR,
    en="{address} is collaborative, but the platform has no groupware",
    fr="{address} est collaborative, mais la plateforme n'a pas de collecticiel",
    hint_en="Write `kind: classic`, or set `mail.groupware` in platform.yml.",
    hint_fr="Écrivez `kind: classic`, ou indiquez `mail.groupware` dans platform.yml.",
)

NOT_ON_ZIMBRA = declare(
    "R434",
    Severity.ERROR,
    en="{address} is on the Zimbra server, where `{field}` is not carried out",
    fr="{address} est sur le serveur Zimbra, où `{field}` n'est pas exécuté",
    hint_en="Rename the account there (zmprov ra), which keeps its mail, then its key here; for a "
    "new holder use another address.",
    hint_fr="Renommez-y le compte (zmprov ra), qui garde son courrier, puis sa clé ici ; pour un "
    "autre titulaire prenez une autre adresse.",
)
REPORTS_ON_ZIMBRA = declare(
    "R435",
    Severity.ERROR,
    en="{address} gets the reports of `{field}`, which `bastide report` cannot read on Zimbra",
    fr="{address} reçoit les rapports de `{field}`, que `bastide report` ne lit pas sur Zimbra",
    hint_en="Write `kind: classic`: the mail hosts then keep this mailbox.",
    hint_fr="Écrivez `kind: classic` : les serveurs de messagerie gardent alors cette boîte.",
)
AWAY_FROM_GROUPWARE = declare(
    "R446",
    Severity.ERROR,
    en="{address} is collaborative, but its mail is placed on {host}, and SOGo serves {default}",
    fr="{address} est collaborative, mais son courrier est placé sur {host} ; SOGo sert {default}",
    hint_en="Write `kind: classic`, or have the collectivity on {default}: take it out of "
    "`mail.placement.collectivities` in platform.yml.",
    hint_fr="Écrivez `kind: classic`, ou ayez la collectivité sur {default} : retirez-la de "
    "`mail.placement.collectivities` dans platform.yml.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the settings of every mailbox."""
    groupware = case.context.platform.mail.groupware
    maximum = case.context.platform.mail.quota_maximum
    for mailbox in case.collectivity.mailboxes:
        if mailbox.quota_text is not None:
            yield from _quota(mailbox, maximum)
        if mailbox.kind == "collaborative" and groupware is None:
            path = ("mail", "accounts", mailbox.address, "kind")
            yield Finding(NO_GROUPWARE, path, "value", {"address": mailbox.address})
        elif mailbox.kind == "collaborative" and groupware == "zimbra":
            yield from _succession(mailbox)
            yield from _reports(mailbox, case.context.platform.mail)
        elif mailbox.kind == "collaborative":
            yield from _elsewhere(mailbox, case)


def _succession(mailbox: Mailbox) -> Iterator[Finding]:
    for field in ("renamed_from", "new_holder"):
        if getattr(mailbox, field):
            facts = {"address": mailbox.address, "field": field}
            yield Finding(NOT_ON_ZIMBRA, ("mail", "accounts", mailbox.address, field), "key", facts)


def _elsewhere(mailbox: Mailbox, case: Case) -> Iterator[Finding]:
    placement = case.context.platform.mail.placement
    if placement is None:
        return
    host = placement.holder(case.collectivity.slug, case.collectivity.siren)
    if host != placement.default:
        facts = {"address": mailbox.address, "host": host, "default": placement.default}
        path = ("mail", "accounts", mailbox.address, "kind")
        yield Finding(AWAY_FROM_GROUPWARE, path, "value", facts)


def _reports(mailbox: Mailbox, mail: Mail) -> Iterator[Finding]:
    for field, address in (
        ("mail.dmarc.reports", mail.dmarc_reports),
        ("mail.tls_reports", mail.tls_reports),
    ):
        if mailbox.normal and address and normal_address(address) == mailbox.normal:
            facts = {"address": mailbox.address, "field": field}
            path = ("mail", "accounts", mailbox.address, "kind")
            yield Finding(REPORTS_ON_ZIMBRA, path, "value", facts)


def _quota(mailbox: Mailbox, maximum: int) -> Iterator[Finding]:
    quota = mailbox.quota
    if quota is not None and MINIMUM <= quota <= maximum:
        return
    facts = {
        "quota": str(mailbox.quota_text),
        "least": show_size(MINIMUM),
        "most": show_size(maximum),
    }
    kind = NO_SIZE if quota is None else TOO_SMALL if quota < MINIMUM else TOO_LARGE
    yield Finding(kind, ("mail", "accounts", mailbox.address, "quota"), "value", facts)
