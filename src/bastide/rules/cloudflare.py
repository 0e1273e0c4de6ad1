# SPDX-License-Identifier: GPL-3.0-or-later
"""What platform.yml says of Cloudflare must be whole, and stand only where zones are served there.

`dns.provider: cloudflare` needs `dns.cloudflare`, and the other way round. One place names the
token, an environment variable or a file, and it travels encrypted. Where the engine is pulumi,
it must be said where it keeps its state, and where the passphrase of that state is.

---
Ce que platform.yml dit de Cloudflare doit être complet, et ne figurer que si les zones y sont.

`dns.provider: cloudflare` demande `dns.cloudflare`, et inversement. Un seul endroit nomme le
jeton, une variable d'environnement ou un fichier, et il voyage chiffré. Quand le moteur est
pulumi, il faut dire où il garde son état, et où est la phrase secrète de cet état.

Wrong:

```yaml
dns:
  provider: cloudflare
  cloudflare:
    account: "023e105f4ecef8ad9ca31a8372d0c353"
    base_url: http://proxy.info46.com/client/v4
```

Right:

```yaml
dns:
  provider: cloudflare
  cloudflare:
    account: "023e105f4ecef8ad9ca31a8372d0c353"
    token_env: BASTIDE_CLOUDFLARE_TOKEN
```
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from bastide.diagnostics import Severity, declare
from bastide.model import Platform
from bastide.model.cloudflare import Cloudflare
from bastide.rules.rule import Finding

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})

NO_ACCOUNT = declare(
    "R490",
    Severity.ERROR,
    en="the zones are to be served by Cloudflare, but nothing says by which account",
    fr="les zones doivent être servies par Cloudflare, mais rien ne dit par quel compte",
    hint_en="Add `dns.cloudflare` with `account` and `token_env`.",
    hint_fr="Ajoutez `dns.cloudflare` avec `account` et `token_env`.",
)
NO_CLOUDFLARE = declare(
    "R491",
    Severity.ERROR,
    en="a Cloudflare account is described, but the zones are served by {provider}",
    fr="un compte Cloudflare est décrit, mais les zones sont servies par {provider}",
    hint_en="Write `provider: cloudflare`, or remove `dns.cloudflare`.",
    hint_fr="Écrivez `provider: cloudflare`, ou retirez `dns.cloudflare`.",
)
TOKEN = declare(
    "R492",
    Severity.ERROR,
    en="{count} places name the token for Cloudflare, one is needed",
    fr="{count} endroits nomment le jeton pour Cloudflare, il en faut un",
    hint_en="Keep one of `token_env` and `token_file`; never write the token itself.",
    hint_fr="Gardez l'un de `token_env` et `token_file` ; n'écrivez jamais le jeton.",
)
IN_CLEAR = declare(
    "R493",
    Severity.ERROR,
    en="the token would travel in clear to {url}",
    fr="le jeton voyagerait en clair vers {url}",
    hint_en="Write an address that begins with `https://`.",
    hint_fr="Écrivez une adresse qui commence par `https://`.",
)
NO_STATE = declare(
    "R495",
    Severity.ERROR,
    en="the engine is pulumi, but nothing says where it keeps its state",
    fr="le moteur est pulumi, mais rien ne dit où il garde son état",
    hint_en="Add `dns.cloudflare.pulumi` with `backend` and `passphrase_env`.",
    hint_fr="Ajoutez `dns.cloudflare.pulumi` avec `backend` et `passphrase_env`.",
)
NO_PULUMI = declare(
    "R496",
    Severity.ERROR,
    en="settings of Pulumi are described, but the engine is {engine}",
    fr="des réglages de Pulumi sont décrits, mais le moteur est {engine}",
    hint_en="Write `engine: pulumi`, or remove `dns.cloudflare.pulumi`.",
    hint_fr="Écrivez `engine: pulumi`, ou retirez `dns.cloudflare.pulumi`.",
)
PASSPHRASE = declare(
    "R497",
    Severity.ERROR,
    en="{count} places name the passphrase of Pulumi's state, one is needed",
    fr="{count} endroits nomment la phrase secrète de l'état de Pulumi, il en faut un",
    hint_en="Keep one of `passphrase_env` and `passphrase_file`; never write it itself.",
    hint_fr="Gardez l'un de `passphrase_env` et `passphrase_file` ; n'écrivez jamais la phrase.",
)


def check_cloudflare(platform: Platform) -> Iterator[Finding]:
    """Judge `dns.cloudflare` of `platform`."""
    dns = platform.dns
    if dns.cloudflare is None:
        if dns.provider == "cloudflare":
            yield Finding(NO_ACCOUNT, ("dns", "provider"), "value", {})
        return
    if dns.provider != "cloudflare":
        yield Finding(NO_CLOUDFLARE, ("dns", "cloudflare"), "key", {"provider": dns.provider})
    yield from _account(dns.cloudflare)


def _account(account: Cloudflare) -> Iterator[Finding]:
    count = sum(one is not None for one in (account.token_env, account.token_file))
    if count != 1:
        yield Finding(TOKEN, ("dns", "cloudflare"), "key", {"count": str(count)})
    try:
        parts = urlsplit(account.base_url)
        safe = parts.scheme == "https" or parts.hostname in _HERE
    except ValueError:
        safe = False
    if not safe:
        facts = {"url": account.base_url}
        yield Finding(IN_CLEAR, ("dns", "cloudflare", "base_url"), "value", facts)
    yield from _pulumi(account)


def _pulumi(account: Cloudflare) -> Iterator[Finding]:
    pulumi = account.pulumi
    if pulumi is None:
        if account.engine == "pulumi":
            yield Finding(NO_STATE, ("dns", "cloudflare", "engine"), "value", {})
        return
    path = ("dns", "cloudflare", "pulumi")
    if account.engine != "pulumi":
        yield Finding(NO_PULUMI, path, "key", {"engine": account.engine})
    count = sum(one is not None for one in (pulumi.passphrase_env, pulumi.passphrase_file))
    if count != 1:
        yield Finding(PASSPHRASE, path, "key", {"count": str(count)})
