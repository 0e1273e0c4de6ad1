# SPDX-License-Identifier: GPL-3.0-or-later
"""What farther levels say to the towns they cover: region, department, grouping of communes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Said = Mapping[str, Any]
# How much of the country a level has, the farthest first.
_RANK = {"region": 0, "department": 1, "epci": 2}


def levels(insee: str, desks: Mapping[str, Said], title: Callable[[str], str | None]) -> list[Said]:
    """The levels of the commune `insee`, farthest first, in the form of comarquage.local_of.

    `desks` are the bodies of all desks by host name; those of which `guide.covers` has the commune
    (an INSEE code, or what it begins with) are levels.  `title` gives that of a procedure by
    ``host/name``: what a level offers is linked to at its own desk.
    """
    found = []
    for host, body in desks.items():
        said = body.get("guide") or {}
        if not insee.startswith(tuple(said.get("covers", ())) or ("-",)):
            continue
        named = {one.get("procedure") for one in (said.get("enrichments") or {}).values()}
        procedures = {
            name: {"title": text, "url": f"https://{host}/demarches/{name}/"}
            for name in sorted(one for one in named if one)
            if (text := title(f"{host}/{name}"))
        }
        level = {key: said[key] for key in ("pivots", "enrichments") if said.get(key)}
        if level:
            if procedures:
                level["procedures"] = procedures
            found.append((_RANK.get(said.get("level", ""), 2), host, level))
    return [level for _, _, level in sorted(found, key=lambda one: one[:2])]
