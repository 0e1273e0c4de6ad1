# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary as text in both languages and as JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from bastide.diagnostics import Language
from bastide.report.dmarc.summary import DomainSum, Source, Summary

_SOURCES = 10
_DISPOSITIONS = ("none", "quarantine", "reject")
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "messages": "{messages} messages in {reports} reports, {begin} to {end}",
        "passed": "pass: {passed} ({share}); DKIM aligned {dkim}, SPF aligned {spf}",
        "done": "done with them: {none} delivered, {quarantine} set aside, {reject} refused",
        "source": "{source}: {messages} messages, {failed} without a valid signature or SPF",
        "more": "and {count} more sources",
        "nothing": "no report on a domain of the charters",
        "repeated": "{count} reports came twice and count once",
    },
    "fr": {
        "messages": "{messages} messages dans {reports} rapports, du {begin} au {end}",
        "passed": "conformes : {passed} ({share}) ; DKIM aligné {dkim}, SPF aligné {spf}",
        "done": "leur sort : {none} remis, {quarantine} mis de côté, {reject} refusés",
        "source": "{source} : {messages} messages, dont {failed} sans signature ni SPF valables",
        "more": "et {count} autres sources",
        "nothing": "aucun rapport sur un domaine des chartes",
        "repeated": "{count} rapports venus deux fois comptent une fois",
    },
}


def as_text(summary: Summary, language: Language) -> str:
    """One paragraph a domain; the sources with most failures first."""
    words = _WORDS[language]
    lines = []
    for name, total in sorted(summary.domains.items()):
        lines.append(name)
        lines += [f"  {line}" for line in _paragraph(total, words)]
    if not lines:
        lines.append(words["nothing"])
    if summary.repeated:
        lines.append(words["repeated"].format(count=summary.repeated))
    return "\n".join(lines) + "\n"


def _paragraph(total: DomainSum, words: dict[str, str]) -> Iterator[str]:
    begin, end = _day(total.begin), _day(total.end)
    yield words["messages"].format(
        messages=total.messages, reports=total.reports, begin=begin, end=end
    )
    share = f"{100 * total.passed / total.messages:.1f} %" if total.messages else "-"
    yield words["passed"].format(passed=total.passed, share=share, dkim=total.dkim, spf=total.spf)
    yield words["done"].format(**{word: total.dispositions[word] for word in _DISPOSITIONS})
    sources = _ordered(total)
    for address, source in sources[:_SOURCES]:
        failed = source.messages - source.passed
        yield words["source"].format(source=address, messages=source.messages, failed=failed)
    if len(sources) > _SOURCES:
        yield words["more"].format(count=len(sources) - _SOURCES)


def as_json(summary: Summary) -> str:
    """Every domain with all its sources; what was left out as codes, files and messages."""
    domains = {name: _plain(total) for name, total in sorted(summary.domains.items())}
    faults = [
        {"code": fault.code, "file": fault.file, "message": fault.message()}
        for fault in summary.faults
    ]
    document = {"domains": domains, "repeated": summary.repeated, "diagnostics": faults}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _plain(total: DomainSum) -> dict[str, Any]:
    return {
        "begin": _day(total.begin),
        "end": _day(total.end),
        "reports": total.reports,
        "senders": sorted(total.senders),
        "messages": total.messages,
        "passed": total.passed,
        "dkim_aligned": total.dkim,
        "spf_aligned": total.spf,
        "dispositions": {word: total.dispositions[word] for word in _DISPOSITIONS},
        "sources": [
            {"address": address, "messages": source.messages, "passed": source.passed}
            for address, source in _ordered(total)
        ],
    }


def _ordered(total: DomainSum) -> list[tuple[str, Source]]:
    return sorted(
        total.sources.items(),
        key=lambda one: (one[1].passed - one[1].messages, -one[1].messages, one[0]),
    )


def _day(seconds: int) -> str:
    """Day in UTC; a moment that no calendar holds as it was written."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return str(seconds)
