# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the fleet and the identity of their content, as cheaply as git knows it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """One charter's file: `slug` is ``46/cahors``, `blob` the git blob id of its content.

    The blob of a ``.yaml`` ends with that: what was found out about a file names the file.
    """

    slug: str
    path: Path
    blob: str


def scan(root: Path, folder: str = "collectivities") -> dict[str, Source]:
    """Every ``<folder>/**/*.yml`` by slug, sorted.

    In a git work tree git tells the blob ids of unchanged files without reading them;
    changed and new files are hashed as git would.  Of ``cahors.yaml`` and ``cahors.yml``
    neither hides the other: the first then has its whole name as slug.
    """
    listed = _git_blobs(root, folder)
    if listed is None:
        listed = dict.fromkeys(_walk(root, folder))
    sources = {}
    for name in sorted(listed):
        path = root / name
        blob = listed[name] or blob_id_of(path)
        whole = name.removeprefix(folder + "/")
        stem, _, suffix = whole.rpartition(".")
        if suffix == "yaml":
            blob = blob and f"{blob}.yaml"
        slug = whole if suffix == "yaml" and f"{folder}/{stem}.yml" in listed else stem
        sources[slug] = Source(slug, path, blob)
    return sources


def blob_id(data: bytes) -> str:
    """Git's name for this content (SHA-1 object format)."""
    header = b"blob %d\x00" % len(data)
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest()


def blob_id_of(path: Path) -> str:
    """Blob id of a file; one that cannot be read gets an id that is never cached."""
    try:
        return blob_id(path.read_bytes())
    except OSError:
        return ""


def _walk(root: Path, folder: str) -> list[str]:
    found = []
    for base, folders, files in os.walk(root / folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        relative = Path(base).relative_to(root).as_posix()
        found += [f"{relative}/{f}" for f in files if _is_charter(f)]
    return found


def _is_charter(name: str) -> bool:
    return name.endswith((".yml", ".yaml")) and not name.startswith(".")


def _git_blobs(root: Path, folder: str) -> dict[str, str | None] | None:
    """Name → blob id (None: read the file) from git; None where git does not serve."""
    if not (root / ".git").exists():
        return None
    staged = _git(root, "ls-files", "-s", "-z", "--", folder)
    touched = _git(root, "ls-files", "-z", "-m", "-d", "-o", "--exclude-standard", "--", folder)
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
            if (root / name).is_file():
                blobs[name] = None
            else:
                blobs.pop(name, None)
    return blobs


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, check=False
        )
    except OSError:
        return None
    return done.stdout.decode(errors="surrogateescape") if done.returncode == 0 else None
