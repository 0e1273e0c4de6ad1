# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that are generated from the schemas, by `bastide schema`."""

from __future__ import annotations

import json

from bastide.schema.editors import json_schema
from bastide.schema.pages import reference_markdown
from bastide.schema.schemas import Schemas


def generated_files(schemas: Schemas) -> dict[str, str]:
    """Text of each generated file by its path from the root of the repository."""
    catalogues = schemas.catalogues()
    names = {name: list(catalogues.named(name)) for name in schemas.catalog.fields}
    files: dict[str, str] = {}
    for schema in (schemas.collectivity, schemas.platform, schemas.catalog):
        described = json_schema(schema, names)
        files[f"schemas/{schema.name}.schema.json"] = (
            json.dumps(described, ensure_ascii=False, indent=1) + "\n"
        )
    for schema in (schemas.collectivity, schemas.platform):
        files[f"docs/reference/{schema.name}.md"] = reference_markdown(schema, "en")
        files[f"docs/reference/{schema.name}.fr.md"] = reference_markdown(schema, "fr")
    return files
