# SPDX-License-Identifier: GPL-3.0-or-later
"""Compilers: from a collectivity to records, mailboxes, aliases and pages, with origins.

The compiler itself is :mod:`bastide.desired.compiler`: most runs have nothing to compile, and
loading it takes longer than all they do.
"""

from bastide.desired.resource import RETIRED, SERVICES, Compiled, Origin, Resource, Service
from bastide.desired.share import certificates_on, facts_for, line_on, share_header, share_line

__all__ = [
    "RETIRED",
    "SERVICES",
    "Compiled",
    "Origin",
    "Resource",
    "Service",
    "certificates_on",
    "facts_for",
    "line_on",
    "share_header",
    "share_line",
]
