# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab of the measure: a clone of the committed repository with servers of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import ROOT, WORK, bastide, call

from bastide.lab.layout import read_layout
from bastide.lab.twin import rename_lab

_NAME, _SUBNET = "bastide-bench", "10.45.0.0/24"


@contextmanager
def clone() -> Iterator[Path]:
    """The repository, whose lab is not up yet and is removed in the end."""
    root = WORK / "lot"
    if (root / "inventory").exists():
        bastide(root, "lab", "destroy")
    shutil.rmtree(root, ignore_errors=True)
    call(["git", "clone", "--quiet", str(ROOT), str(root)], WORK)
    rename_lab(root / "inventory", read_layout(root), _NAME, _SUBNET)
    commit(root, "a lab of its own")
    try:
        yield root
    finally:
        bastide(root, "lab", "destroy")


def empty_servers(root: Path) -> None:
    """Bring the lab up anew."""
    bastide(root, "lab", "destroy")
    bastide(root, "lab", "up")


def commit(root: Path, message: str) -> None:
    """Commit everything in `root`."""
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    call([*git, "add", "--all"], root)
    call([*git, "commit", "--quiet", "--message", message], root)
