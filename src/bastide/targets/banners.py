# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the desks, put beside a share under their digests, for the hosts to fetch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from bastide.documents import ASSETS, write_atomically

_SOME = b'"banner":'


def bring_banners(root: Path, folder: Path, lines: Iterable[bytes]) -> None:
    """Copy the banners that `lines` of a desk share name into `folder`, named by their SHA-256.

    A picture that is no longer there is told by the host, to whom it concerns alone.
    """
    for line in lines:
        if _SOME not in line:
            continue
        entry = json.loads(line)
        wanted = {digest_of(one) for one in entry["resources"]} - {None}
        wanted -= {digest for digest in wanted if (folder / str(digest)).is_file()}
        if wanted:
            _copy(root / ASSETS / entry["collectivity"], folder, wanted)


def digest_of(resource: dict[str, dict[str, dict[str, str]]]) -> str | None:
    """SHA-256 of the banner that a resource of a share needs, None when it needs none."""
    return resource["body"].get("banner", {}).get("sha256")


def _copy(source: Path, folder: Path, wanted: set[str | None]) -> None:
    for file in sorted(source.rglob("*")) if source.is_dir() else ():
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            if digest in wanted:
                folder.mkdir(parents=True, exist_ok=True)
                write_atomically(folder / digest, content)
