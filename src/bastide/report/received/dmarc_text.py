# SPDX-License-Identifier: GPL-3.0-or-later
"""What DMARC reports say of one domain, in both languages and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bastide.diagnostics import Language
from bastide.report.received.dmarc_sum import OTHERS, DomainSum, Source
from bastide.report.received.moment import day

_SOURCES = 10
_DISPOSITIONS = ("none", "quarantine", "reject")
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "messages": "{messages} messages in {reports} reports, {begin} to {end}",
        "passed": "pass: {passed} ({share}); DKIM aligned {dkim}, SPF aligned {spf}",
        "done": "done with them: {none} delivered, {quarantine} set aside, {reject} refused",
        "source": "{source}: {messages} messages, {failed} without a valid signature or SPF",
        "more": "and {count} more sources",
        "others": "others",
    },
    "fr": {
        "messages": "{messages} messages dans {reports} rapports, du {begin} au {end}",
        "passed": "conformes : {passed} ({share}) ; DKIM aligné {dkim}, SPF aligné {spf}",
        "done": "leur sort : {none} remis, {quarantine} mis de côté, {reject} refusés",
        "source": "{source} : {messages} messages, dont {failed} sans signature ni SPF valables",
        "more": "et {count} autres sources",
        "others": "autres",
    },
}


def lines_of(total: DomainSum, language: Language) -> Iterator[str]:
    """A few lines; the sources with most failures first."""
    words = _WORDS[language]
    begin, end = day(total.begin), day(total.end)
    yield words["messages"].format(
        messages=total.messages, reports=total.reports, begin=begin, end=end
    )
    share = f"{100 * total.passed / total.messages:.1f} %" if total.messages else "-"
    yield words["passed"].format(passed=total.passed, share=share, dkim=total.dkim, spf=total.spf)
    yield words["done"].format(**{word: total.dispositions[word] for word in _DISPOSITIONS})
    sources = _ordered(total)
    for address, source in sources[:_SOURCES]:
        failed = source.messages - source.passed
        named = words["others"] if address == OTHERS else address
        yield words["source"].format(source=named, messages=source.messages, failed=failed)
    if len(sources) > _SOURCES:
        yield words["more"].format(count=len(sources) - _SOURCES)


def plain(total: DomainSum) -> dict[str, Any]:
    """Everything that was said, for JSON."""
    return {
        "begin": day(total.begin),
        "end": day(total.end),
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
