# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of the fleet: its slug, its name, and the identity of its content."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from bastide.documents.source import MAX_BYTES, load_bytes


class Source(NamedTuple):
    """One charter's file: `slug` is ``46/cahors``, `blob` the git blob id of its content.

    `name` is the file's, from `root`.  Paths are made when somebody opens the file: there
    are 35,000 of them, and most files are opened never.
    """

    slug: str
    root: Path
    name: str
    blob: str

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.root / self.name


def slug_of(name: str, folder: str = "collectivities") -> str:
    """``46/cahors`` for ``collectivities/46/cahors.yml``."""
    return name.removeprefix(f"{folder}/").removesuffix(".yml")


def readable(name: str) -> str:
    r"""The name of a file as text that every output can hold: ``mairie-de-Fi\xe9.yml``.

    Names are bytes to the system; those saved by an older one are not always UTF-8, and
    a line break in one would break a report.
    """
    if name.isprintable():  # a byte that is no text is not printable either
        return name
    text = os.fsencode(name).decode(errors="backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def blob_id(data: bytes) -> str:
    """Git's name for this content (SHA-1 object format)."""
    header = b"blob %d\x00" % len(data)
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest()


def blob_id_of(path: Path) -> str:
    """Blob id of a file; one that the reader refuses unread gets an id that is never cached.

    The reader looks before it opens: a named pipe would wait for a writer, and a device or a
    dump that lost its way would be read to its end.
    """
    data = load_bytes(path, path.name)
    return blob_id(data) if isinstance(data, bytes) and len(data) <= MAX_BYTES else ""
