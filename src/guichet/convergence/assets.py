# SPDX-License-Identifier: GPL-3.0-or-later
"""Banners: files that lie beside the share, named by their own SHA-256."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guichet.filetypes import type_of

LARGEST = 500_000  # bytes: every page shows it
PICTURES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Assets:
    """The folder of the files; None where a run brings none."""

    folder: Path | None

    def objection(self, banner: dict[str, Any] | None) -> str | None:
        """Why a banner cannot be shown; None when it can, or when there is none."""
        if banner is None:
            return None
        content = self._read(banner["sha256"])
        if isinstance(content, str):
            return content
        if len(content) > LARGEST:
            return f"the banner has {len(content)} bytes, {LARGEST} are allowed"
        if hashlib.sha256(content).hexdigest() != banner["sha256"]:
            return "the banner's content is not that of its digest"
        return None if type_of(content) in PICTURES else "the banner is no JPEG, PNG or WebP"

    def picture(self, banner: dict[str, Any] | None) -> tuple[bytes | None, str]:
        """Content and media type of a banner without objection."""
        if banner is None:
            return None, ""
        content = self._read(banner["sha256"])
        if isinstance(content, str):
            raise FileNotFoundError(content)
        return content, PICTURES[type_of(content) or ""]

    def _read(self, digest: str) -> bytes | str:
        if self.folder is None or not _DIGEST.match(digest):
            return "the banner was not brought to this host"
        try:
            with (self.folder / digest).open("rb") as file:
                return file.read(LARGEST + 1)
        except OSError:
            return "the banner was not brought to this host"
