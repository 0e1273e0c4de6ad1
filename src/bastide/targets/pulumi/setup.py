# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run needs beside the graphs: folders, secrets, the `pulumi` command, the plugin.

Secrets travel in the environment of the worker processes and nowhere else: neither in arguments,
files, configuration of a stack, nor its state.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bastide.diagnostics import RunFailed, diagnose
from bastide.targets.pulumi.faults import NO_COMMAND, NO_SECRET
from bastide.targets.pulumi.graph import ZonePolicy

SDK = "3.272.0"
PLUGIN = "6.23.1"
"""Versions that the tests ran with; the plugin is pinned, for a newer one may plan otherwise."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The stacks of one environment.

    `state` is the folder that Bastide keeps for them; `home` holds the command, the plugin and a
    PULUMI_HOME for each worker; one of `passphrase_env` and `passphrase_file` is None, and so with
    the token's.  `base_url` is another address of the API, empty for Cloudflare's own.
    """

    policy: ZonePolicy
    backend: str
    home: Path
    state: Path
    passphrase_env: str | None = None
    passphrase_file: Path | None = None
    token_env: str | None = None
    token_file: Path | None = None
    base_url: str = ""
    workers: int = 4
    requests_per_second: float = 4
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def log(self) -> Path:
        """What the commands printed, by all workers; without secrets."""
        return self.state / "pulumi.log"

    def settled(self, stack: str) -> Path:
        """File with the digest of what `stack` was brought to last."""
        return self.state / "settled" / stack

    def exported(self, stack: str) -> Path:
        """File with what `stack` held after its last run."""
        return self.state / "exported" / f"{stack}.json"

    def graph(self, stack: str) -> Path:
        """File with the graph that `stack` was last looked at for; pulumi/__main__.py reads it."""
        return self.state / "graphs" / f"{stack}.json"

    def interrupted(self, stack: str) -> Path:
        """The mark that stands while a run of `stack` is under way."""
        return self.state / "work" / stack / "running"

    def stacks_known(self) -> list[str]:
        """Stacks that runs from here have brought about."""
        return sorted(path.name for path in (self.state / "settled").glob("[0-9]*"))

    @property
    def backend_url(self) -> str:
        """The back end as Pulumi takes it; a relative ``file://`` is below the state's folder."""
        path = self.backend.removeprefix("file://")
        if path == self.backend or path.startswith(("/", "~")):
            return self.backend
        return f"file://{self.state / path}"

    def command_root(self) -> str | None:
        """Folder whose ``bin/pulumi`` is used, empty for the one on PATH; None when there is none.

        `home` comes first: what `bastide pulumi install` put there is of a known version.
        """
        for root in (self.home, self.home / "versions" / SDK):
            if os.access(root / "bin" / "pulumi", os.X_OK):
                return str(root)
        return "" if shutil.which("pulumi", path=self.environment.get("PATH")) else None

    def require_command(self) -> str:
        """As :meth:`command_root`; ``RunFailed`` when there is none."""
        root = self.command_root()
        if root is None:
            raise RunFailed(
                diagnose(
                    NO_COMMAND,
                    "",
                    where=f"{self.home}, PATH",
                    version=SDK,
                    plugin=PLUGIN,
                )
            )
        return root

    def process_environment(self) -> dict[str, str]:
        """Environment of a worker; ``RunFailed`` when a secret is missing."""
        token = self._secret("API token", self.token_env, self.token_file)
        found = {
            name: value
            for name, value in self.environment.items()
            # Another way to log in, or another passphrase, must not come in by accident.
            if not name.startswith(("CLOUDFLARE_", "PULUMI_"))
        }
        found["CLOUDFLARE_API_TOKEN"] = token
        if self.base_url:
            found["CLOUDFLARE_BASE_URL"] = self.base_url
        if self.passphrase_file:
            self._secret("passphrase", None, self.passphrase_file)
            found["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(self.passphrase_file)
        else:
            found["PULUMI_CONFIG_PASSPHRASE"] = self._secret(
                "passphrase", self.passphrase_env, None
            )
        return found

    def _secret(self, what: str, variable: str | None, file: Path | None) -> str:
        try:
            if file:
                value = file.read_text(encoding="utf-8").partition("\n")[0].strip()
                reason = f"the first line of {file} is empty"
            else:
                value = self.environment.get(variable or "", "")
                reason = f"the environment variable {variable} is not set"
        except (OSError, UnicodeDecodeError) as error:
            value, reason = "", f"{file}: {getattr(error, 'strerror', None) or 'no text'}"
        if not value:
            raise RunFailed(diagnose(NO_SECRET, "", what=what, reason=reason))
        return value
