# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files the fleet has and what is in them, as cheaply as git knows it."""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from bastide.documents import ASSETS
from bastide.fleet.git import Answer, Question
from bastide.fleet.source import Source, blob_id_of, readable, slug_of

FOLDER = "collectivities"
_BESIDE = f"{ASSETS}/"

# In any case: an editor on Windows writes CAHORS.YML, which must not go by in silence.
_CHARTER = re.compile(r"[^.].*\.ya?ml", re.IGNORECASE | re.DOTALL)
# Links, whose content git does not know, and files in the middle of a merge.  Plain strings:
# searching a list of some megabytes for a pattern takes longer than the rest of a run.
_IRREGULAR = (b"\x00120000 ", b" 1\t", b" 2\t", b" 3\t")


class Listing:
    """Every ``<folder>/**/*.yml`` below `root`, at the time it was made.

    In a git work tree git tells the blob ids of unchanged files without reading them;
    changed and new files are hashed as git would.  A ``.yaml`` or ``.YML`` is read as well and
    keeps its suffix in the slug, so that it never hides the ``.yml`` beside it.

    Files in ``assets/<slug>/`` belong to that charter's content: the identity of one that has some
    is a digest of them all.

    `answer` is git's; None where the folders are walked through instead.
    """

    def __init__(self, root: Path, answer: Answer | None, folder: str = FOLDER) -> None:
        self._root = root
        self._folder = folder
        self._staged = answer.staged if answer else None
        self._touched = [
            name
            for name in _names(answer.touched if answer else b"")
            if self._is_charter(name) or name.startswith(_BESIDE)
        ]

    @classmethod
    def read(cls, root: Path, folder: str = FOLDER) -> Listing:
        """The listing of now."""
        with Question(root, folder) as question:
            return cls(root, question.answer(), folder)

    @functools.cached_property
    def key(self) -> str | None:
        """Equal for equal listings, known without looking at a single name; None when unknown."""
        if self._staged is None or self._touched:
            return None
        listed = b"\0" + self._staged
        if any(mark in listed for mark in _IRREGULAR):
            return None
        return hashlib.sha256(self._staged).hexdigest()

    @functools.cached_property
    def sources(self) -> dict[str, Source]:
        """The files by slug, sorted."""
        listed = self._walked() if self._staged is None else self._staged_and_touched()
        sources = {}
        beside = []
        for name in sorted(listed):
            if name.startswith(_BESIDE):
                beside.append(name)
                continue
            blob = listed[name] or blob_id_of(self._root / name)
            slug = slug_of(readable(name), self._folder)
            sources[slug] = Source(slug, self._root, name, blob)
        self._attach(sources, {name: listed[name] for name in beside})
        return sources

    def _attach(self, sources: dict[str, Source], beside: dict[str, str | None]) -> None:
        """Make the files beside charters a part of these charters' identity."""
        owned: dict[str, list[str]] = {}
        for name, blob in beside.items():
            slug = readable(name).removeprefix(_BESIDE).rpartition("/")[0]
            while slug and slug not in sources:
                slug = slug.rpartition("/")[0]
            if slug:
                known = blob or _look_of(self._root / name)
                owned.setdefault(slug, []).append(f"{readable(name)}\0{known}")
        for slug, files in owned.items():
            source = sources[slug]
            if source.blob:
                text = "\0".join([source.blob, *files])
                blob = hashlib.sha256(text.encode()).hexdigest()
                sources[slug] = source._replace(blob=blob)

    def _walked(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for base, folders, files in os.walk(self._root / self._folder):
            folders[:] = [f for f in folders if not f.startswith(".")]
            relative = Path(base).relative_to(self._root).as_posix()
            found.update({f"{relative}/{f}": None for f in files if _is_charter(f)})
        for base, _, files in os.walk(self._root / ASSETS):
            relative = Path(base).relative_to(self._root).as_posix()
            found.update({f"{relative}/{f}": None for f in files})
        return found

    def _is_charter(self, name: str) -> bool:
        return name.startswith(f"{self._folder}/") and _is_charter(name)

    def _staged_and_touched(self) -> dict[str, str | None]:
        """Name → blob id; None: the file is to be read."""
        blobs: dict[str, str | None] = {}
        for line in _names(self._staged or b""):
            meta, _, name = line.partition("\t")
            mode, blob, stage = meta.split(" ")
            if mode != "160000" and (name.startswith(_BESIDE) or self._is_charter(name)):
                # A symbolic link or an unmerged entry is read like any file.
                blobs[name] = blob if mode != "120000" and stage == "0" else None
        for name in self._touched:
            # A link that leads nowhere is there, and is told; what is gone is gone.
            if os.path.lexists(self._root / name):
                blobs[name] = None
            else:
                blobs.pop(name, None)
        return blobs


def generation_of(sources: Iterable[tuple[str, str]]) -> str:
    """Hex digest of ``(slug, blob id)`` pairs, in whatever order they come."""
    lines = sorted(f"{slug}\0{blob}" for slug, blob in sources)
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()


def _look_of(path: Path) -> str:
    """Another text when the file is another: its content, or that of a large one by its look."""
    if blob := blob_id_of(path):
        return blob
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_size} {found.st_mtime_ns}"


def _is_charter(name: str) -> bool:
    return bool(_CHARTER.fullmatch(name.rpartition("/")[2]))


def _names(answer: bytes) -> list[str]:
    return [name for name in answer.decode(errors="surrogateescape").split("\0") if name]
