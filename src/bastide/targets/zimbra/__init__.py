# SPDX-License-Identifier: GPL-3.0-or-later
"""A Zimbra server as a target: collaborative accounts, lists and resources, set by set.

A client of the administration service of our own, small: the libraries that exist nest the
answers of a batch wrongly or are dead.  Written from the forms that Zimbra documents and tried
against a strict imitation of them in tests/unit/zimbra; never yet against a live server.
"""

from bastide.targets.owners import Owner, Owners
from bastide.targets.zimbra.driver import Driver, Outcome
from bastide.targets.zimbra.plan import Plan, Resources
from bastide.targets.zimbra.settings import Server
from bastide.targets.zimbra.soap import Client, Fault, Https, Transport

__all__ = [
    "Client",
    "Driver",
    "Fault",
    "Https",
    "Outcome",
    "Owner",
    "Owners",
    "Plan",
    "Resources",
    "Server",
    "Transport",
]
