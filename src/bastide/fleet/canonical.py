# SPDX-License-Identifier: GPL-3.0-or-later
"""A charter in canonical form: its keys in the order of the schema, its comments kept."""

from __future__ import annotations

from pathlib import Path

from bastide.diagnostics import InvalidInput
from bastide.documents import canonical, read_file
from bastide.schema import Schemas

# Relative to collectivities/<department>/, where charters lie.
_EDITORS = "../../schemas/collectivity.schema.json"


def canonical_file(path: Path, name: str, schemas: Schemas) -> tuple[str, str]:
    """Text of the file as it is and in canonical form; ``InvalidInput`` when it is broken."""
    document, found = read_file(path, name)
    if document is None:
        raise InvalidInput(*found)
    text = path.read_bytes()
    written, found = canonical(text, name, schemas.collectivity.key_order(), _EDITORS)
    if written is None:
        raise InvalidInput(*found)
    return text.decode(), written
