# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing that can be wrong or unknown.

The names are those of the ANCT's checker, which publishes them for every collectivity; those
that begin with ``STRICT_`` are found in the strict mode alone.
"""

from __future__ import annotations

from typing import NamedTuple

from bastide.diagnostics import Text


class Issue(NamedTuple):
    """`blocks` are codes of criteria; `text` says what is wrong and `fix` what to do."""

    blocks: frozenset[str]
    text: Text
    fix: Text


def blocks(*codes: str) -> frozenset[str]:
    """The criteria that an issue blocks."""
    return frozenset(codes)
