# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the fleet and the identity of their content, as cheaply as git knows it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from bastide.documents.source import MAX_BYTES, load_bytes

# In any case: an editor on Windows writes CAHORS.YML, which must not go by in silence.
_CHARTER = re.compile(r"[^.].*\.ya?ml", re.IGNORECASE | re.DOTALL)


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


def scan(root: Path, folder: str = "collectivities") -> dict[str, Source]:
    """Every ``<folder>/**/*.yml`` by slug, sorted.

    In a git work tree git tells the blob ids of unchanged files without reading them;
    changed and new files are hashed as git would.  A ``.yaml`` or ``.YML`` is read as well and
    keeps its suffix in the slug, so that it never hides the ``.yml`` beside it.
    """
    listed = _git_blobs(root, folder)
    if listed is None:
        listed = dict.fromkeys(_walk(root, folder))
    sources = {}
    for name in sorted(listed):
        blob = listed[name] or blob_id_of(root / name)
        slug = slug_of(readable(name), folder)
        sources[slug] = Source(slug, root, name, blob)
    return sources


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


def _walk(root: Path, folder: str) -> list[str]:
    found = []
    for base, folders, files in os.walk(root / folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        relative = Path(base).relative_to(root).as_posix()
        found += [f"{relative}/{f}" for f in files if _is_charter(f)]
    return found


def _is_charter(name: str) -> bool:
    return bool(_CHARTER.fullmatch(name))


def _git_blobs(root: Path, folder: str) -> dict[str, str | None] | None:
    """Name → blob id (None: read the file) from git; None where git does not serve."""
    if not (root / ".git").exists() or not shutil.which("git"):
        return None
    looks = ("-m", "-d", "-o", "--exclude-standard")
    # The second looks at every file, and does so while the first is read.
    with _git(root, *looks, folder=folder) as touching, _git(root, "-s", folder=folder) as staging:
        staged, touched = _answer(staging), _answer(touching)
    if staged is None or touched is None:
        return None
    blobs: dict[str, str | None] = {}
    for line in staged.split("\0"):
        if line:
            meta, _, name = line.partition("\t")
            mode, blob, stage = meta.split(" ")
            if _is_charter(name.rpartition("/")[2]) and mode != "160000":
                # A symbolic link or an unmerged entry is read like any file.
                blobs[name] = blob if mode != "120000" and stage == "0" else None
    for name in touched.split("\0"):
        if name and _is_charter(name.rpartition("/")[2]):
            # A link that leads nowhere is there, and is told; what is gone is gone.
            if os.path.lexists(root / name):
                blobs[name] = None
            else:
                blobs.pop(name, None)
    return blobs


def _git(root: Path, *options: str, folder: str) -> subprocess.Popen[bytes]:
    command = ["git", "-C", str(root), "ls-files", "-z", *options, "--", folder]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _answer(process: subprocess.Popen[bytes]) -> str | None:
    output, _ = process.communicate()
    return output.decode(errors="surrogateescape") if process.returncode == 0 else None
