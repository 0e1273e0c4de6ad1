# SPDX-License-Identifier: GPL-3.0-or-later
"""A charter in canonical form: its keys in the order of the schema, its comments kept."""

from __future__ import annotations

import re
from pathlib import Path

from bastide.diagnostics import InvalidInput
from bastide.documents import canonical, read_file
from bastide.schema import Schema, Schemas

_PLATFORM = re.compile(r"inventory/[^/]+/platform\.yml")


def canonical_file(path: Path, name: str, schemas: Schemas) -> tuple[str, str]:
    """Text of the file as it is and in canonical form; ``InvalidInput`` when it is broken.

    `name` is its path from the root of the repository; one that lies elsewhere is a charter
    that no schema for editors is near to.
    """
    document, found = read_file(path, name)
    if document is None:
        raise InvalidInput(*found)
    text = path.read_bytes()
    schema = _schema_of(name, schemas)
    order = schema.key_order() if schema else None
    editors = None
    if schema and name.startswith(("collectivities/", "inventory/")):
        editors = f"{'../' * name.count('/')}schemas/{schema.name}.schema.json"
    written, found = canonical(text, name, order, editors)
    if written is None:
        raise InvalidInput(*found)
    return text.decode(), written


def _schema_of(name: str, schemas: Schemas) -> Schema | None:
    """Whose keys the file has; None for the schemas and catalogues themselves."""
    if name.startswith("schemas/"):
        return None
    return schemas.platform if _PLATFORM.fullmatch(name) else schemas.collectivity
