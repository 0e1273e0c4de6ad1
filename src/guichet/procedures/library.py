# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of procedures: definitions that a collectivity enables by name.

They are YAML in schemas/catalog/procedures of the repository, and a part of the package.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

from guichet.procedures.definition import Data

_HERE = Path(__file__).resolve()
FOLDERS = (_HERE.parents[1] / "_library", _HERE.parents[3] / "schemas/catalog/procedures")
# What a collectivity may say differently of a procedure of the library.
ADJUSTABLE = frozenset(
    {"title", "description", "service", "delay", "pieces", "retention_months", "mails", "silence"}
)


def folder() -> Path:
    """Where the library is."""
    return next((one for one in FOLDERS if one.is_dir()), FOLDERS[-1])


@functools.cache
def _read() -> dict[str, Data]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = {}
    for file in sorted(folder().glob("*.yml")):
        found[file.stem] = yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506 - safe
    return found


def names() -> list[str]:
    """The names of all procedures of the library, sorted."""
    return sorted(_read())


def library(name: str, adjusted: Data | None = None) -> dict[str, Any] | None:
    """The definition `name`, with what a collectivity says differently; None for no such name."""
    found = _read().get(name)
    if found is None:
        return None
    return {**found, **(adjusted or {})}
