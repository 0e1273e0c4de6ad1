# SPDX-License-Identifier: GPL-3.0-or-later
"""Paper as a value, and the PDF of it, which a process of its own makes (``__main__``).

What lays out a page brings fonts, images and signatures along: a quarter of what a worker holds,
for an address that few ask for.  The process costs each PDF some 0.4 s and forgets everything.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_PATIENCE = 30  # seconds, and one more for each paper; gunicorn gives a worker 60
_LENGTH = 8  # bytes before each PDF that say how long it is


class NotPrinted(Exception):
    """There is no PDF; the text says why, never what it would have shown."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on A4 pages.

    `page` is the foot of each, with ``%(number)d``.  `parts` are pairs of a kind (the keys of
    ``__main__.LOOK``) and its text; of kind `table` it is rows of cells, the first being its head,
    and `widths` are how wide the columns are, in any unit.
    """

    title: str
    language: str
    page: str
    parts: Sequence[tuple[str, Any]]
    widths: Sequence[int] = ()


def printed(papers: Sequence[Paper]) -> list[bytes]:
    """The PDF of each.

    Raises:
        NotPrinted: the process failed, or was not done in time.
    """
    patience = _PATIENCE + len(papers)
    command = [sys.executable, "-I", "-m", __name__]
    sent = json.dumps([asdict(one) for one in papers]).encode()
    try:
        done = subprocess.run(
            command, input=sent, capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotPrinted(f"not done after {patience} s") from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotPrinted(f"status {done.returncode}: {last}")
    return list(_each(done.stdout, len(papers)))


def framed(pdf: bytes) -> bytes:
    """A PDF behind its length, as the process writes it."""
    return len(pdf).to_bytes(_LENGTH) + pdf


def _each(text: bytes, number: int) -> list[bytes]:
    found, at = [], 0
    for _ in range(number):
        start = at + _LENGTH
        at = start + int.from_bytes(text[at:start])
        found.append(text[start:at])
    return found
