# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that give no answer: after a few questions one is not asked again in this run.

Each question to a machine that is off costs seconds, and a fleet has thousands of questions.
"""

from __future__ import annotations

from collections import Counter

_PATIENCE = 3
SILENT = f"not asked: {_PATIENCE} questions before it got no answer"


class Silence:
    """How many questions in a row each server, by address, left without an answer."""

    def __init__(self) -> None:
        self._unanswered: Counter[str] = Counter()

    def given_up(self, server: str) -> bool:
        """True when there is no use in asking `server` again."""
        return self._unanswered[server] >= _PATIENCE

    def note(self, server: str, *, answered: bool) -> None:
        """Note whether a question to `server` got an answer, be it the wrong one."""
        self._unanswered[server] = 0 if answered else self._unanswered[server] + 1
