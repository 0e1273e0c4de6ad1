# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host tells the desk: one JSON file, named by GUICHET_CONFIG and readable by it alone.

::

    {"secret_key": "…", "link_key": "…",
     "database": {"name": "guichet", "host": "/run/postgresql", "user": "guichet_app"},
     "owner": {"user": "guichet_owner"},
     "clamd": "unix:/run/clamav/clamd.ctl",
     "mail": {"host": "127.0.0.1", "port": 25},
     "trusted_proxies": [""],
     "guide": {"folder": "/var/lib/comarquage"},
     "oidc": {"issuer": "https://…", "client_id": "…", "client_secret_file": "/etc/guichet/…"}}

`secret_key` signs sessions and encrypts second factors, `link_key` makes follow-up links: another
one there breaks every link that was mailed.  `owner` is who migrates and converges
(GUICHET_AS=owner).  `trusted_proxies` are addresses whose X-Real-IP is believed; "" is a unix
socket.  `guide` is optional: where the national guide lies (docs/comarquage.md).  `oidc` is a
provider through which agents may come in as well; see `OpenIdConnect`.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

SHORTEST_KEY = 32  # characters


class BadConfiguration(Exception):
    """The file cannot be used; the text says why, never what a secret is."""


# Levels at which ProConnect says that two factors were asked for.
_TWO_FACTORS = (
    "eidas2",
    "eidas3",
    "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
    "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
)
_ALGORITHMS = ("RS256", "ES256", "PS256", "HS256")


@dataclass(frozen=True, slots=True)
class OpenIdConnect:
    """A provider of identities.

    `algorithm` is the one by which tokens are signed; no other is taken.  `second_factor` are
    levels (acr) that stand for two factors.  `trust_email` says that the provider vouches for every
    address without saying so in `email_verified`, as ProConnect does.  `sirens` are the tenants
    whose agents may come in so (None: all).  `ca_file` is for a provider with a private authority.
    """

    issuer: str
    client_id: str
    client_secret: str
    name: str = "ProConnect"
    scope: str = "openid email"
    algorithm: str = "RS256"
    second_factor: frozenset[str] = frozenset(_TWO_FACTORS)
    trust_email: bool = False
    sirens: frozenset[str] | None = None
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the file says; the defaults let the code be imported and tested, not served."""

    secret_key: str
    link_key: str
    database: dict[str, Any] = field(default_factory=dict)
    clamd: str = "unix:/run/clamav/clamd.ctl"
    mail: dict[str, Any] = field(default_factory=dict)
    trusted_proxies: frozenset[str] = frozenset({""})
    oidc: OpenIdConnect | None = None
    guide: dict[str, Any] = field(default_factory=dict)

    @property
    def guide_folder(self) -> Path | None:
        """Where the releases of the national guide are; None where this host has none."""
        folder = self.guide.get("folder")
        return Path(folder) if folder else None


def read() -> Configuration:
    """The configuration of this process.

    Raises:
        BadConfiguration: GUICHET_CONFIG names a file that is none.
    """
    path = os.environ.get("GUICHET_CONFIG")
    if not path:
        # Nothing is configured: type checkers and tests of pure code import the settings.
        return Configuration(secrets.token_urlsafe(48), secrets.token_urlsafe(48))
    try:
        facts = json.loads(Path(path).read_text(encoding="utf-8"))
        owner = facts.pop("owner", {})
        if os.environ.get("GUICHET_AS") == "owner":
            facts["database"] = {**facts["database"], **owner}
        facts["trusted_proxies"] = frozenset(facts.get("trusted_proxies", [""]))
        if facts.get("oidc"):
            facts["oidc"] = _provider(path, dict(facts["oidc"]))
        else:
            facts.pop("oidc", None)
        # The role may already write for the release that is about to take over.
        known = {one.name for one in fields(Configuration)}
        found = Configuration(**{key: value for key, value in facts.items() if key in known})
    except OSError as error:
        raise BadConfiguration(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadConfiguration(f"{path} is no configuration: {type(error).__name__}") from None
    folder = found.guide.get("folder", "") if isinstance(found.guide, dict) else None
    if not isinstance(folder, str):
        raise BadConfiguration(f"{path}: guide.folder is no path")
    for name in ("secret_key", "link_key"):
        key = getattr(found, name)
        if not isinstance(key, str) or len(key) < SHORTEST_KEY:
            raise BadConfiguration(f"{path}: {name} needs {SHORTEST_KEY} characters")
    return found


def _provider(path: str, facts: dict[str, Any]) -> OpenIdConnect:
    """The provider of a configuration."""
    if "client_secret_file" in facts:
        facts["client_secret"] = Path(facts.pop("client_secret_file")).read_text("utf-8").strip()
    for name in ("second_factor", "sirens"):
        if facts.get(name) is not None:
            facts[name] = frozenset(facts[name])
    found = OpenIdConnect(**facts)
    if not found.issuer.startswith("https://"):
        raise BadConfiguration(f"{path}: oidc.issuer is no https address")
    if found.algorithm not in _ALGORITHMS:
        raise BadConfiguration(f"{path}: oidc.algorithm is one of {', '.join(_ALGORITHMS)}")
    if not (found.client_id and found.client_secret):
        raise BadConfiguration(f"{path}: oidc needs client_id and client_secret")
    return found
