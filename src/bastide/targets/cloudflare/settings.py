# SPDX-License-Identifier: GPL-3.0-or-later
"""Which account of Cloudflare, and where the token for it lies.

The token itself never stands in a YAML file: the platform names an environment variable or a
file, and this module reads it at the moment it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bastide.diagnostics import InvalidInput, diagnose
from bastide.model.cloudflare import API, Cloudflare
from bastide.targets.cloudflare.faults import NO_TOKEN
from bastide.targets.credential import read_credential


@dataclass(frozen=True, slots=True)
class Account:
    """One account.

    `id` has 32 hexadecimals; one of `token_env` and `token_file` names where the token is;
    `settings` are wanted of every zone; `timeout` is in seconds, for one request.
    """

    id: str
    token_env: str = ""
    token_file: str = ""
    base_url: str = API
    settings: Mapping[str, str | int] = field(default_factory=dict)
    timeout: float = 60.0

    @classmethod
    def of(cls, root: Path, declared: Cloudflare) -> Account:
        """The account that platform.yml declares; a file is looked for from `root`."""
        return cls(
            id=declared.account,
            token_env=declared.token_env or "",
            token_file=str(root / declared.token_file) if declared.token_file else "",
            base_url=declared.base_url,
            settings=declared.settings,
        )

    def token(self) -> str:
        """The API token; ``InvalidInput`` when it is nowhere."""
        value, reason = read_credential(self.token_env, self.token_file)
        value = value.strip()
        if value and not (value.isascii() and value.isprintable() and " " not in value):
            # It would end in a header of HTTP, or in an error about one.
            value, reason = "", "what is there is no token: it holds other than ASCII letters"
        if not value:
            raise InvalidInput(diagnose(NO_TOKEN, "", reason=reason))
        return value
