# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule is: one short file with a docstring, its kinds, and one function.

A local rule sees one collectivity; a fleet rule sees the facts of one file and the index
of all.  Both give findings, which become diagnostics with line and column only when
there are any: positions are paid for by the file at fault.

The docstring of a rule's file is its help, in English, then after a line ``---`` in
French, then after ``Wrong:`` and ``Right:`` a YAML example of each; the reference page is
made from it and the examples are run as tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from bastide.diagnostics import Kind, Path
from bastide.documents import Attachments
from bastide.model import Facts, Index

if TYPE_CHECKING:
    from bastide.model import Platform
    from bastide.rules.case import Case
    from bastide.schema import Catalogues


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind at a path of the document; `at` says whether the key or the value is at fault."""

    kind: Kind
    path: Path
    at: Literal["key", "value"] = "key"
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What local rules may look at beside the collectivity."""

    platform: Platform
    catalogues: Catalogues
    attachments: Attachments = field(default_factory=Attachments)


LocalRule = Callable[["Case"], Iterable[Finding]]
FleetRule = Callable[[Facts, Index, dt.date], Iterable[Finding]]
