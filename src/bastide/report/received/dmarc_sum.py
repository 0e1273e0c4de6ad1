# SPDX-License-Identifier: GPL-3.0-or-later
"""DMARC reports summed per domain: how much passed, what was done with it, where it came from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bastide.report.received.aggregate import Aggregate

MOST_SOURCES = 10_000
"""Addresses told apart in one domain; anybody can make up more, which count as ``-``."""
OTHERS = "-"


@dataclass(slots=True)
class Source:
    """Messages from one address; `passed` are those that SPF or DKIM vouch for, aligned."""

    messages: int = 0
    passed: int = 0


@dataclass(slots=True)
class DomainSum:
    """Everything said of one domain; numbers are messages, times seconds since 1970."""

    begin: int
    end: int
    reports: int = 0
    messages: int = 0
    dkim: int = 0
    spf: int = 0
    passed: int = 0
    dispositions: Counter[str] = field(default_factory=Counter)
    senders: set[str] = field(default_factory=set)
    sources: dict[str, Source] = field(default_factory=dict)

    def add(self, report: Aggregate) -> None:
        """Count one report in."""
        self.begin = min(self.begin, report.begin)
        self.end = max(self.end, report.end)
        self.reports += 1
        note_sender(self.senders, report.sender)
        for row in report.rows:
            known = row.source in self.sources or len(self.sources) < MOST_SOURCES
            source = self.sources.setdefault(row.source if known else OTHERS, Source())
            passed = row.count if row.dkim or row.spf else 0
            source.messages += row.count
            source.passed += passed
            self.messages += row.count
            self.passed += passed
            self.dkim += row.count if row.dkim else 0
            self.spf += row.count if row.spf else 0
            self.dispositions[row.disposition] += row.count


def note_sender(senders: set[str], sender: str) -> None:
    """Keep the name of who reports, as long as they are not more than anybody wants to read."""
    if len(senders) < MOST_SOURCES:
        senders.add(sender)
