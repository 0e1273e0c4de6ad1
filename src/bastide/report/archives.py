# SPDX-License-Identifier: GPL-3.0-or-later
"""Life and death of a suspended mailbox: archived, brought back, and at last let go."""

from __future__ import annotations

from typing import Any

from bastide.fleet import Fleet
from bastide.model.names import normal_address
from bastide.report.explain import not_found
from bastide.report.passwords import holders
from bastide.targets.archives import Deed, work_on_archive


def archive_work(fleet: Fleet, do: Deed, address: str, messages: int = -1) -> list[dict[str, Any]]:
    """Do it on the mail host that holds it; what it noted of the archive.

    The address need not stand in a charter: what has left one is what is archived.
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
    return [
        work_on_archive(fleet.repository, host, do, normal, facts)
        for host in holders(fleet, normal)
    ]
