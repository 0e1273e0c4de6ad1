# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that lies in one file or message: reports of both kinds, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Diagnostic
from bastide.report.received.aggregate import Aggregate, read_aggregate
from bastide.report.received.encryption import TlsReport, read_tls
from bastide.report.received.unpack import is_json, reports_in

Report = Aggregate | TlsReport
Found = Report | Diagnostic


def read_document(file: str, content: bytes) -> Iterator[Found]:
    """Read `content`, a message, an archive or a report; `file` is for messages."""
    for document in reports_in(file, content):
        if isinstance(document, Diagnostic):
            yield document
        elif is_json(document):
            yield read_tls(file, document)
        else:
            yield read_aggregate(file, document)
