# SPDX-License-Identifier: GPL-3.0-or-later
"""What git knows of charters and the files beside them; it looks while others do their work."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from bastide.documents import ASSETS


class Answer(NamedTuple):
    """What git told: NUL-separated entries, as in git-ls-files(1).

    `staged` has the modes, blob ids, stages and names of the index, `touched` the names of
    files that differ from it, are missing, or are not in it.
    """

    staged: bytes
    touched: bytes


class Question:
    """Put to git when entered; whoever wants the answer waits for it.

    Leaving early stops git.
    """

    def __init__(self, root: Path, folder: str) -> None:
        self._root = root
        self._folder = folder
        self._asked: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        if (self._root / ".git").exists() and shutil.which("git"):
            # The second looks at every file, and does so while the first is read.
            self._asked = [self._ask("-s"), self._ask("-m", "-d", "-o", "--exclude-standard")]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for asked in self._asked:
            if asked.poll() is None:
                asked.kill()
            asked.__exit__(kind, error, trace)

    def answer(self) -> Answer | None:
        """What git said; None where it does not serve."""
        if not self._asked:
            return None
        staged, touched = [asked.communicate()[0] for asked in self._asked]
        serves = not any(asked.returncode for asked in self._asked)
        return Answer(staged, touched) if serves else None

    def _ask(self, *options: str) -> subprocess.Popen[bytes]:
        command = ["git", "-C", str(self._root), "ls-files", "-z", *options, "--"]
        command += [self._folder, ASSETS]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
