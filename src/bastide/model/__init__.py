# SPDX-License-Identifier: GPL-3.0-or-later
"""The nouns: collectivities, the platform, and what their services bring."""

from bastide.model.build import build_collectivity, build_platform
from bastide.model.collectivity import (
    Alias,
    Collectivity,
    Convention,
    DeclaredRecord,
    Domain,
    Mailbox,
    Moved,
    Site,
)
from bastide.model.facts import Facts, Index, facts_of
from bastide.model.guichet import Guichet
from bastide.model.platform import Limit, Mail, Platform, Safety, Tls

__all__ = [
    "Alias",
    "Collectivity",
    "Convention",
    "DeclaredRecord",
    "Domain",
    "Facts",
    "Guichet",
    "Index",
    "Limit",
    "Mail",
    "Mailbox",
    "Moved",
    "Platform",
    "Safety",
    "Site",
    "Tls",
    "build_collectivity",
    "build_platform",
    "facts_of",
]
