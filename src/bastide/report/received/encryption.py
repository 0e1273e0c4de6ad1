# SPDX-License-Identifier: GPL-3.0-or-later
"""One report on encryption between mail servers: from the JSON of RFC 8460 §4.4 to plain values.

Only the named fields are kept, as long as a value that is looked for may be.  How deep and how
large a document is, is bounded before it is read: JSON is not read as it streams by.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bastide.diagnostics import Diagnostic, diagnose
from bastide.model.names import to_ascii
from bastide.report.received.kinds import NO_JSON, NOT_TLS, TOO_LARGE
from bastide.report.received.unpack import first_line

MOST = 5
"""Megabytes of JSON: read whole, it takes some twenty times as much memory."""
_SHOWN = 100
_POLICIES = 1000
_FAILURES = 10_000
_KEPT = 1000
_COUNT = 10**12
_TYPES = ("tlsa", "sts", "no-policy-found")
_RESULT = re.compile(r"[a-z0-9-]{1,60}\Z")


@dataclass(frozen=True, slots=True)
class Failure:
    """Sessions that failed in one way (RFC 8460 §4.3) at one receiving host; ``-`` is unsaid."""

    kind: str
    host: str
    count: int


@dataclass(frozen=True, slots=True)
class PolicySeen:
    """What came of one policy of `domain` (A-labels): ``sts``, ``tlsa`` or ``no-policy-found``."""

    domain: str
    kind: str
    succeeded: int
    failed: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class TlsReport:
    """One report; `begin` and `end` in seconds since 1970."""

    sender: str
    identity: str
    begin: int
    end: int
    policies: tuple[PolicySeen, ...]


class _Refused(Exception):
    """The first field at fault."""


def read_tls(file: str, document: bytes) -> TlsReport | Diagnostic:
    """The report in `document`, or why it is none; `file` is for the message."""
    if len(document) > MOST * 1_000_000:
        return diagnose(TOO_LARGE, file, most=MOST)
    try:
        data = json.loads(document)
    except (ValueError, RecursionError) as error:
        # ValueError: also letters that are none, and numbers of thousands of digits.
        return diagnose(NO_JSON, file, error=first_line(error))
    try:
        return _report(data)
    except _Refused as refused:
        return diagnose(NOT_TLS, file, field=refused)


def _report(data: Any) -> TlsReport:
    if not isinstance(data, dict):
        raise _Refused("report")
    span = _dict(data, "date-range")
    policies = _list(data, "policies", _POLICIES)
    if not policies:
        raise _Refused("policies")
    return TlsReport(
        sender=_text(data.get("organization-name")),
        identity=_text(data.get("report-id")),
        begin=_moment(span, "start-datetime"),
        end=_moment(span, "end-datetime"),
        policies=tuple(map(_policy, policies)),
    )


def _policy(data: Any) -> PolicySeen:
    if not isinstance(data, dict):
        raise _Refused("policies")
    policy, summary = _dict(data, "policy"), _dict(data, "summary")
    written = policy.get("policy-domain")
    domain = to_ascii(written.rstrip(".")) if isinstance(written, str) else None
    if domain is None:
        raise _Refused("policy-domain")
    kind = policy.get("policy-type")
    if kind not in _TYPES:
        raise _Refused("policy-type")
    return PolicySeen(
        domain=domain,
        kind=str(kind),
        succeeded=_number(summary, "total-successful-session-count"),
        failed=_number(summary, "total-failure-session-count"),
        failures=_failures(_list(data, "failure-details", _FAILURES)),
    )


def _failures(details: list[Any]) -> tuple[Failure, ...]:
    """One for each way and host, however many addresses failed so."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in map(_failure, details):
        known = (one.kind, one.host) in counts or len(counts) < _KEPT
        counts[(one.kind, one.host) if known else ("-", "-")] += one.count
    return tuple(Failure(kind, host, count) for (kind, host), count in counts.items())


def _failure(data: Any) -> Failure:
    if not isinstance(data, dict):
        raise _Refused("failure-details")
    kind = data.get("result-type")
    if not isinstance(kind, str) or not _RESULT.match(kind):
        raise _Refused("result-type")
    host = data.get("receiving-mx-hostname")
    name = to_ascii(host.rstrip(".")) if isinstance(host, str) else None
    return Failure(kind, name or "-", _number(data, "failed-session-count"))


def _dict(data: dict[str, Any], field: str) -> dict[str, Any]:
    value = data.get(field)
    if not isinstance(value, dict):
        raise _Refused(field)
    return value


def _list(data: dict[str, Any], field: str, most: int) -> list[Any]:
    """A list that may be missing."""
    value = data.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        raise _Refused(field)
    return value


def _number(data: dict[str, Any], field: str) -> int:
    value = data.get(field)
    # For Python a truth value is a number too.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _COUNT:
        raise _Refused(field)
    return value


def _moment(data: dict[str, Any], field: str) -> int:
    """Seconds since 1970 of a moment as RFC 3339 writes it; without a zone it is UTC."""
    value = data.get(field)
    if not isinstance(value, str) or len(value) > _SHOWN:
        raise _Refused(field)
    try:
        moment = dt.datetime.fromisoformat(value)
        return int(moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp())
    except (ValueError, OverflowError):
        raise _Refused(field) from None


def _text(value: Any) -> str:
    """A stranger's text, fit for a terminal."""
    text = value[:_SHOWN] if isinstance(value, str) else ""
    return "".join(c if c.isprintable() else "?" for c in text).strip() or "-"
