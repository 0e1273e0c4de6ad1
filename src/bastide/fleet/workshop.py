# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas and platform made ready, and files examined with them, on every core when many."""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bastide import reference
from bastide.diagnostics import Diagnostic, InvalidInput, has_errors
from bastide.documents import Attachments, Document, read_file
from bastide.fleet.repository import Repository
from bastide.fleet.rows import CompiledRow, ExaminedRow
from bastide.fleet.source import Source, readable
from bastide.model import Platform, build_platform
from bastide.schema import Schemas

if TYPE_CHECKING:
    from bastide.fleet.examine import Examiner

# Below this, starting processes costs more than it saves.
_POOL_ABOVE = 600
_CHUNK = 250
Row = TypeVar("Row", ExaminedRow, CompiledRow)


@dataclass
class Workshop:
    """What examining needs; `platform` is None when its file has errors."""

    repository: Repository
    schemas: Schemas
    platform: Platform | None
    platform_document: Document | None
    diagnostics: list[Diagnostic]

    @classmethod
    def open(cls, repository: Repository) -> Workshop:
        """Read schemas, catalogues and platform.yml; broken schemas end the run."""
        schemas = Schemas.load(repository.schemas)
        if has_errors(schemas.diagnostics):
            raise InvalidInput(*schemas.diagnostics)
        name = repository.relative(repository.platform_file)
        document, found = read_file(repository.platform_file, name)
        platform = None
        if document is not None:
            found = [*found, *schemas.check_platform(document)]
            if not has_errors(found):
                platform = build_platform(name, document.data)
        return cls(repository, schemas, platform, document, found)

    @functools.cached_property
    def examiner(self) -> Examiner:
        """Made, and the rules with it loaded, when there is something to examine."""
        from bastide.fleet.examine import Examiner

        attachments = Attachments(self.repository.root)
        return Examiner(self.schemas, self.platform, _name_of, attachments)

    def examine(self, sources: list[Source]) -> Iterator[list[ExaminedRow]]:
        """Examine `sources`; rows come in the order of the sources, some hundreds at a time."""
        return self._on_every_core(_examine, sources)

    def compile(self, sources: list[Source]) -> Iterator[list[CompiledRow]]:
        """Compile `sources`, all of which are without errors; rows come as from `examine`."""
        return self._on_every_core(_compile, sources)

    def _on_every_core(
        self, work: Callable[[Workshop, Source], Row], sources: list[Source]
    ) -> Iterator[list[Row]]:
        if len(sources) < _POOL_ABOVE or os.cpu_count() == 1:
            yield [work(self, source) for source in sources]
            return
        # Loaded here: where few files changed, loading them is a part of the run that shows.
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        chunks = [(work, sources[i : i + _CHUNK]) for i in range(0, len(sources), _CHUNK)]
        # A forked worker has schemas, platform and rules already; nothing is sent but names.
        _ = self.examiner
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(mp_context=context, initializer=_take, initargs=(self,)) as pool:
            yield from pool.map(_chunk, chunks)

    def name_of(self, source: Source) -> str:
        """Name of a file of the fleet in diagnostics."""
        return readable(source.name)


_workshop: list[Workshop] = []


def _take(workshop: Workshop) -> None:
    # The parent's objects are never garbage here: looking through them is time lost.
    gc.freeze()
    _workshop[:] = [workshop]


def _chunk(order: tuple[Callable[[Workshop, Source], Row], list[Source]]) -> list[Row]:
    work, sources = order
    return [work(_workshop[0], source) for source in sources]


def _examine(workshop: Workshop, source: Source) -> ExaminedRow:
    examined = workshop.examiner.examine(source.slug, source.path, workshop.name_of(source))
    return ExaminedRow(source.slug, source.blob, examined.packed())


def _compile(workshop: Workshop, source: Source) -> CompiledRow:
    name = workshop.name_of(source)
    return workshop.examiner.compile(source.slug, source.path, name, source.blob)


def _name_of(siren: str) -> str | None:
    entry = reference.by_siren(siren)
    return entry.name if entry else None
