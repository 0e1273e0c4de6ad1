# SPDX-License-Identifier: GPL-3.0-or-later
"""Registrars: one port, a driver for each API, and the registry's own word by RDAP."""

from bastide.targets.registrars.accounts import Accounts
from bastide.targets.registrars.faults import Refused, Unanswered
from bastide.targets.registrars.port import (
    Holder,
    Holding,
    Offer,
    OrderKind,
    Placed,
    Purchase,
    Registrar,
    Trace,
)
from bastide.targets.registrars.rdap import Rdap, Registered

__all__ = [
    "Accounts",
    "Holder",
    "Holding",
    "Offer",
    "OrderKind",
    "Placed",
    "Purchase",
    "Rdap",
    "Refused",
    "Registered",
    "Registrar",
    "Trace",
    "Unanswered",
]
