# SPDX-License-Identifier: GPL-3.0-or-later
"""What platform.yml says of the Zimbra server must be whole, and stand only where there is one.

`mail.groupware: zimbra` needs `mail.zimbra`, and the other way round. One place names the
password, an environment variable or a file. Mail hosts deliver to a host name: its
certificate is checked against it.

---
Ce que platform.yml dit du serveur Zimbra doit être complet, et ne figurer que s'il y en a un.

`mail.groupware: zimbra` demande `mail.zimbra`, et inversement. Un seul endroit nomme le mot
de passe, une variable d'environnement ou un fichier. Les serveurs de messagerie remettent à
un nom d'hôte : son certificat est vérifié d'après lui.

Wrong:

```yaml
mail:
  groupware: zimbra
  zimbra: {url: https://192.0.2.7:7071/, user: bastide@info46.com}
```

Right:

```yaml
mail:
  groupware: zimbra
  zimbra:
    url: https://zimbra.info46.com:7071/service/admin/soap/
    user: bastide@info46.com
    password_env: BASTIDE_ZIMBRA_PASSWORD
```
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Severity, declare
from bastide.model import Platform
from bastide.model.groupware import Zimbra, host_of
from bastide.model.names import to_ascii
from bastide.rules.rule import Finding

NO_SERVER = declare(
    "R430",
    Severity.ERROR,
    en="the groupware is zimbra, but nothing says where that server is",
    fr="le collecticiel est zimbra, mais rien ne dit où est ce serveur",
    hint_en="Add `mail.zimbra` with `url`, `user` and `password_env`.",
    hint_fr="Ajoutez `mail.zimbra` avec `url`, `user` et `password_env`.",
)
NO_ZIMBRA = declare(
    "R431",
    Severity.ERROR,
    en="a Zimbra server is described, but the groupware is {groupware}",
    fr="un serveur Zimbra est décrit, mais le collecticiel est {groupware}",
    hint_en="Write `groupware: zimbra`, or remove `mail.zimbra`.",
    hint_fr="Écrivez `groupware: zimbra`, ou retirez `mail.zimbra`.",
)
PASSWORD = declare(
    "R432",
    Severity.ERROR,
    en="{count} places name the password of the Zimbra administrator, one is needed",
    fr="{count} endroits nomment le mot de passe de l'administrateur Zimbra, il en faut un",
    hint_en="Keep one of `password_env` and `password_file`; never write the password itself.",
    hint_fr="Gardez l'un de `password_env` et `password_file` ; n'écrivez jamais le mot de passe.",
)
NO_RELAY = declare(
    "R433",
    Severity.ERROR,
    en="the mail hosts cannot bring mail to `{name}`, which is no host name",
    fr="les serveurs de messagerie ne peuvent rien remettre à « {name} », qui n'est pas un nom",
    hint_en="Write the server's name as its certificate bears it: `relay: zimbra.info46.com`.",
    hint_fr="Écrivez le nom que porte son certificat : `relay: zimbra.info46.com`.",
)
NO_SERVER_NAME = declare(
    "R437",
    Severity.ERROR,
    en="users cannot reach the Zimbra server as `{name}`, which is no host name",
    fr="les usagers ne peuvent atteindre le serveur Zimbra par « {name} », qui n'est pas un nom",
    hint_en="Write the name of its web address alone: `server: zimbra.info46.com`.",
    hint_fr="Écrivez le seul nom de son adresse web : `server: zimbra.info46.com`.",
)


def check_zimbra(platform: Platform) -> Iterator[Finding]:
    """Judge `mail.zimbra` of `platform`."""
    mail = platform.mail
    if mail.zimbra is None:
        if mail.groupware == "zimbra":
            yield Finding(NO_SERVER, ("mail", "groupware"), "value", {})
        return
    if mail.groupware != "zimbra":
        yield Finding(NO_ZIMBRA, ("mail", "zimbra"), "key", {"groupware": mail.groupware or "-"})
    yield from _server(mail.zimbra)


def _server(zimbra: Zimbra) -> Iterator[Finding]:
    count = sum(one is not None for one in (zimbra.password_env, zimbra.password_file))
    if count != 1:
        yield Finding(PASSWORD, ("mail", "zimbra"), "key", {"count": str(count)})
    if to_ascii(zimbra.relay) is None:
        field = "url" if zimbra.relay == host_of(zimbra.url) else "relay"
        yield Finding(NO_RELAY, ("mail", "zimbra", field), "value", {"name": zimbra.relay})
    if zimbra.server != host_of(zimbra.url) and to_ascii(zimbra.server) is None:
        yield Finding(
            NO_SERVER_NAME, ("mail", "zimbra", "server"), "value", {"name": zimbra.server}
        )
