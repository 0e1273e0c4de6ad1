# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet: every charter read, checked and compiled, doing again only what changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import marshal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bastide.desired import Origin, Service
from bastide.diagnostics import (
    Diagnostic,
    RunFailed,
    Severity,
    declare,
    diagnose,
    has_errors,
)
from bastide.documents import read_file
from bastide.fleet.cache import Cache
from bastide.fleet.context import context_digest
from bastide.fleet.examine import (
    ExaminedRow,
    Packed,
    pack,
    to_diagnostics,
    unpack,
    unpack_head,
    unpack_origins,
)
from bastide.fleet.repository import Repository
from bastide.fleet.source import Source, scan, slug_of
from bastide.fleet.workshop import Workshop
from bastide.model import Facts, Index, Platform
from bastide.rules import check_fleet, check_platform, neighbours

CACHE_LOST = declare(
    "P402",
    Severity.ERROR,
    en="the desired state of {count} collectivities could not be kept while it was compiled",
    fr="l'état voulu de {count} collectivités n'a pas pu être gardé pendant la compilation",
    hint_en="is the disk full? free some space, or remove .bastide/cache, and run again",
    hint_fr="le disque est-il plein ? faites de la place, ou supprimez .bastide/cache, et relancez",
)

# Above this share of changed files the index is built anew: it is then the quicker way.
_ANEW_ABOVE = 0.02


