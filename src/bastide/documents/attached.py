# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a charter names beside itself: pictures, definitions of procedures.

They lie in ``assets/<slug>/``, so that it is known without reading a charter which of them it may
depend on: the fleet takes them together with the charter for one content.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bastide.documents.source import MAX_BYTES

ASSETS = "assets"
"""Folder of such files, from the root of a repository."""

Trouble = Literal["place", "absent", "large", "unreadable"]


class Attachments:
    """Reads them; `root` is that of the repository, None where there are none."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root

    def read(self, slug: str, name: str) -> bytes | Trouble:
        """Content of the file that the charter `slug` names, or why there is none.

        ``place``: it is not in the charter's own folder; ``large``: more than a megabyte.
        """
        folder = f"{ASSETS}/{slug}/"
        if not name.startswith(folder) or "\0" in name:
            return "place"
        if self._root is None:
            return "absent"
        path = self._root / name
        try:
            # A link must not lead out of the folder, whatever it is called.
            if not path.resolve().is_relative_to((self._root / folder).resolve()):
                return "place"
            if not path.is_file():
                return "absent"
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (OSError, RuntimeError):
            return "unreadable"
        return content if len(content) <= MAX_BYTES else "large"
