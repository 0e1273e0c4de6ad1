# SPDX-License-Identifier: GPL-3.0-or-later
"""The groupware compiler: the accounts and domains that a Zimbra server shall hold.

Accounts have their own address alone: aliases stay on the mail hosts, where one may lead to
classic and to collaborative mailboxes at once.  Bodies are those of
:mod:`bastide.targets.zimbra.entries`.
"""

from __future__ import annotations

from typing import Any

from bastide.desired.resource import Compiled, Origin, Resource
from bastide.model import Collectivity, Platform


def compile_groupware(collectivity: Collectivity, platform: Platform, out: Compiled) -> None:
    """Add the groupware resources of `collectivity` to `out`; none without a Zimbra server.

    A domain is made once it has an account.  A shared one is made by the collectivity that
    declares it, always: accounts of the others may come at any time.
    """
    server = platform.mail.zimbra
    if server is None:
        return
    accounts = [one for one in collectivity.mailboxes if one.normal and one.kind == "collaborative"]
    used = {str(one.normal).rpartition("@")[2] for one in accounts}
    for domain in collectivity.live_domains:
        name = str(domain.ascii)
        if name in used or name in platform.shared_domains:
            origin = Origin(collectivity.file, domain.line, "groupware-domain")
            _add(out, f"domain:{name}", {}, origin)
    cos = server.class_of_service
    for one in accounts:
        # A class of service says what an account may take up, unless the charter does.
        default = None if cos else platform.mail.quota_default
        body = {
            "quota": one.quota or default,
            "cos": cos,
            "state": "suspended" if one.suspended else "active",
            "delivery": one.delivery if one.suspended else "keep",
        }
        origin = Origin(collectivity.file, one.line, "collaborative")
        _add(out, f"account:{one.normal}", body, origin)


def _add(out: Compiled, address: str, body: dict[str, Any], origin: Origin) -> None:
    out.resources["groupware"].append(Resource(address, body))
    out.origins[address] = origin
