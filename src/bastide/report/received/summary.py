# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports summed per domain, each once, and only those on domains of the charters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bastide.diagnostics import Diagnostic, diagnose
from bastide.report.received.aggregate import Aggregate
from bastide.report.received.dmarc_sum import DomainSum
from bastide.report.received.document import Found
from bastide.report.received.encryption import PolicySeen, TlsReport
from bastide.report.received.kinds import NOT_OURS
from bastide.report.received.tls_sum import TlsSum

MOST_FAULTS = 1000
"""Faults that are kept; of more only the number is."""

_Key = tuple[str, str, str, str, int]


@dataclass(slots=True)
class Summary:
    """`domains` are the sums of DMARC by name, `tls` those on encryption.

    `repeated` counts reports that came again, `faults` is what was left out, and `untold`
    how many more faults there were.
    """

    domains: dict[str, DomainSum] = field(default_factory=dict)
    tls: dict[str, TlsSum] = field(default_factory=dict)
    repeated: int = 0
    faults: list[Diagnostic] = field(default_factory=list)
    untold: int = 0
    _seen: set[_Key] = field(default_factory=set)
    _foreign: Counter[str] = field(default_factory=Counter)

    def take(self, found: Found, ours: Callable[[str], bool]) -> None:
        """Count one report in, or one fault."""
        if isinstance(found, Diagnostic):
            self._fault(found)
        elif isinstance(found, Aggregate):
            if self._counts("dmarc", found, found.domain, ours):
                total = self.domains.setdefault(found.domain, DomainSum(found.begin, found.end))
                total.add(found)
        else:
            self._take_tls(found, ours)

    def tell_foreign(self) -> None:
        """Tell, once a domain, of reports on what no charter declares."""
        for domain, count in sorted(self._foreign.items()):
            self._fault(diagnose(NOT_OURS, "", domain=domain, count=count))
        self._foreign.clear()

    def _take_tls(self, report: TlsReport, ours: Callable[[str], bool]) -> None:
        of: dict[str, list[PolicySeen]] = {}
        for policy in report.policies:
            of.setdefault(policy.domain, []).append(policy)
        for domain, policies in of.items():
            if self._counts("tls", report, domain, ours):
                self.tls.setdefault(domain, TlsSum(report.begin, report.end)).add(report, policies)

    def _counts(
        self, kind: str, report: Aggregate | TlsReport, domain: str, ours: Callable[[str], bool]
    ) -> bool:
        """Whether a report on `domain` is ours and new."""
        if not ours(domain):
            if domain in self._foreign or len(self._foreign) < MOST_FAULTS:
                self._foreign[domain] += 1
            else:
                self.untold += 1
            return False
        # The same report is known by who made it and its number (RFC 7489 §7.2.1.1, RFC 8460
        # §5.3); the domain and the day beside, so that nobody's report hides another's.
        key = (kind, report.sender, report.identity, domain, report.begin)
        if key in self._seen:
            self.repeated += 1
            return False
        self._seen.add(key)
        return True

    def _fault(self, fault: Diagnostic) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)
        else:
            self.untold += 1


def summarise(found: Iterable[Found], ours: Callable[[str], bool]) -> Summary:
    """Sum up; `ours` says whether a domain is declared by some charter."""
    summary = Summary()
    for one in found:
        summary.take(one, ours)
    summary.tell_foreign()
    return summary
