# SPDX-License-Identifier: GPL-3.0-or-later
"""Digest of everything but the charters that a verdict depends on."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import bastide
from bastide.fleet.repository import Repository


def context_digest(repository: Repository) -> str:
    """Hex digest over schemas, platform.yml, this program and the interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    package = Path(bastide.__file__).parent
    files = [
        *sorted(repository.schemas.rglob("*.yml")),
        repository.platform_file,
        *sorted(package.rglob("*.py")),
    ]
    for file in files:
        digest.update(file.name.encode() + b"\0")
        if file.is_file():
            digest.update(file.read_bytes())
    # The reference is large and changes with a release only: name and size are enough.
    for data in sorted((package / "reference").glob("*")):
        if data.is_file() and data.suffix != ".py":
            digest.update(f"{data.name}:{data.stat().st_size}".encode())
    return digest.hexdigest()
