# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a secret from where platform.yml says it lies: a variable of the environment, or a file."""

from __future__ import annotations

import os
from pathlib import Path


def read_credential(variable: str, file: str) -> tuple[str, str]:
    """The secret, as it stands there, and why there is none where it is empty.

    Args:
        variable: Name of an environment variable; goes before the file; empty for none.
        file: Path of a file whose first line it is; empty for none.
    """
    if variable:
        return os.environ.get(variable, ""), f"environment variable {variable} is not set"
    if not file:
        return "", "neither a variable nor a file is named"
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return "", f"{file}: {why}"
    return (lines[0] if lines else ""), f"{file} is empty"
