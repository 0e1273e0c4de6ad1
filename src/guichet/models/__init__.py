# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables.  All but `Host` carry their tenant, and PostgreSQL shows a row to no other."""

from guichet.models.agent import Agent, CannedAnswer, Charge, OneTimeLink
from guichet.models.draft import Draft
from guichet.models.file import File
from guichet.models.guide import SheetCheck
from guichet.models.mail import Mail
from guichet.models.procedure import Procedure, Version
from guichet.models.rate import Rate
from guichet.models.request import Counter, Event, Message, PurgedRequest, Request
from guichet.models.session import Session
from guichet.models.tenant import Host, Tenant, Tenanted

__all__ = [
    "Agent",
    "CannedAnswer",
    "Charge",
    "Counter",
    "Draft",
    "Event",
    "File",
    "Host",
    "Mail",
    "Message",
    "OneTimeLink",
    "Procedure",
    "PurgedRequest",
    "Rate",
    "Request",
    "Session",
    "SheetCheck",
    "Tenant",
    "Tenanted",
    "Version",
]
