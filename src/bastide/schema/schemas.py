# SPDX-License-Identifier: GPL-3.0-or-later
"""All the schemas and catalogues of a repository, loaded once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bastide.diagnostics import Diagnostic, diagnose, has_errors
from bastide.documents import Document, read_file
from bastide.schema import kinds
from bastide.schema.check import Checker
from bastide.schema.definition import Schema

if TYPE_CHECKING:
    from pathlib import Path

Catalogue = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Catalogues:
    """What operators may choose from: each maps a name to its entry."""

    models: Catalogue = field(default_factory=dict)
    palettes: Catalogue = field(default_factory=dict)
    functions: Catalogue = field(default_factory=dict)
    procedures: Catalogue = field(default_factory=dict)
    registrars: Catalogue = field(default_factory=dict)

    def named(self, name: str) -> Catalogue:
        """The catalogue called `name`, empty when there is none."""
        found: Catalogue = getattr(self, name, {})
        return found


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of ``schemas/``.

    `diagnostics` tell what is wrong with the schema files and the catalogues themselves; with
    an error among them, nothing should be checked.
    """

    collectivity: Schema
    platform: Schema
    catalog: Schema
    diagnostics: list[Diagnostic]
    _checkers: Mapping[str, Checker]
    _catalogues: Catalogues

    @classmethod
    def load(cls, directory: Path) -> Schemas:
        """Load ``collectivity.yml``, ``platform.yml``, ``catalog.yml`` and ``catalog/``."""
        found: list[Diagnostic] = []
        checkers = {}
        for name in ("collectivity", "platform", "catalog"):
            checkers[name], diagnostics = load_schema(directory / f"{name}.yml")
            found += diagnostics
        catalogues = _load_catalogues(directory, checkers["catalog"], found)
        return cls(
            checkers["collectivity"].schema,
            checkers["platform"].schema,
            checkers["catalog"].schema,
            sorted(found),
            checkers,
            Catalogues(**catalogues),
        )

    def check_collectivity(self, document: Document) -> list[Diagnostic]:
        """Findings about the charter `document`, sorted by place."""
        return self._checkers["collectivity"].check(document)

    def check_platform(self, document: Document) -> list[Diagnostic]:
        """Findings about the ``platform.yml`` `document`, sorted by place."""
        return self._checkers["platform"].check(document)

    def catalogues(self) -> Catalogues:
        """The catalogues."""
        return self._catalogues


def load_schema(path: Path) -> tuple[Checker, list[Diagnostic]]:
    """A checker of the schema in the file `path`; of an empty schema when that is broken.

    Whatever the fast way does not know well is judged by Cerberus here; :func:`verify` has
    Cerberus judge all of it.
    """
    document, found = read_file(path, f"{path.parent.name}/{path.name}")
    schema = _schema_of(path.stem, document) if document else None
    if document is None or schema is None:
        reason = "`fields` is missing"
        found = found or [diagnose(kinds.BROKEN_SCHEMA, path.name, 1, 1, reason=reason)]
        return Checker(Schema(path.stem, "", "", {})), found
    try:
        return Checker(schema), found
    except Exception as error:  # noqa: BLE001 - Cerberus and the compiler raise what comes
        broken = document.diagnose(kinds.BROKEN_SCHEMA, ("fields",), reason=_reason(error))
        return Checker(Schema(path.stem, "", "", {})), [*found, broken]


def verify(schema: Schema) -> str | None:
    """What Cerberus has against `schema` itself, None when nothing."""
    from cerberus import SchemaError

    from bastide.schema.validator import make_validator

    try:
        make_validator(schema)
    except SchemaError as error:
        return _reason(error)
    return None


def _reason(error: Exception) -> str:
    return f"no definition is named {error}" if isinstance(error, KeyError) else str(error)


def _schema_of(name: str, document: Document) -> Schema | None:
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("fields"), dict):
        return None
    definitions = data.get("definitions")
    return Schema(
        name,
        str(data.get("title", name)),
        str(data.get("title_fr", name)),
        data["fields"],
        definitions if isinstance(definitions, dict) else {},
    )


def _load_catalogues(directory: Path, checker: Checker, found: list[Diagnostic]) -> dict[str, Any]:
    """Entries of each catalogue file, by the name of the catalogue; `found` grows."""
    catalogues: dict[str, Any] = {}
    for name in checker.schema.fields:
        path = directory / "catalog" / f"{name}.yml"
        document, diagnostics = read_file(path, f"{directory.name}/catalog/{path.name}")
        if document is not None:
            diagnostics += checker.check(document)
        found += diagnostics
        if document is not None and not has_errors(diagnostics):
            catalogues[name] = document.data.get(name) or {}
    return catalogues
