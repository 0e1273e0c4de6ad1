# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary as text in both languages and as JSON."""

from __future__ import annotations

import json

from bastide.diagnostics import Language
from bastide.report.received import dmarc_text, tls_text
from bastide.report.received.summary import Summary

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "nothing": "no report on a domain of the charters",
        "repeated": "{count} reports came twice and count once",
        "untold": "{count} more faults are not told",
    },
    "fr": {
        "nothing": "aucun rapport sur un domaine des chartes",
        "repeated": "{count} rapports venus deux fois comptent une fois",
        "untold": "{count} autres défauts ne sont pas dits",
    },
}


def as_text(summary: Summary, language: Language) -> str:
    """One paragraph a domain: what passed DMARC, then how it was encrypted."""
    words = _WORDS[language]
    lines = []
    for name in sorted({*summary.domains, *summary.tls}):
        lines.append(name)
        if name in summary.domains:
            found = dmarc_text.lines_of(summary.domains[name], language)
            lines += [f"  {line}" for line in found]
        if name in summary.tls:
            lines += [f"  {line}" for line in tls_text.lines_of(summary.tls[name], language)]
    if not lines:
        lines.append(words["nothing"])
    if summary.repeated:
        lines.append(words["repeated"].format(count=summary.repeated))
    if summary.untold:
        lines.append(words["untold"].format(count=summary.untold))
    return "\n".join(lines) + "\n"


def as_json(summary: Summary) -> str:
    """Every domain with all its sources; what was left out as codes, files and messages."""
    faults = [
        {"code": fault.code, "file": fault.file, "message": fault.message()}
        for fault in summary.faults
    ]
    document = {
        "domains": {n: dmarc_text.plain(one) for n, one in sorted(summary.domains.items())},
        "tls": {name: tls_text.plain(one) for name, one in sorted(summary.tls.items())},
        "repeated": summary.repeated,
        "diagnostics": faults,
        "untold": summary.untold,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
