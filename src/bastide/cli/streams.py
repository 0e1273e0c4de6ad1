# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard streams that any text can be written to, whatever the locale and the caller."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Final

_ERRORS: Final = "bastide.legible"
_INSTEAD: Final = {
    "→": "->",
    "…": "...",
    "\u2019": "'",
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "œ": "oe",
}


def prepare() -> None:
    """Let stdout and stderr take every character, and stand in for one that is closed.

    A locale in Latin-1 or ASCII cannot show all of a message; it shows what it can.
    """
    codecs.register_error(_ERRORS, _legible)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # `bastide … >&-`, and some job runners
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, "w")))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _legible(error: UnicodeError) -> tuple[str, int]:
    """Plain signs for what the encoding lacks, the number of what has no like."""
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - streams are written to
    lost = error.object[error.start : error.end]
    return "".join(_INSTEAD.get(c, ascii(c)[1:-1]) for c in lost), error.end
