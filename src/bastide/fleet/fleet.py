# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet: every charter read, checked and compiled, doing again only what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bastide.desired import Origin, Service
from bastide.diagnostics import (
    Diagnostic,
    RunFailed,
    Severity,
    declare,
    diagnose,
    has_errors,
)
from bastide.fleet.cache import Cache
from bastide.fleet.context import context_digest
from bastide.fleet.git import Question
from bastide.fleet.judge import Judge
from bastide.fleet.listing import FOLDER, Listing
from bastide.fleet.repository import Repository
from bastide.fleet.rows import unpack_evidence, unpack_origins
from bastide.fleet.source import Source
from bastide.fleet.workshop import Workshop
from bastide.model import Facts, Index, Platform

if TYPE_CHECKING:
    # Only for types: most runs grade nobody.
    from bastide.conformity.evidence import Evidence

CACHE_LOST = declare(
    "P402",
    Severity.ERROR,
    en="the desired state of {count} collectivities could not be kept: {reason}",
    fr="l'état voulu de {count} collectivités n'a pas pu être gardé : {reason}",
    hint_en="is the disk full? free some space, or remove .bastide/cache, and run again",
    hint_fr="le disque est-il plein ? faites de la place, ou supprimez .bastide/cache, et relancez",
)

# Under this name the cache keeps the generation of which everything is compiled.
_COMPILED = "compiled"


class Fleet:
    """The charters of one repository, seen for one environment, on one day."""

    def __init__(self, repository: Repository, today: dt.date | None = None) -> None:
        self.repository = repository
        self.today = today or dt.datetime.now(dt.UTC).date()
        with Question(repository.root, FOLDER) as question:
            # Made ready while git looks at the files.
            self.workshop = Workshop.open(repository)
            context = context_digest(repository)
            self._listing = Listing(repository.root, question.answer())
        self._cache = Cache(repository.cache, context)
        self._judge = Judge(self.workshop, self._cache, self._listing, self.today)
        self._uncompiled: set[str] | None = None
        self.generation = self._judge.generation
        self.share_generation = f"{self.generation}-{context}"

    def __len__(self) -> int:
        return self._judge.count

    @property
    def sources(self) -> dict[str, Source]:
        """The charters by slug, sorted."""
        return self._listing.sources

    @property
    def platform(self) -> Platform:
        """The platform; ask only when there are no errors."""
        platform = self.workshop.platform
        if platform is None:
            raise RuntimeError("the platform file has errors")
        return platform

    @property
    def index(self) -> Index:
        """Who claims what."""
        return self._judge.index

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Every finding of every file, in the order of the files and their lines."""
        return sorted(self.platform_diagnostics + self._judge.diagnostics())

    @property
    def platform_diagnostics(self) -> list[Diagnostic]:
        """Findings in platform.yml, alone and against the fleet."""
        return self._judge.platform_diagnostics()

    @property
    def sound(self) -> bool:
        """True when nothing stops a plan."""
        return not has_errors(self.diagnostics)

    def diagnostics_of(self, slug: str) -> list[Diagnostic]:
        """Findings in one file."""
        return self._judge.diagnostics_of(slug)

    def facts(self, slug: str) -> Facts | None:
        """What one file claims."""
        return self._judge.facts(slug)

    def examine_file(self, path: Path, name: str) -> list[Diagnostic]:
        """Findings in a file that is no part of the fleet, judged as if it were."""
        return self._judge.examine_file(path, name)

    def origins(self, slug: str) -> dict[str, Origin]:
        """Origin of every address that one file asks for."""
        self._compile([slug])
        packed = self._cache.origins(slug)
        return unpack_origins(packed) if packed else {}

    def share_revision(self, service: Service) -> str:
        """Another text after each change of :meth:`share_lines`."""
        self._compile(None)
        return (self._cache.revision(service) or b"").hex()

    def share_lines(self, service: Service) -> list[bytes]:
        """Lines of the share of one service, in the order of the slugs."""
        self._compile(None)
        lines = self._cache.lines(service)
        if len(lines) != len(self):
            # A share that lacks a collectivity must never reach a host.
            self._demand(f"{len(lines)} are left")
        return lines

    def share_line_of(self, slug: str, service: Service) -> bytes:
        """Line of one collectivity in the share of one service; empty when it has none."""
        self._compile([slug])
        return self._cache.line(slug, service) or b""

    def evidence(self, slug: str) -> Evidence | None:
        """What the conformity of one collectivity is predicted from; None when it is retired."""
        self._compile([slug])
        packed = self._cache.evidence(slug)
        return unpack_evidence(packed) if packed else None

    def evidences(self) -> Iterator[tuple[str, Evidence]]:
        """:meth:`evidence` of all that are not retired, in the order of the slugs."""
        self._compile(None)
        for slug, packed in self._cache.evidences():
            yield slug, unpack_evidence(packed)

    def _compile(self, slugs: Iterable[str] | None) -> None:
        """Compile what is not compiled yet of `slugs` (None: of all); the fleet must be sound."""
        if self._uncompiled is None:
            self._uncompiled = self._not_compiled()
        waiting = self._uncompiled
        stale = sorted(waiting if slugs is None else waiting.intersection(slugs))
        for rows in self.workshop.compile([self.sources[slug] for slug in stale]):
            # What is not kept would leave the line of before in the share.
            self._demand(self._cache.store_compiled(rows))
        waiting.difference_update(stale)
        if stale and not waiting:
            self._cache.put(_COMPILED, self.generation.encode())

    def _not_compiled(self) -> set[str]:
        """Slugs of what changed since it was compiled; what is gone is forgotten."""
        if self._cache.get(_COMPILED) == self.generation.encode():
            return set()
        kept = self._cache.blobs("compiled")
        gone = [slug for slug in kept if slug not in self.sources]
        self._demand(self._cache.forget_compiled(gone))
        return {s.slug for s in self.sources.values() if kept.get(s.slug) != s.blob}

    def _demand(self, failure: str | None) -> None:
        if failure:
            place = self.repository.relative(self.repository.cache)
            raise RunFailed(diagnose(CACHE_LOST, place, count=len(self), reason=failure))
