# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports summed per domain: how much passed, what was done with it, where it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bastide.diagnostics import Diagnostic, diagnose
from bastide.report.dmarc.aggregate import Aggregate
from bastide.report.dmarc.kinds import NOT_OURS


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


@dataclass(slots=True)
class Summary:
    """`domains` by name; `repeated` counts reports that came again, `faults` what was left out."""

    domains: dict[str, DomainSum] = field(default_factory=dict)
    repeated: int = 0
    faults: list[Diagnostic] = field(default_factory=list)


def summarise(found: Iterable[Aggregate | Diagnostic], ours: Callable[[str], bool]) -> Summary:
    """Sum up; `ours` says whether a domain is declared by some charter."""
    summary = Summary()
    seen = set()
    for one in found:
        if isinstance(one, Diagnostic):
            summary.faults.append(one)
            continue
        key = (one.sender, one.identity, one.domain, one.begin)
        if key in seen:
            summary.repeated += 1
        elif not ours(one.domain):
            summary.faults.append(diagnose(NOT_OURS, "", domain=one.domain))
        else:
            _add(summary, one)
        seen.add(key)
    return summary


def _add(summary: Summary, report: Aggregate) -> None:
    total = summary.domains.setdefault(report.domain, DomainSum(report.begin, report.end))
    total.begin = min(total.begin, report.begin)
    total.end = max(total.end, report.end)
    total.reports += 1
    total.senders.add(report.sender)
    for row in report.rows:
        source = total.sources.setdefault(row.source, Source())
        passed = row.count if row.dkim or row.spf else 0
        source.messages += row.count
        source.passed += passed
        total.messages += row.count
        total.passed += passed
        total.dkim += row.count if row.dkim else 0
        total.spf += row.count if row.spf else 0
        total.dispositions[row.disposition] += row.count
