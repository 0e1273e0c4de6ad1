# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at Cloudflare already, as nodes that can be imported.

An import must say exactly what is there, so inputs are those of the API as they are, not in
Bastide's normal form.  One zone costs two requests: the zone by its name, one LIST of its records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bastide.targets.cloudflare.fields import CONTENT_TYPES
from bastide.targets.cloudflare.records import is_ours_to_give, owner_of
from bastide.targets.cloudflare.redirects import as_sent, is_ours
from bastide.targets.pulumi.graph import RECORD, ZONE, Inputs, Node, camel, ruleset_node

Api = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Zones by key, and records; each node has its `import_id`.

    The key of a record is ``found:IDENTIFIER``: it gets another with what it turns out to be.
    `rulesets` are the redirect rules by key, of zones whose rules were asked for; one without an
    `import_id` stands for none.  `most` is how many rules the plan of each zone allows.
    """

    zones: Mapping[str, Node] = field(default_factory=dict)
    records: tuple[Node, ...] = ()
    rulesets: Mapping[str, Node] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)

    def __or__(self, other: Found) -> Found:
        return Found(
            {**self.zones, **other.zones},
            self.records + other.records,
            {**self.rulesets, **other.rulesets},
            {**self.most, **other.most},
        )

    def others(self, key: str) -> list[Mapping[str, Any]]:
        """Redirect rules that Bastide did not write, in the form of the provider's inputs."""
        node = self.rulesets.get(key)
        rules = node.inputs["rules"] if node else ()
        return [one for one in rules if not is_ours(one)]

    @property
    def data(self) -> dict[str, Any]:
        """As plain JSON; :meth:`from_data` is the way back."""
        return {
            "zones": {key: node.data for key, node in self.zones.items()},
            "records": [node.data for node in self.records],
            "rulesets": {key: node.data for key, node in self.rulesets.items()},
            "most": dict(self.most),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Found:
        """Read what :attr:`data` gave."""
        zones = {key: Node.from_data(one) for key, one in data["zones"].items()}
        rulesets = {key: Node.from_data(one) for key, one in data["rulesets"].items()}
        records = tuple(Node.from_data(one) for one in data["records"])
        return cls(zones, records, rulesets, data["most"])


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


def found_redirects(domain: str, zone_id: str, ruleset: Api | None, most: int | None) -> Found:
    """`ruleset` is the result of ``GET …/rulesets/phases/{phase}/entrypoint``, None for 404."""
    rules = [
        {name: value for name, value in as_sent(one).items() if name != "id"}
        for one in (ruleset or {}).get("rules") or ()
    ]
    place = f"zones/{zone_id}/{ruleset['id']}" if ruleset else ""
    node = ruleset_node(domain, rules, place)
    if ruleset:
        told = {name: ruleset[name] for name in ("name", "description") if ruleset.get(name)}
        node = replace(node, inputs=node.inputs | told)
    return Found(rulesets={node.key: node}, most={} if most is None else {node.key: most})


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
