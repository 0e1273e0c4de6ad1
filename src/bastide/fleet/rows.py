# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of one file as the cache keeps it.

``marshal`` because it is the fastest by far.  A cache is written and read by the same
interpreter only: its version is part of the cache's key.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any, NamedTuple

from bastide.desired import Origin
from bastide.diagnostics import Diagnostic
from bastide.model import Facts

if TYPE_CHECKING:
    # Only for types: most runs grade nobody.
    from bastide.conformity.evidence import Evidence


class ExaminedRow(NamedTuple):
    """One examined file in the cache."""

    slug: str
    blob: str
    head: bytes


class CompiledRow(NamedTuple):
    """One compiled file in the cache: packed origins, and its line in each share.

    `groupware` is empty on a platform whose groupware is not asked by the engine, `tls` where
    certificates are not obtained by ACME, `desk` where nobody serves desks; `evidence` is what its
    conformity is predicted from, packed.
    """

    slug: str
    blob: str
    origins: bytes
    mail: bytes
    dns: bytes
    web: bytes
    tls: bytes
    groupware: bytes
    desk: bytes
    evidence: bytes


Packed = list[tuple[Any, ...]]


def pack(diagnostics: list[Diagnostic]) -> Packed:
    """Diagnostics as plain tuples."""
    return [(d.file, d.line, d.column, d.code, d.path, d.facts) for d in diagnostics]


def unpack(packed: Packed) -> list[Diagnostic]:
    """The way back from :func:`pack`."""
    if packed:
        # Declares the kinds that the findings are of.
        import bastide.rules  # noqa: F401
    return [Diagnostic(*d) for d in packed]


def unpack_head(head: bytes) -> tuple[Packed, Facts | None]:
    """Packed diagnostics, and facts, out of :meth:`Examined.packed`."""
    diagnostics, facts = marshal.loads(head)  # noqa: S302 - our own cache
    return diagnostics, Facts.unpack(facts) if facts else None


def unpack_origins(origins: bytes) -> dict[str, Origin]:
    """Origins of a row."""
    loaded = marshal.loads(origins)  # noqa: S302 - our own cache
    return {address: Origin(*origin) for address, origin in loaded.items()}


def unpack_evidence(evidence: bytes) -> Evidence:
    """What the conformity of a row is predicted from."""
    from bastide.conformity.evidence import Evidence

    return Evidence.unpack(marshal.loads(evidence))  # noqa: S302 - our own cache
