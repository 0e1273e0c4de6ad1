# SPDX-License-Identifier: GPL-3.0-or-later
"""From a valid document to the desk of a collectivity and to what serves the desks."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from bastide.model.guichet import ADJUSTABLE, KINDS, Agent, Guichet, Offered, Receiver, slug_from
from bastide.model.names import normal_address, to_ascii
from bastide.model.platform import Desks

Data = dict[str, Any]
Line = Callable[[tuple[str | int, ...]], int]


def build_guichet(data: Data | None, line: Line) -> Guichet | None:
    """The desk that the section `guichet` declares; None without one."""
    if data is None:
        return None
    return Guichet(
        domain=data["domain"],
        host=to_ascii(data["domain"]),
        offered=tuple(
            _offered(entry, place, line) for place, entry in enumerate(data.get("procedures") or ())
        ),
        comarquage=tuple(data.get("comarquage") or ()),
        line=line(("guichet",)),
        banner=data.get("banner"),
        banner_line=line(("guichet", "banner")) if "banner" in data else 0,
        colours={name: value.lower() for name, value in (data.get("colours") or {}).items()},
        receivers=tuple(
            Receiver(
                slug,
                body["name"],
                body.get("email"),
                body.get("phone"),
                line(("guichet", "services", slug)),
            )
            for slug, body in (data.get("services") or {}).items()
        ),
        agents=tuple(
            Agent(
                address,
                normal_address(address),
                body["role"],
                tuple(body.get("procedures") or ()),
                body.get("name"),
                line(("guichet", "agents", address)),
            )
            for address, body in (data.get("agents") or {}).items()
        ),
        enrichments=data.get("enrichments") or {},
        pivots=data.get("pivots") or {},
        privacy=data.get("privacy") or {},
    )


def _offered(entry: str | Data, place: int, line: Line) -> Offered:
    written: Data = {"library": entry} if isinstance(entry, str) else entry
    kinds = tuple(kind for kind in KINDS if kind in written) or ("library",)
    target = str(written.get(kinds[0], ""))
    told = {key: written[key] for key in ADJUSTABLE if key in written}
    slug = written.get("name") or _slug(kinds[0], target, str(told.get("title", "")))
    return Offered(kinds, target, slug, told, place, line(("guichet", "procedures", place)))


def _slug(kind: str, target: str, title: str) -> str:
    if kind == "definition":
        return PurePosixPath(target).stem
    return slug_from(title or target) if kind == "link" else target.lower()


def build_desks(data: Data | None) -> Desks | None:
    """What the section `guichet` of platform.yml says; None without one."""
    if data is None:
        return None
    backup = data.get("backup") or {}
    return Desks(
        addresses=tuple(str(ipaddress.ip_address(one)) for one in data["addresses"]),
        sender=data["sender"],
        host_group=data.get("host_group", "desk"),
        guide=data.get("comarquage", "https"),
        privacy=data.get("privacy") or {},
        backup_folder=backup.get("folder", "/var/lib/bastide/backups"),
        backups_kept=backup.get("kept", 7),
    )
