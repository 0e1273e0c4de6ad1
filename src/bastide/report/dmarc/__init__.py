# SPDX-License-Identifier: GPL-3.0-or-later
"""Aggregate reports of DMARC (RFC 7489 §7.2), summed per domain.

Anybody can send such a report to the address that the DNS names: what is read here is
hostile until it has been read.
"""

from bastide.report.dmarc.folder import read_folder
from bastide.report.dmarc.render import as_json, as_text
from bastide.report.dmarc.summary import Summary, summarise

__all__ = ["Summary", "as_json", "as_text", "read_folder", "summarise"]