class Fleet:
    """The charters of one repository, seen for one environment, on one day."""

    def __init__(self, repository: Repository, today: dt.date | None = None) -> None:
        self.repository = repository
        self.today = today or dt.datetime.now(dt.UTC).date()
        self.workshop = Workshop.open(repository)
        self.sources: dict[str, Source] = scan(repository.root)
        context = context_digest(repository)
        self._cache = Cache(repository.cache, context)
        self._compiled: dict[str, str] | None = None
        self._facts: dict[str, Facts | None] = {}
        self._local: dict[str, Packed] = {}
        self._fleet: dict[str, Packed] = {}
        self._index = self._new_index()
        self.generation = _generation(self.sources)
        self.share_generation = f"{self.generation}-{context}"
        self._load()

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
        return self._index

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Every finding of every file, in the order of the files and their lines."""
        found = self.platform_diagnostics
        for packed in (*self._local.values(), *self._fleet.values()):
            found += unpack(packed)
        return sorted(found)

    @property
    def platform_diagnostics(self) -> list[Diagnostic]:
        """Findings in platform.yml, alone and against the fleet."""
        found = list(self.workshop.diagnostics)
        platform, document = self.workshop.platform, self.workshop.platform_document
        if platform and document:
            found += to_diagnostics(document, check_platform(platform, self._index))
        return sorted(found)

    @property
    def sound(self) -> bool:
        """True when nothing stops a plan."""
        return not has_errors(self.diagnostics)

    def diagnostics_of(self, slug: str) -> list[Diagnostic]:
        """Findings in one file."""
        return sorted(unpack(self._local.get(slug, [])) + unpack(self._fleet.get(slug, [])))

    def facts(self, slug: str) -> Facts | None:
        """Facts of one file, from the cache when they are not at hand."""
        if slug not in self._facts:
            head = self._cache.head(slug)
            self._facts[slug] = unpack_head(head)[1] if head else None
        return self._facts[slug]

    def origins(self, slug: str) -> dict[str, Origin]:
        """Origin of every address that one file asks for."""
        self._compile([slug])
        packed = self._cache.cell(slug, "origins")
        return unpack_origins(packed) if packed else {}

    def share_lines(self, service: Service) -> list[bytes]:
        """Lines of the share of one service, in the order of the slugs."""
        self._compile(self.sources)
        lines = self._cache.column(service)
        if len(lines) != len(self.sources):
            # A share that lacks a collectivity must never reach a host.
            raise RunFailed(diagnose(CACHE_LOST, ".bastide/cache", count=len(self.sources)))
        return lines

    def share_line_of(self, slug: str, service: Service) -> bytes:
        """Line of one collectivity in the share of one service; empty when it has none."""
        self._compile([slug])
        return self._cache.cell(slug, service) or b""

    def examine_file(self, path: Path, name: str) -> list[Diagnostic]:
        """Findings in a file that is no part of the fleet, judged as if it were."""
        stem = slug_of(name).rpartition("/")[2]
        examined = self.workshop.examiner.examine(f"outside/{stem}", path, name)
        found = list(examined.diagnostics)
        if examined.facts and self.workshop.platform:
            # Its twin in the fleet, if there is one, is what it would take the place of.
            for slug in self._index.holders_of_siren(examined.facts.siren):
                twin = self.facts(slug)
                if twin:
                    self._index.remove(twin)
            self._facts[examined.facts.slug] = examined.facts
            self._index.add(examined.facts)
            found += self._judge(examined.facts, path, name)
        return sorted(found)

    def _compile(self, slugs: Iterable[str]) -> None:
        """Compile what is not compiled yet; the fleet must be sound."""
        if self._compiled is None:
            self._compiled = self._cache.blobs("compiled")
        known = self._compiled
        stale = [self.sources[s] for s in slugs if known.get(s) != self.sources[s].blob]
        gone = [slug for slug in known if slug not in self.sources]
        if stale or gone:
            self._cache.store_compiled(self.workshop.compile(stale), gone)
            known.update({source.slug: source.blob for source in stale})
            for slug in gone:
                del known[slug]

    # -- loading ---------------------------------------------------------------------

    def _new_index(self) -> Index:
        platform = self.workshop.platform
        return Index(platform.shared_domains if platform else (), self.facts)

    def _load(self) -> None:
        kept = self._cache.blobs("examined")
        stale = [s for s in self.sources.values() if not s.blob or kept.get(s.slug) != s.blob]
        gone = [slug for slug in kept if slug not in self.sources]
        # Where nothing changed, what is kept is what is there: no need to sum it up again.
        same = not stale and not gone
        state = self._remembered(self.generation if same else _digest(kept.items()))
        if state is not None and same:
            return
        before = {s: self.facts(s) for s in [*(s.slug for s in stale), *gone] if s in kept}
        self._facts.clear()
        rows = self.workshop.examine(stale)
        self._cache.store_examined(rows, gone)
        if state is None or len(stale) + len(gone) > max(20, _ANEW_ABOVE * len(self.sources)):
            self._judge_all(rows if len(rows) == len(self.sources) else None)
        else:
            self._judge_changed(rows, gone, before)
        self._remember()

    def _judge_all(self, rows: list[ExaminedRow] | None) -> None:
        self._index = self._new_index()
        self._facts.clear()
        self._local.clear()
        self._fleet.clear()
        heads = {r.slug: r.head for r in rows} if rows is not None else self._cache.heads()
        for slug, head in heads.items():
            self._take_in(slug, head)
        if self.workshop.platform:
            self._recheck(self.sources)

    def _judge_changed(
        self, rows: list[ExaminedRow], gone: list[str], before: dict[str, Facts | None]
    ) -> None:
        affected: set[str] = set()
        # The cache holds the new facts already, but chains are followed through the old ones.
        self._facts.update(before)
        old = [facts for facts in before.values() if facts]
        for past in old:
            affected |= neighbours(past, self._index)
        for past in old:
            self._index.remove(past)
        self._facts.clear()
        for slug in gone:
            self._local.pop(slug, None)
            self._fleet.pop(slug, None)
        for row in rows:
            self._local.pop(row.slug, None)
            self._take_in(row.slug, row.head)
            affected.add(row.slug)
        for row in rows:
            facts = self.facts(row.slug)
            if facts:
                affected |= neighbours(facts, self._index)
        if self.workshop.platform:
            self._recheck(sorted(affected & self.sources.keys()))

    def _take_in(self, slug: str, head: bytes) -> None:
        diagnostics, facts = unpack_head(head)
        self._facts[slug] = facts
        if diagnostics:
            self._local[slug] = diagnostics
        if facts:
            self._index.add(facts)

    def _recheck(self, slugs: Iterable[str]) -> None:
        for slug in slugs:
            self._fleet.pop(slug, None)
            facts = self.facts(slug)
            if facts:
                found = self._judge(facts, self.sources[slug].path, facts.file)
                if found:
                    self._fleet[slug] = pack(found)

    def _judge(self, facts: Facts, path: Path, name: str) -> list[Diagnostic]:
        findings = check_fleet(facts, self._index, self.today)
        if not findings:
            return []
        document, _ = read_file(path, name)
        return to_diagnostics(document, findings) if document else []

    # -- the memory of the last run ----------------------------------------------------

    def _remembered(self, wanted: str) -> tuple[Any, ...] | None:
        """Take up the verdicts on the fleet of the generation `wanted`, if they are of today."""
        packed = self._cache.get("verdicts")
        if packed is None:
            return None
        generation, day, index, local, fleet = marshal.loads(packed)  # noqa: S302 - our own cache
        if generation != wanted or day != self.today.isoformat():
            return None
        self._index.restore(index)
        self._local, self._fleet = local, fleet
        return (generation,)

    def _remember(self) -> None:
        self._cache.put(
            "verdicts",
            marshal.dumps(
                (
                    self.generation,
                    self.today.isoformat(),
                    self._index.dump(),
                    self._local,
                    self._fleet,
                )
            ),
        )


def _generation(sources: dict[str, Source]) -> str:
    return _digest((s.slug, s.blob) for s in sources.values())


def _digest(pairs: Iterable[tuple[str, str]]) -> str:
    lines = sorted(f"{slug}\0{blob}" for slug, blob in pairs)
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()
