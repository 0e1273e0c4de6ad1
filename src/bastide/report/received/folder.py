# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads every report below a folder: messages as .eml or Maildir, or the reports themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bastide.diagnostics import Diagnostic, InvalidInput, diagnose
from bastide.report.received.document import Found, read_document
from bastide.report.received.kinds import NO_FOLDER, TOO_LARGE
from bastide.report.received.unpack import MOST


def read_folder(folder: Path) -> Iterator[Found]:
    """Reports below `folder`, file by file in order of name, and what could not be read.

    Raises:
        InvalidInput: there is no such folder (C831).
    """
    if not folder.is_dir():
        raise InvalidInput(_unreadable(folder, "no such folder"))
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place) / name
            # No dot files: they are a Maildir's own. No pipe: it would be waited for.
            if not name.startswith(".") and path.is_file():
                yield from _read_file(path)


def _read_file(path: Path) -> Iterator[Found]:
    shown = str(path).encode("utf-8", "replace").decode()
    try:
        with path.open("rb") as file:
            content = file.read(MOST * 1_000_000 + 1)
    except OSError as error:
        yield _unreadable(path, error.strerror or str(error))
        return
    if len(content) > MOST * 1_000_000:
        yield diagnose(TOO_LARGE, shown, most=MOST)
        return
    yield from read_document(shown, content)


def _unreadable(path: Path, error: str) -> Diagnostic:
    shown = str(path).encode("utf-8", "replace").decode()
    return diagnose(NO_FOLDER, shown, folder=shown, error=error)
