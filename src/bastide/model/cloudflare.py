# SPDX-License-Identifier: GPL-3.0-or-later
"""The Cloudflare account that serves the zones, as `dns.cloudflare` of platform.yml says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

API = "https://api.cloudflare.com/client/v4"


@dataclass(frozen=True, slots=True)
class Pulumi:
    """How the engine ``pulumi`` runs.

    `backend` is an address as ``pulumi login`` takes it; one of `passphrase_env` and
    `passphrase_file` names where the passphrase of the state is, and is None otherwise.  `home` is
    the folder of the command, None for Bastide's own.
    """

    backend: str
    passphrase_env: str | None = None
    passphrase_file: str | None = None
    home: str | None = None
    workers: int = 4
    requests_per_second: float = 4.0


@dataclass(frozen=True, slots=True)
class Redirects:
    """What Cloudflare answers by its Single Redirects, with what the web hosts would.

    `domains` are names that only lead elsewhere, `paths` the pages of sites that have moved, for
    which the site's name goes through the proxy.  `most` is how many rules a zone may hold: 10 on
    the free plan (https://developers.cloudflare.com/rules/url-forwarding/#availability).
    """

    domains: bool = False
    paths: bool = False
    most: int = 10


@dataclass(frozen=True, slots=True)
class Cloudflare:
    """Whose account, who works on it, and where the token is.

    `account` is its id of 32 hexadecimals; `engine` is ``direct`` (the API, by batches) or
    ``pulumi``, which has settings of its own.  One of
    `token_env` and `token_file` names where the API token is, and is None otherwise.  `settings`
    are those of every zone, by their id in the API; true and false are its ``on`` and ``off``.
    `redirects` is None where web hosts answer them all.
    """

    account: str
    engine: str = "direct"
    token_env: str | None = None
    token_file: str | None = None
    base_url: str = API
    settings: Mapping[str, str | int] = field(default_factory=dict)
    pulumi: Pulumi | None = None
    redirects: Redirects | None = None
