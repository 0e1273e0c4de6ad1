# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at Cloudflare already, as nodes that can be imported.

An import must say exactly what is there, so inputs are those of the API as they are, not in
Bastide's normal form.  One zone costs two requests: the zone by its name, one LIST of its records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bastide.targets.cloudflare.fields import CONTENT_TYPES
from bastide.targets.cloudflare.records import is_ours_to_give, owner_of
from bastide.targets.pulumi.graph import RECORD, ZONE, Inputs, Node, camel

Api = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Zones by key, and records; each node has its `import_id`.

    The key of a record is ``found:IDENTIFIER``: it gets another with what it turns out to be.
    """

    zones: Mapping[str, Node] = field(default_factory=dict)
    records: tuple[Node, ...] = ()

    def __or__(self, other: Found) -> Found:
        return Found({**self.zones, **other.zones}, self.records + other.records)

    @property
    def data(self) -> dict[str, Any]:
        """As plain JSON; :meth:`from_data` is the way back."""
        return {
            "zones": {key: node.data for key, node in self.zones.items()},
            "records": [node.data for node in self.records],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Found:
        """Read what :attr:`data` gave."""
        zones = {key: Node.from_data(one) for key, one in data["zones"].items()}
        return cls(zones, tuple(Node.from_data(one) for one in data["records"]))


def found_zone(domain: str, zone: Api, records: Iterable[Api]) -> Found:
    """`zone` and `records` are results of ``GET /zones?name=`` and ``GET …/dns_records``."""
    key = f"zone:{domain}"
    inputs = {
        "account": {"id": zone["account"]["id"]},
        "name": zone["name"],
        "type": zone.get("type", "full"),
    }
    node = Node(key, ZONE, inputs, protect=True, retain_on_delete=True, import_id=zone["id"])
    return Found(
        {key: node},
        tuple(
            Node(
                f"found:{one['id']}",
                RECORD,
                _inputs(one),
                zone=key,
                deleted_with=key,
                import_id=f"{zone['id']}/{one['id']}",
            )
            for one in records
            if is_ours_to_give(domain, owner_of(one), str(one["type"]))
        ),
    )


def _inputs(record: Api) -> Inputs:
    inputs: Inputs = {name: record[name] for name in ("name", "type", "ttl")}
    if record["type"] in CONTENT_TYPES:
        inputs["content"] = record["content"]
    else:
        inputs["data"] = {camel(key): value for key, value in (record.get("data") or {}).items()}
    # What is not set comes back as null, false or empty, and is no input.
    inputs |= {
        name: record[name]
        for name in ("priority", "comment", "tags", "settings", "proxied")
        if record.get(name) or (name == "priority" and record.get(name) == 0)
    }
    return inputs
