# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of the repository that `bastide schema` writes, and nobody edits."""

from __future__ import annotations

from pathlib import Path

from bastide import schema
from bastide.diagnostics import InvalidInput, has_errors
from bastide.report.conformity_pages import conformity_pages
from bastide.report.diagnostics import reference_pages
from bastide.schema import Schemas


def generated_files(schemas: Path) -> dict[str, str]:
    """Text of each file by its path from the root; ``InvalidInput`` for broken schemas."""
    loaded = Schemas.load(schemas)
    if has_errors(loaded.diagnostics):
        raise InvalidInput(*loaded.diagnostics)
    return schema.generated_files(loaded) | reference_pages() | conformity_pages()
