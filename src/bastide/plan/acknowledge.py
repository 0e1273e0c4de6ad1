# SPDX-License-Identifier: GPL-3.0-or-later
"""Acknowledgements: a line in git that lets one plan over its limits, and no other.

``inventory/<environment>/acknowledgements.yml`` holds a list of ``{plan: sha256:…,
reason: …}``.  The digest is that of the changes, so adding the line does not change it; a
line counts once it is committed, so that git holds who consented.
"""

from __future__ import annotations

import subprocess
from typing import Any

from bastide.documents import read_bytes
from bastide.fleet import Repository

FILE = "acknowledgements.yml"


def is_acknowledged(repository: Repository, digest: str) -> bool:
    """True when a committed line names `digest`.  Outside git, the file itself counts."""
    return digest in acknowledged(repository)


def acknowledged(repository: Repository) -> set[str]:
    """Digests of every acknowledged plan; a broken file acknowledges nothing."""
    text = _committed(repository)
    if text is None:
        return set()
    document, _ = read_bytes(text, FILE)
    lines: Any = document.data if document else None
    if not isinstance(lines, list):
        return set()
    return {line["plan"] for line in lines if isinstance(line, dict) and "plan" in line}


def line_for(digest: str) -> str:
    """The YAML to add."""
    return f'- {{plan: "{digest}", reason: "why this is wanted"}}'


def _committed(repository: Repository) -> bytes | None:
    path = repository.inventory / FILE
    if not (repository.root / ".git").exists():
        return path.read_bytes() if path.is_file() else None
    name = path.relative_to(repository.root).as_posix()
    done = subprocess.run(
        ["git", "-C", str(repository.root), "show", f"HEAD:{name}"],
        capture_output=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else None
