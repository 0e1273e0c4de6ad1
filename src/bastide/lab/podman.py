# SPDX-License-Identifier: GPL-3.0-or-later
"""Calling podman: the one door to containers, images and networks."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from bastide.diagnostics import RunFailed, diagnose
from bastide.lab.files import write_private
from bastide.lab.killed import note_exit, was_killed
from bastide.lab.kinds import COMMAND_FAILED
from bastide.lab.layout import Lab
from bastide.lab.machine import containers_conf

LABEL = "bastide.lab"
"""On every container of a lab: the lab's name."""

DIGEST = "bastide.digest"
"""On an image: digest of the configuration that was applied while it was built."""


class Podman:
    """podman with the settings that this machine needs."""

    def __init__(self, lab: Lab) -> None:
        self.environment = dict(os.environ)
        settings = containers_conf()
        if settings is not None:
            path = lab.files / "containers.conf"
            write_private(path, settings)
            self.environment["CONTAINERS_CONF"] = str(path)

    def run(self, *arguments: str, feed: str | None = None) -> str:
        """Run podman with `arguments`, `feed` on its standard input; return what it prints.

        Raises:
            RunFailed: podman, or the command it ran in a container, failed (L603).
        """
        done = self.attempt(*arguments, feed=feed)
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise RunFailed(
                diagnose(
                    COMMAND_FAILED,
                    "",
                    command="podman " + " ".join(arguments)[:200],
                    error=lines[-1] if lines else f"exit code {done.returncode}",
                )
            )
        return done.stdout

    def attempt(self, *arguments: str, feed: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run podman and return how it went, whatever that is."""
        return subprocess.run(
            ["podman", *arguments],
            env=self.environment,
            input=feed,
            stdin=subprocess.DEVNULL if feed is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )

    def containers(self, lab: Lab) -> dict[str, dict[str, Any]]:
        """Containers of `lab` by name, with `Id`, `State` and more as in podman-ps(1)."""
        return {one["Names"][0]: one for one in self.labelled(LABEL, lab)}

    def labelled(self, label: str, lab: Lab) -> list[dict[str, Any]]:
        """Containers on which `label` is the name of `lab`, each in the state it is really in."""
        listed = self._ps(f"label={label}={lab.name}")
        if killed := [one for one in listed if was_killed(one)]:
            for one in killed:
                note_exit(one)
            listed = self._ps(f"label={label}={lab.name}")
        return listed

    def _ps(self, wanted: str) -> list[dict[str, Any]]:
        # --sync: what conmon noted is read now, not when a container is next started.
        listed = self.run("ps", "--all", "--sync", "--filter", wanted, "--format", "json")
        return json.loads(listed) or []

    def image_label(self, image: str, label: str) -> str | None:
        """Value of a label of `image`; None when there is no such image."""
        done = self.attempt("image", "inspect", "--format", "json", image)
        if done.returncode != 0:
            return None
        return str((json.loads(done.stdout)[0].get("Labels") or {}).get(label, ""))
