# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches the `pulumi` command and its Cloudflare plugin, with Automation API's own installer.

No package of PyPI or Debian holds them: the installer downloads Pulumi's release archives.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

from bastide.diagnostics import Diagnostic, RunFailed, diagnose
from bastide.targets.pulumi.faults import NOT_INSTALLED
from bastide.targets.pulumi.setup import PLUGIN, SDK, Setup


def install(setup: Setup) -> Iterator[str]:
    """Put both below ``setup.home`` unless they are there; tells what, one line each.

    Raises ``RunFailed`` with the reason and the folder, when one of them cannot be had.
    """
    from pulumi import automation as auto
    from semver import VersionInfo

    setup.home.mkdir(parents=True, exist_ok=True)
    try:
        command = auto.PulumiCommand.install(root=str(setup.home), version=VersionInfo.parse(SDK))
    except (OSError, URLError, subprocess.CalledProcessError, auto.InvalidVersionError) as error:
        raise RunFailed(_fault(f"pulumi {SDK}", error, setup.home / "bin")) from error
    yield f"pulumi {command.version}  {setup.home / 'bin' / 'pulumi'}"
    folder = setup.home / "plugins"
    try:
        command.run(
            ["plugin", "install", "resource", "cloudflare", PLUGIN],
            str(setup.home),
            {"PULUMI_HOME": str(setup.home), "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, auto.CommandError) as error:
        raise RunFailed(_fault(f"pulumi-resource-cloudflare {PLUGIN}", error, folder)) from error
    yield f"pulumi-resource-cloudflare {PLUGIN}  {folder}"


def _fault(what: str, error: Exception, folder: Path) -> Diagnostic:
    if isinstance(error, subprocess.CalledProcessError):
        said = (error.output or b"").decode(errors="replace").strip().splitlines()
        reason = said[-1] if said else f"its installer ended with {error.returncode}"
    else:
        reason = " ".join(str(error).split())
    return diagnose(NOT_INSTALLED, "", what=what, reason=reason, folder=folder)
