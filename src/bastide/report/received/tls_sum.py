# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports on encryption summed per domain: sessions by policy, failures by host and kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bastide.report.received.dmarc_sum import OTHERS, note_sender
from bastide.report.received.encryption import PolicySeen, TlsReport

MOST_FAILURES = 1000
"""Pairs of host and kind told apart in one domain; what is made up beyond counts as ``-``."""


@dataclass(slots=True)
class Sessions:
    """Sessions under one policy."""

    succeeded: int = 0
    failed: int = 0


@dataclass(slots=True)
class TlsSum:
    """Everything said of one domain; numbers are sessions, times seconds since 1970.

    `failures` counts by ``(host, kind)``.
    """

    begin: int
    end: int
    reports: int = 0
    senders: set[str] = field(default_factory=set)
    policies: dict[str, Sessions] = field(default_factory=dict)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, report: TlsReport, policies: list[PolicySeen]) -> None:
        """Count in what one report says of this domain."""
        self.begin = min(self.begin, report.begin)
        self.end = max(self.end, report.end)
        self.reports += 1
        note_sender(self.senders, report.sender)
        for policy in policies:
            sessions = self.policies.setdefault(policy.kind, Sessions())
            sessions.succeeded += policy.succeeded
            sessions.failed += policy.failed
            for failure in policy.failures:
                key = (failure.host, failure.kind)
                known = key in self.failures or len(self.failures) < MOST_FAILURES
                self.failures[key if known else (OTHERS, OTHERS)] += failure.count
