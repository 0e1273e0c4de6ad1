# SPDX-License-Identifier: GPL-3.0-or-later
"""The conformity of collectivities: predicted from their charters, or as it is observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from bastide.conformity.evidence import Evidence
from bastide.conformity.grade import Mode, Report
from bastide.conformity.records import RecordStatus
from bastide.fleet import Fleet
from bastide.fleet.grader import Grader


class Conformity(NamedTuple):
    """What is known about one collectivity.

    `observed` is None where nobody asked; `records` are then empty.
    """

    slug: str
    predicted: Report
    observed: Report | None = None
    records: tuple[RecordStatus, ...] = ()

    @property
    def shown(self) -> Report:
        """What was observed, else what is predicted."""
        return self.observed or self.predicted

    @property
    def let_down(self) -> list[str]:
        """Criteria that the charter meets and the world does not show."""
        if self.observed is None:
            return []
        seen = self.observed.verdicts.criteria
        wanted = self.predicted.verdicts.criteria
        return [code for code in wanted if wanted[code] == "met" and seen[code] == "failed"]


Seen = tuple[Evidence, tuple[RecordStatus, ...]]
Observe = Callable[[str, Evidence], Callable[[], Seen]]
"""Makes ready to ask the world about one collectivity of which evidence is predicted."""

# Most of the time is spent waiting for answers.
_AT_ONCE = 4


def conformities(
    fleet: Fleet, slugs: list[str], mode: Mode, observe: Observe | None = None
) -> Iterator[Conformity]:
    """The conformity of `slugs` (of all, when none is named), retired ones left out."""
    grader = Grader(fleet, mode)
    if observe is None:
        for slug, evidence in _evidences(fleet, slugs):
            yield Conformity(slug, grader.grade(slug, evidence))
        return
    known = list(_evidences(fleet, slugs))
    questions = [observe(slug, evidence) for slug, evidence in known]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = pool.map(lambda ask: ask(), questions)
        for (slug, evidence), (seen, records) in zip(known, answers, strict=True):
            report = grader.grade(slug, seen)
            if seen.basis == "predicted":  # nobody was asked, more is known all the same
                yield Conformity(slug, report)
            else:
                yield Conformity(slug, grader.grade(slug, evidence), report, records)


def _evidences(fleet: Fleet, slugs: list[str]) -> Iterator[tuple[str, Evidence]]:
    if not slugs:
        yield from fleet.evidences()
    for slug in slugs:
        evidence = fleet.evidence(slug)
        if evidence:
            yield slug, evidence
