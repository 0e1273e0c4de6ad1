# SPDX-License-Identifier: GPL-3.0-or-later
"""Where several mail hosts share the mailboxes, every collectivity has one of them.

`mail.placement` names the hosts, the default one, and the collectivities that are elsewhere.
A host that is named must be one of `hosts`, under a name that DNS can carry; a collectivity
that is named must exist.

---
Quand plusieurs serveurs se partagent les boîtes, chaque collectivité en a un.

`mail.placement` nomme les serveurs, celui par défaut, et les collectivités qui sont ailleurs.
Un serveur nommé doit être l'un de `hosts`, sous un nom que le DNS peut porter ; une
collectivité nommée doit exister.

Wrong:

```yaml
mail:
  placement:
    hosts: {mail: mail.info46.com}
    default: mail1
    collectivities: {46/kahors: mail2}
```

Right:

```yaml
mail:
  placement:
    hosts: {mail: mail.info46.com, mail2: mail2.info46.com}
    default: mail
    collectivities: {46/cahors: mail2}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Index, Platform
from bastide.model.names import to_ascii
from bastide.rules.rule import Finding

NO_MAIL_HOST = declare(
    "R443",
    Severity.ERROR,
    en="`{host}` is none of the mail hosts {known}",
    fr="« {host} » n'est aucun des serveurs de messagerie {known}",
    hint_en="Name a host of `mail.placement.hosts`, or add it there.",
    hint_fr="Nommez un serveur de `mail.placement.hosts`, ou ajoutez-l'y.",
)
NOBODY = declare(
    "R444",
    Severity.ERROR,
    en="`{name}` is placed on a mail host, but no collectivity has that file or SIREN",
    fr="« {name} » est placé sur un serveur, mais aucune collectivité n'a ce fichier ou ce SIREN",
    hint_en="Write the file's name below collectivities/ without its ending, as `46/cahors`, or a "
    "SIREN in quotes.",
    hint_fr="Écrivez le nom du fichier sous collectivities/ sans extension, comme `46/cahors`, ou "
    "un SIREN entre guillemets.",
)
NO_REACH = declare(
    "R445",
    Severity.ERROR,
    en="the other mail hosts cannot reach `{host}` under `{name}`, which is no host name",
    fr="les autres serveurs ne peuvent joindre « {host} » sous « {name} », qui n'est pas un nom",
    hint_en="Write the name that its certificate bears: `mail2.info46.com`.",
    hint_fr="Écrivez le nom que porte son certificat : `mail2.info46.com`.",
)

_PATH = ("mail", "placement")


def check_placement(platform: Platform, index: Index) -> Iterator[Finding]:
    """Judge `mail.placement` of `platform`; `index` is that of the fleet."""
    placement = platform.mail.placement
    if placement is None:
        return
    for host, name in placement.hosts.items():
        if to_ascii(name) is None:
            facts = {"host": host, "name": name}
            yield Finding(NO_REACH, (*_PATH, "hosts", host), "value", facts)
    known = ", ".join(sorted(placement.hosts))
    names = index.names() if placement.collectivities else frozenset()
    if placement.default not in placement.hosts:
        facts = {"host": placement.default, "known": known}
        yield Finding(NO_MAIL_HOST, (*_PATH, "default"), "value", facts)
    for name, host in placement.collectivities.items():
        path = (*_PATH, "collectivities", name)
        if host not in placement.hosts:
            yield Finding(NO_MAIL_HOST, path, "value", {"host": host, "known": known})
        if name not in names:
            yield Finding(NOBODY, path, "key", {"name": name})
