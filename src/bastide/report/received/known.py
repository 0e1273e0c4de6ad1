# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports that were read before, so that a mailbox of 100,000 is not fetched each time.

``.bastide/<environment>/reports.jsonl`` has one line a message: where it lay and the reports
in it.  It is a cache: without it everything is fetched again.  A run that was killed leaves at
most half a line, which is passed over.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bastide.report.received.aggregate import Aggregate, Row
from bastide.report.received.dmarc_sum import OTHERS
from bastide.report.received.document import Report
from bastide.report.received.encryption import Failure, PolicySeen, TlsReport
from bastide.targets.inboxes import Message, Positions

MOST_ROWS = 1000
"""Sources that are kept of one report; those with the fewest messages beyond become ``-``."""


class Known:
    """What was read from mailboxes, kept in the file `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def reports(self) -> Iterator[Report]:
        """Every report that was read, in the order in which they were."""
        for line in self._lines():
            yield from line["reports"]

    def positions(self, address: str) -> Positions:
        """How far each folder of `address` was read."""
        known: Positions = {}
        for line in self._lines(parse=False):
            if line["address"] == address:
                validity, last = known.get(line["folder"], (0, 0))
                uid = line["uid"] if line["validity"] != validity else max(last, line["uid"])
                known[line["folder"]] = (line["validity"], uid)
        return known

    def note(self, address: str, read: Iterable[tuple[Message, list[Report]]]) -> None:
        """Note messages that were read, and what was in them."""
        lines = [
            json.dumps(
                {
                    "address": address,
                    "folder": message.folder,
                    "validity": message.validity,
                    "uid": message.uid,
                    "reports": [_packed(report) for report in reports],
                }
            )
            for message, reports in read
        ]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            # First a line feed: what a killed run left must not swallow what follows.
            file.write("\n" + "\n".join(lines) + "\n")

    def _lines(self, *, parse: bool = True) -> Iterator[dict[str, Any]]:
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        with file:
            for line in file:
                try:
                    data = json.loads(line) if line.strip() else None
                    found = _line(data, parse=parse)
                except (ValueError, KeyError, TypeError):
                    continue
                if found:
                    yield found


def _line(data: Any, *, parse: bool) -> dict[str, Any] | None:
    if data is None:
        return None
    where = {"address": str(data["address"]), "folder": str(data["folder"])}
    numbers = {"validity": int(data["validity"]), "uid": int(data["uid"])}
    reports = [_unpacked(one) for one in data["reports"]] if parse else []
    return {**where, **numbers, "reports": reports}


def slim(report: Aggregate) -> Aggregate:
    """The report with one row for each source and outcome, and no more than are kept."""
    counts: Counter[tuple[str, str, bool, bool]] = Counter()
    for row in report.rows:
        counts[row.source, row.disposition, row.dkim, row.spf] += row.count
    kept: Counter[tuple[str, str, bool, bool]] = Counter()
    for number, ((source, *outcome), count) in enumerate(counts.most_common()):
        disposition, dkim, spf = outcome
        kept[source if number < MOST_ROWS else OTHERS, str(disposition), bool(dkim), bool(spf)] += (
            count
        )
    rows = tuple(Row(s, count, what, dkim, spf) for (s, what, dkim, spf), count in kept.items())
    return Aggregate(report.sender, report.identity, report.domain, report.begin, report.end, rows)


def _packed(report: Report) -> dict[str, Any]:
    head = {
        "sender": report.sender,
        "identity": report.identity,
        "begin": report.begin,
        "end": report.end,
    }
    if isinstance(report, Aggregate):
        rows = [[r.source, r.count, r.disposition, r.dkim, r.spf] for r in slim(report).rows]
        return {**head, "domain": report.domain, "rows": rows}
    policies = [
        [p.domain, p.kind, p.succeeded, p.failed, [[f.kind, f.host, f.count] for f in p.failures]]
        for p in report.policies
    ]
    return {**head, "policies": policies}


def _unpacked(data: dict[str, Any]) -> Report:
    sender, identity = data["sender"], data["identity"]
    begin, end = data["begin"], data["end"]
    if "rows" in data:
        rows = tuple(Row(*row) for row in data["rows"])
        return Aggregate(sender, identity, data["domain"], begin, end, rows)
    policies = tuple(
        PolicySeen(domain, kind, succeeded, failed, tuple(Failure(*one) for one in failures))
        for domain, kind, succeeded, failed, failures in data["policies"]
    )
    return TlsReport(sender, identity, begin, end, policies)
