# SPDX-License-Identifier: GPL-3.0-or-later
"""What other mail servers report, summed per domain.

Aggregate reports of DMARC (RFC 7489 §7.2) and reports on encryption (RFC 8460).  Anybody can
send such a report to the address that the DNS names: what is read here is hostile until it has
been read.
"""

from bastide.report.received.folder import read_folder
from bastide.report.received.mailbox import read_mailboxes
from bastide.report.received.render import as_json, as_text
from bastide.report.received.summary import Summary, summarise

__all__ = ["Summary", "as_json", "as_text", "read_folder", "read_mailboxes", "summarise"]
