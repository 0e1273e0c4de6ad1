# SPDX-License-Identifier: GPL-3.0-or-later
"""Grades what is known about collectivities of one fleet."""

from __future__ import annotations

from bastide.conformity.declared import Owner
from bastide.conformity.evidence import Evidence
from bastide.conformity.generic import Generic
from bastide.conformity.grade import Mode, Report, grade
from bastide.fleet.fleet import Fleet


class Grader:
    """Grades the evidence of one fleet in one mode."""

    def __init__(self, fleet: Fleet, mode: Mode) -> None:
        self._fleet = fleet
        self._mode = mode
        platform = fleet.platform
        self._generic = Generic(platform.shared_domains, platform.conformity.generic)

    def grade(self, slug: str, evidence: Evidence) -> Report:
        """The report on one collectivity."""
        return grade(evidence, self._mode, self._generic, self._owner(slug))

    def _owner(self, slug: str) -> Owner:
        def owner(domain: str) -> str | None:
            index = self._fleet.index
            held = index.domain_holding(domain)
            holders = index.holders_of_domain(held) if held else []
            return next((one for one in holders if one != slug), None)

        return owner
