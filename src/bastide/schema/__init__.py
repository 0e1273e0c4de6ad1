# SPDX-License-Identifier: GPL-3.0-or-later
"""Structure: Cerberus schemas, what they say of a document, and what is generated from them."""

from bastide.schema.accept import compile_accept
from bastide.schema.check import Checker
from bastide.schema.definition import Schema
from bastide.schema.editors import json_schema
from bastide.schema.generated import generated_files
from bastide.schema.nearest import nearest
from bastide.schema.pages import reference_markdown
from bastide.schema.schemas import Catalogues, Schemas, load_schema, verify

__all__ = [
    "Catalogues",
    "Checker",
    "Schema",
    "Schemas",
    "compile_accept",
    "generated_files",
    "json_schema",
    "load_schema",
    "nearest",
    "reference_markdown",
    "verify",
]
