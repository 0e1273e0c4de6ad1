# SPDX-License-Identifier: GPL-3.0-or-later
"""One aggregate report: from the XML of RFC 7489 appendix C to plain values.

The document is read as it streams by and only the named fields are kept, so that its form,
however odd, costs no memory.  Namespaces are left aside: senders disagree on them.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import cast

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from bastide.diagnostics import Diagnostic, diagnose
from bastide.model.names import to_ascii
from bastide.report.received.kinds import NO_XML, NOT_AGGREGATE

_DEPTH = 20
_TEXT = 1000
_ROWS = 100_000
_COUNT = 10**12
_SHOWN = 100
# A policy of the successor of RFC 7489 says `pass` where nothing had to be done.
_DISPOSITIONS = {"none": "none", "pass": "none", "quarantine": "quarantine", "reject": "reject"}


@dataclass(frozen=True, slots=True)
class Row:
    """Messages of one source: `dkim` and `spf` say whether they passed and were aligned."""

    source: str
    count: int
    disposition: str
    dkim: bool
    spf: bool


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One report on `domain` (A-labels); `begin` and `end` in seconds since 1970."""

    sender: str
    identity: str
    domain: str
    begin: int
    end: int
    rows: tuple[Row, ...]


class _Refused(Exception):
    """The first field at fault."""


@dataclass(slots=True)
class _Reader:
    """Target of the XML parser: the text of each known path, and one row a record."""

    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    length: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    record: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self.path.append(tag.rpartition("}")[2])
        if len(self.path) > _DEPTH:
            raise _Refused("/".join(self.path[:4]))
        if len(self.path) == 1 and self.path[0] != "feedback":
            raise _Refused("feedback")
        self.text, self.length = [], 0

    def data(self, text: str) -> None:
        # What is longer is no value that is looked for.
        if self.length < _TEXT:
            self.text.append(text[:_TEXT])
            self.length += len(text)

    def end(self, _tag: str) -> None:
        place = "/".join(self.path[1:])
        into = self.record if place.startswith("record/") else self.facts
        if place in _FIELDS:
            into.setdefault(place, "".join(self.text).strip())
        elif place == "record":
            if len(self.rows) >= _ROWS:
                raise _Refused("record")
            self.rows.append(_row(self.record))
            self.record = {}
        self.path.pop()
        self.text, self.length = [], 0

    def close(self) -> Aggregate:
        facts = self.facts
        domain = to_ascii(facts.get("policy_published/domain", "").rstrip("."))
        if domain is None:
            raise _Refused("policy_published/domain")
        return Aggregate(
            sender=_shown(facts.get("report_metadata/org_name", "")) or "-",
            identity=_shown(facts.get("report_metadata/report_id", "")),
            domain=domain,
            begin=_number(facts, "report_metadata/date_range/begin"),
            end=_number(facts, "report_metadata/date_range/end"),
            rows=tuple(self.rows),
        )


_FIELDS = frozenset(
    {
        "report_metadata/org_name",
        "report_metadata/report_id",
        "report_metadata/date_range/begin",
        "report_metadata/date_range/end",
        "policy_published/domain",
        "record/row/source_ip",
        "record/row/count",
        "record/row/policy_evaluated/disposition",
        "record/row/policy_evaluated/dkim",
        "record/row/policy_evaluated/spf",
    }
)


def read_aggregate(file: str, xml: bytes) -> Aggregate | Diagnostic:
    """The report in `xml`, or why it is none; `file` is for the message."""
    parser = defusedxml.ElementTree.DefusedXMLParser(target=_Reader(), forbid_dtd=True)
    try:
        parser.feed(xml)
        found = cast(Aggregate, parser.close())
    except _Refused as refused:
        return diagnose(NOT_AGGREGATE, file, field=refused)
    except DefusedXmlException as error:
        return diagnose(NO_XML, file, error=type(error).__name__)
    except (defusedxml.ElementTree.ParseError, ValueError, LookupError) as error:
        # The last two: encodings that nobody knows, or that XML cannot be read in.
        return diagnose(NO_XML, file, error=_shown(str(error)))
    return found


def _row(record: dict[str, str]) -> Row:
    evaluated = "record/row/policy_evaluated/"
    try:
        source = ipaddress.ip_address(record.get("record/row/source_ip", "")).compressed
    except ValueError:
        raise _Refused("record/row/source_ip") from None
    disposition = _DISPOSITIONS.get(record.get(f"{evaluated}disposition", "").lower())
    if disposition is None:
        raise _Refused(f"{evaluated}disposition")
    return Row(
        source=source,
        count=_number(record, "record/row/count"),
        disposition=disposition,
        dkim=record.get(f"{evaluated}dkim", "").lower() == "pass",
        spf=record.get(f"{evaluated}spf", "").lower() == "pass",
    )


def _number(facts: dict[str, str], place: str) -> int:
    text = facts.get(place, "")
    # Longer ones are no numbers of messages or seconds; `isdecimal` alone takes any script.
    if not (text.isascii() and text.isdecimal() and len(text) < _SHOWN and int(text) < _COUNT):
        raise _Refused(place)
    return int(text)


def _shown(text: str) -> str:
    """A stranger's text, fit for a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text[:_SHOWN])
