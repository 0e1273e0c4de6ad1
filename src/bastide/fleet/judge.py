# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in the charters, alone and beside one another, doing again only what changed.

Rules are loaded by the functions that apply them: where nothing changed, loading them would
take longer than the whole run.
"""

from __future__ import annotations

import datetime as dt
import marshal
from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

from bastide.diagnostics import Diagnostic
from bastide.documents import read_file
from bastide.fleet.cache import Cache
from bastide.fleet.listing import Listing, generation_of
from bastide.fleet.rows import Packed, pack, unpack, unpack_head
from bastide.fleet.source import Source, slug_of
from bastide.fleet.workshop import Workshop
from bastide.model import Facts, Index

# Above this share of changed files the index is built anew: it is then the quicker way.
_ANEW_ABOVE = 0.02


class Verdicts(NamedTuple):
    """What a run found, as the next one takes it up.

    `generation` names the content of all charters, `key` the listing that they were found
    by, `day` the day it was done on, `size` how many there are.  Findings are those in
    platform.yml that depend on the fleet, and by slug those of one file alone and of one
    file beside the others.
    """

    generation: str
    key: str | None
    day: str
    size: int
    platform: Packed
    local: dict[str, Packed]
    fleet: dict[str, Packed]


class Judge:
    """Knows what every charter of `listing` claims, and what is wrong with it."""

    def __init__(self, workshop: Workshop, cache: Cache, listing: Listing, today: dt.date) -> None:
        self._workshop = workshop
        self._cache = cache
        self._listing = listing
        self._today = today
        self._facts: dict[str, Facts | None] = {}
        self._index: Index | None = None
        self._kept = True  # everything that was found out is in the cache
        before = self._remembered()
        self._verdicts = before if before and self._is_current(before) else self._judge_anew(before)

    @property
    def generation(self) -> str:
        """Hex digest of the content of all charters."""
        return self._verdicts.generation

    @property
    def count(self) -> int:
        """Number of charters."""
        return self._verdicts.size

    @property
    def index(self) -> Index:
        """Who claims what; made when somebody asks."""
        if self._index is None:
            self._index = self._restored(self.generation)
        if self._index is None:
            self._index = self._new_index()
            for slug, head in self._cache.heads().items():
                self._take_in(slug, head)
        return self._index

    def facts(self, slug: str) -> Facts | None:
        """Facts of one file, from the cache when they are not at hand."""
        if slug not in self._facts:
            head = self._cache.head(slug)
            self._facts[slug] = unpack_head(head)[1] if head else None
        return self._facts[slug]

    def platform_diagnostics(self) -> list[Diagnostic]:
        """Findings in platform.yml, alone and against the fleet."""
        return sorted([*self._workshop.diagnostics, *unpack(self._verdicts.platform)])

    def diagnostics(self) -> list[Diagnostic]:
        """Every finding in every charter."""
        found = [*self._verdicts.local.values(), *self._verdicts.fleet.values()]
        return [diagnostic for packed in found for diagnostic in unpack(packed)]

    def diagnostics_of(self, slug: str) -> list[Diagnostic]:
        """Findings in one file."""
        verdicts = self._verdicts
        return sorted(unpack(verdicts.local.get(slug, [])) + unpack(verdicts.fleet.get(slug, [])))

    def examine_file(self, path: Path, name: str) -> list[Diagnostic]:
        """Findings in a file that is no part of the fleet, judged as if it were."""
        stem = slug_of(name).rpartition("/")[2]
        examined = self._workshop.examiner.examine(f"outside/{stem}", path, name)
        found = list(examined.diagnostics)
        if examined.facts and self._workshop.platform:
            # Its twin in the fleet, if there is one, is what it would take the place of.
            for slug in self.index.holders_of_siren(examined.facts.siren):
                twin = self.facts(slug)
                if twin:
                    self.index.remove(twin)
            self._facts[examined.facts.slug] = examined.facts
            self.index.add(examined.facts)
            found += self._judge(examined.facts, path, name)
        return sorted(found)

    # -- what the last run left ----------------------------------------------------------

    def _remembered(self) -> Verdicts | None:
        packed = self._cache.get("verdicts")
        verdicts = Verdicts(*marshal.loads(packed)) if packed else None  # noqa: S302 - our own
        return verdicts if verdicts and verdicts.day == self._today.isoformat() else None

    def _is_current(self, before: Verdicts) -> bool:
        """True when git knows that nothing changed; no file name is looked at."""
        key = self._listing.key
        return key is not None and key == before.key and self._cache.count() == before.size

    def _remember(self, verdicts: Verdicts) -> Verdicts:
        self._cache.put("verdicts", marshal.dumps(tuple(verdicts)))
        return verdicts

    def _new_index(self) -> Index:
        platform = self._workshop.platform
        return Index(platform.shared_domains if platform else (), self.facts)

    def _restored(self, generation: str) -> Index | None:
        """The index as it was kept for `generation`; None when it was not."""
        packed = self._cache.get("index")
        if not packed:
            return None
        kept, dump = marshal.loads(packed)  # noqa: S302 - our own cache
        index = self._new_index()
        index.restore(dump)
        return index if kept == generation else None

    # -- judging -------------------------------------------------------------------------

    def _judge_anew(self, before: Verdicts | None) -> Verdicts:
        sources = self._listing.sources
        generation = generation_of((s.slug, s.blob) for s in sources.values())
        kept = self._cache.blobs("examined")
        stale = [s for s in sources.values() if not s.blob or kept.get(s.slug) != s.blob]
        gone = [slug for slug in kept if slug not in sources]
        day = self._today.isoformat()
        new = Verdicts(generation, self._listing.key, day, len(sources), [], {}, {})
        # Where nothing changed, what is kept is what is there: no need to sum it up again.
        old = generation_of(kept.items()) if stale or gone else generation
        if before and before.generation == old:
            new = new._replace(platform=before.platform, local=before.local, fleet=before.fleet)
            if not stale and not gone:
                return self._remember(new)
            self._index = self._restored(old)
        many = len(stale) + len(gone) > max(20, _ANEW_ABOVE * len(sources))
        if self._index is None or many:
            new.local.clear()
            new.fleet.clear()
            self._judge_all(new, stale, gone)
        else:
            self._judge_changed(new, self._index, stale, gone, kept)
        new = new._replace(platform=self._platform_findings())
        if not self._kept:
            # Facts of before are in the cache: the next run must not take them for today's.
            return new
        self._cache.put("index", marshal.dumps((generation, self.index.dump())))
        return self._remember(new)

    def _judge_all(self, new: Verdicts, stale: list[Source], gone: list[str]) -> None:
        self._index = self._new_index()
        self._keep(self._cache.store_examined((), gone))
        anew = {source.slug for source in stale}
        if len(anew) < new.size:
            for slug, head in self._cache.heads().items():
                if slug not in anew:
                    self._note(new, slug, head)
        # Taken in while the next are examined by the other processes.
        for rows in self._workshop.examine(stale):
            for row in rows:
                self._note(new, row.slug, row.head)
            self._keep(self._cache.store_examined(rows))
        self._recheck(new, self._listing.sources)

    def _judge_changed(
        self,
        new: Verdicts,
        index: Index,
        stale: list[Source],
        gone: list[str],
        kept: Container[str],
    ) -> None:
        from bastide import rules

        before = {s: self.facts(s) for s in [*(s.slug for s in stale), *gone] if s in kept}
        rows = [row for rows in self._workshop.examine(stale) for row in rows]
        self._keep(self._cache.store_examined(rows, gone))
        affected: set[str] = set()
        # The cache holds the new facts already, but chains are followed through the old ones.
        old = [facts for facts in before.values() if facts]
        for past in old:
            affected |= rules.neighbours(past, index)
        for past in old:
            index.remove(past)
        self._facts.clear()
        for slug in gone:
            new.local.pop(slug, None)
            new.fleet.pop(slug, None)
        for row in rows:
            new.local.pop(row.slug, None)
            self._note(new, row.slug, row.head)
            affected.add(row.slug)
        for row in rows:
            facts = self.facts(row.slug)
            if facts:
                affected |= rules.neighbours(facts, index)
        self._recheck(new, sorted(affected & self._listing.sources.keys()))

    def _keep(self, failure: str | None) -> None:
        self._kept = self._kept and failure is None

    def _note(self, new: Verdicts, slug: str, head: bytes) -> None:
        diagnostics = self._take_in(slug, head)
        if diagnostics:
            new.local[slug] = diagnostics

    def _take_in(self, slug: str, head: bytes) -> Packed:
        diagnostics, facts = unpack_head(head)
        self._facts[slug] = facts
        if facts:
            self.index.add(facts)
        return diagnostics

    def _recheck(self, new: Verdicts, slugs: Iterable[str]) -> None:
        if not self._workshop.platform:
            return
        for slug in slugs:
            new.fleet.pop(slug, None)
            facts = self.facts(slug)
            if facts:
                found = self._judge(facts, self._listing.sources[slug].path, facts.file)
                if found:
                    new.fleet[slug] = pack(found)

    def _judge(self, facts: Facts, path: Path, name: str) -> list[Diagnostic]:
        from bastide import rules
        from bastide.fleet.examine import to_diagnostics

        findings = rules.check_fleet(facts, self.index, self._today)
        if not findings:
            return []
        document, _ = read_file(path, name)
        return to_diagnostics(document, findings) if document else []

    def _platform_findings(self) -> Packed:
        from bastide import rules
        from bastide.fleet.examine import to_diagnostics

        platform, document = self._workshop.platform, self._workshop.platform_document
        if not platform or not document:
            return []
        return pack(to_diagnostics(document, rules.check_platform(platform, self.index)))
