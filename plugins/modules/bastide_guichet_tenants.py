#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge the tenants of the desk on this host, in one call of the desk's own command."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_guichet_tenants
short_description: Converge the desks of all collectivities on the host of the desk
version_added: "0.1.0"
description:
  - Has the desk of the host (role C(guichet)) compare its tenants, procedures and agents with the
    host's share of the desired state, and make them those of the share, by C(converge), as the
    owner of the tables and as nobody else.
  - One transaction for each collectivity, so that one that fails keeps nobody else from it.
  - What was made in the interface of a desk is not touched. What leaves the share is suspended and
    comes back; requests and what people filed are never removed.
options:
  share:
    description: Path of the share on the host (C(desk.jsonl)).
    type: path
    required: true
  assets:
    description: Folder of the banners on the host, each under its SHA-256.
    type: path
    default: /var/lib/bastide/desired/assets
  scope:
    description: SIREN of the collectivities that may be touched. Empty means every one.
    type: list
    elements: str
    default: []
  values:
    description: Values of other hosts; desks need none.
    type: dict
    default: {}
  held:
    description: What other hosts hold; desks need nothing of it.
    type: dict
    default: {}
  expect:
    description: Digest of the changes that the plan showed. Others found means nothing is done.
    type: str
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Converge the desks
  bastide_guichet_tenants:
    share: /var/lib/bastide/shares/desk.jsonl
"""

RETURN = r"""
changes:
  description: What was changed, or would be in check mode.
  returned: always
  type: list
  elements: dict
failed_changes:
  description: What could not be changed, and why.
  returned: always
  type: list
  elements: dict
digest:
  description: Digest over the changes found.
  returned: always
  type: str
left_alone:
  description: Desks that are there and neither declared nor retired.
  returned: always
  type: list
  elements: dict
totals:
  description: Procedures, agents and requests before the run, by SIREN.
  returned: always
  type: dict
values:
  description: Always empty; desks give no values.
  returned: always
  type: dict
repaired:
  description: Always empty; the desk keeps no files of its own.
  returned: always
  type: list
  elements: str
stale:
  description: Whether the changes found are other than O(expect), so that nothing was done.
  returned: always
  type: bool
"""

import grp
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bastide_bulk import ARGUMENTS, diff_of
from ansible.module_utils.bastide_files import HostError, explain
from ansible.module_utils.bastide_share import SIREN

# As the role guichet has them.
PYTHON = Path("/opt/guichet/current/bin/python")
CONFIGURATION = Path("/etc/guichet/guichet.json")
OWNER = "guichet-owner"
# May read the configuration.
GROUP = "guichet"
# One run of 300 tenants takes seconds; what takes this long hangs.
_PATIENCE = 900


def converge(args: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Run the desk's command and return its result.

    Raises:
        HostError: There is no desk, it refused the share, or another run was at work.
        OSError: The share cannot be read.
    """
    if not all(SIREN.match(one) for one in args.get("scope") or ()):
        raise HostError("scope holds something that is no SIREN")
    if not PYTHON.exists():
        raise HostError(f"{PYTHON} is missing: run playbooks/platform.yml for this host")
    try:
        user, group = pwd.getpwnam(OWNER).pw_uid, grp.getgrnam(GROUP).gr_gid
    except KeyError:
        raise HostError(f"there is no account {OWNER}: run playbooks/platform.yml") from None
    with tempfile.TemporaryDirectory(prefix="bastide-desk-") as name:
        # The command's account reads neither what root was brought nor root's own folders.
        folder = Path(name)
        share = folder / "desk.jsonl"
        shutil.copyfile(args["share"], share)
        banners = _bring(share, Path(args["assets"]), folder / "assets")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, group)
        words = [str(PYTHON), "-m", "guichet", "converge", str(share), "--assets", str(banners)]
        words += ["--lock-timeout", str(args.get("lock_timeout") or 1)]
        words += ["--check"] if check_mode else []
        words += ["--expect", args["expect"]] if args.get("expect") else []
        for siren in args.get("scope") or ():
            words += ["--scope", siren]
        return _answer(_run(words, user, group))


def _bring(share: Path, source: Path, target: Path) -> Path:
    """Copy the banners that `share` names from `source`; one that is missing is the desk's word."""
    target.mkdir()
    for line in share.read_bytes().splitlines():
        if b'"banner":' in line:
            for one in json.loads(line).get("resources", ()):
                digest = str(one.get("body", {}).get("banner", {}).get("sha256", ""))
                if digest.isalnum() and (source / digest).is_file():
                    shutil.copyfile(source / digest, target / digest)
    return target


def _run(words: list[str], user: int, group: int) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "GUICHET_CONFIG": str(CONFIGURATION),
        "GUICHET_AS": "owner",
    }
    try:
        return subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
            cwd="/",
            env=environment,
            user=user,
            group=group,
            extra_groups=[],
        )
    except subprocess.TimeoutExpired:
        raise HostError(f"the desk has not answered in {_PATIENCE} seconds") from None


def _answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise HostError(lines[-1].removeprefix("CommandError: "))
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise HostError("the desk gave no result") from None
    return result


def main() -> None:
    """Run as an Ansible module."""
    assets = {"type": "path", "default": "/var/lib/bastide/desired/assets"}
    module = AnsibleModule(argument_spec={**ARGUMENTS, "assets": assets}, supports_check_mode=True)
    try:
        facts = converge(module.params, check_mode=module.check_mode)
    except HostError as error:
        module.fail_json(msg=str(error))
    except (OSError, ValueError) as error:
        module.fail_json(msg=explain(error) if isinstance(error, OSError) else str(error))
    for warning in facts.pop("warnings", ()):
        module.warn(warning)
    if module._diff:  # noqa: SLF001 - Ansible's documented way to ask
        facts["diff"] = diff_of(facts["changes"])
    module.exit_json(**facts)


if __name__ == "__main__":
    main()
