# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of encryption on the way to one domain, in both languages and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bastide.diagnostics import Language
from bastide.report.received.dmarc_sum import OTHERS
from bastide.report.received.moment import day
from bastide.report.received.tls_sum import TlsSum

_FAILURES = 10
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "head": "encryption: {reports} reports, {begin} to {end}",
        "policy": "{policy}: {succeeded} sessions, {failed} failed",
        "failure": "{host}: {count} failed, {kind}",
        "more": "and {count} more kinds of failures",
        "others": "others",
        "no-policy-found": "no policy found",
        "sts": "MTA-STS",
        "tlsa": "DANE",
    },
    "fr": {
        "head": "chiffrement : {reports} rapports, du {begin} au {end}",
        "policy": "{policy} : {succeeded} sessions, {failed} en échec",
        "failure": "{host} : {count} en échec, {kind}",
        "more": "et {count} autres sortes d'échecs",
        "others": "autres",
        "no-policy-found": "aucune politique trouvée",
        "sts": "MTA-STS",
        "tlsa": "DANE",
    },
}


def lines_of(total: TlsSum, language: Language) -> Iterator[str]:
    """Sessions of each policy, then the failures, the most frequent first.

    A kind of failure is told in the words of RFC 8460 §4.3, which can be looked up.
    """
    words = _WORDS[language]
    yield words["head"].format(reports=total.reports, begin=day(total.begin), end=day(total.end))
    for policy, sessions in sorted(total.policies.items()):
        yield words["policy"].format(
            policy=words[policy], succeeded=sessions.succeeded, failed=sessions.failed
        )
    failures = _ordered(total)
    for (host, kind), count in failures[:_FAILURES]:
        named = words["others"] if kind == OTHERS else kind
        yield words["failure"].format(host=host, kind=named, count=count)
    if len(failures) > _FAILURES:
        yield words["more"].format(count=len(failures) - _FAILURES)


def plain(total: TlsSum) -> dict[str, Any]:
    """Everything that was said, for JSON."""
    return {
        "begin": day(total.begin),
        "end": day(total.end),
        "reports": total.reports,
        "senders": sorted(total.senders),
        "policies": {
            policy: {"succeeded": sessions.succeeded, "failed": sessions.failed}
            for policy, sessions in sorted(total.policies.items())
        },
        "failures": [
            {"host": host, "kind": kind, "sessions": count}
            for (host, kind), count in _ordered(total)
        ],
    }


def _ordered(total: TlsSum) -> list[tuple[tuple[str, str], int]]:
    return sorted(total.failures.items(), key=lambda one: (-one[1], one[0]))
