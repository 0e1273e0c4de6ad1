# SPDX-License-Identifier: GPL-3.0-or-later
"""Life and death of a suspended mailbox: archived, brought back, and at last let go."""

from __future__ import annotations

from typing import Any

from bastide.diagnostics import RunFailed
from bastide.fleet import Fleet
from bastide.model.names import normal_address
from bastide.report.explain import not_found
from bastide.report.on_zimbra import may_be_on_zimbra, not_here
from bastide.report.passwords import holders
from bastide.targets.archives import Deed, work_on_archive


def archive_work(fleet: Fleet, do: Deed, address: str, messages: int = -1) -> list[dict[str, Any]]:
    """Do it on the mail host that holds it; what it noted of the archive.

    The address need not stand in a charter: what has left one is what is archived.  One that
    is an account of the Zimbra server now may have left a mailbox here.

    Raises:
        RunFailed: A host did not do it; where the mail may be on Zimbra, that is said (A569).
    """
    normal = normal_address(address)
    if normal is None:
        raise not_found(fleet, address)
    mail = fleet.platform.mail
    facts = {
        "folder": mail.archive_folder,
        "grace_days": mail.archive_grace_days,
        "messages": messages,
    }
    try:
        return [
            work_on_archive(fleet.repository, host, do, normal, facts)
            for host in holders(fleet, normal)
        ]
    except RunFailed as failure:
        if not may_be_on_zimbra(fleet, normal):
            raise
        told = not_here(fleet, do, normal).diagnostics
        raise RunFailed(*failure.diagnostics, *told) from failure
