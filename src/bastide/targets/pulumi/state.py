# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stack held after its last run, from what `pulumi stack export` gives.

Shape (Pulumi's deployment, version 3): ``{"resources": [{"urn", "type", "id", "inputs",
"outputs", "protect", "retainOnDelete", …}], "pending_operations": [{"resource", "type"}]}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bastide.targets.pulumi.graph import DNSSEC, RECORD, RULESET, SETTING, ZONE, Node, zone_name_of

_TOKENS = frozenset({ZONE, RECORD, DNSSEC, SETTING, RULESET})


@dataclass(frozen=True, slots=True)
class Held:
    """One resource of a state; `zone` is the key of the zone it lies in, empty for a zone."""

    key: str
    token: str
    id: str
    inputs: Mapping[str, Any]
    zone: str
    protect: bool = False

    @property
    def node(self) -> Node:
        """The node that leaves it exactly as it is."""
        inputs = {name: value for name, value in self.inputs.items() if name != "zoneId"}
        return Node(
            self.key,
            self.token,
            inputs,
            zone=self.zone,
            protect=self.protect,
            retain_on_delete=self.token == ZONE,
            deleted_with=self.zone if self.token in {RECORD, SETTING, RULESET} else "",
        )


@dataclass(frozen=True, slots=True)
class State:
    """The resources of a stack by key, and the keys at which a run was cut off."""

    held: dict[str, Held] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()

    @property
    def zones(self) -> dict[str, Held]:
        """Its zones, by domain (A-labels)."""
        return {zone_name_of(h.key): h for h in self.held.values() if h.token == ZONE}

    def within(self, zone: str) -> list[Held]:
        """What lies in the zone of that key, without the zone itself."""
        return [held for held in self.held.values() if held.zone == zone]


def state_of(deployment: Mapping[str, Any] | None) -> State:
    """Read a deployment; what is no resource of ours (the stack, its provider) is left out.

    What waits for its deletion in the middle of a replacement (``delete``) is left out too:
    its key belongs to what replaced it.
    """
    resources = [
        one
        for one in (deployment or {}).get("resources") or ()
        if one.get("type") in _TOKENS and not one.get("delete")
    ]
    zones = {one["id"]: key_of_urn(one["urn"]) for one in resources if one["type"] == ZONE}
    held = {}
    for one in resources:
        key = key_of_urn(one["urn"])
        inputs = plain(one.get("inputs") or {})
        zone = zones.get(str(inputs.get("zoneId", "")), "")
        if one["type"] == ZONE or zone:
            held[key] = Held(
                key, one["type"], one.get("id", ""), inputs, zone, bool(one.get("protect"))
            )
    cut = (deployment or {}).get("pending_operations") or ()
    return State(held, frozenset(key_of_urn(one["resource"]["urn"]) for one in cut))


def key_of_urn(urn: str) -> str:
    """The name in ``urn:pulumi:STACK::PROJECT::TYPE::NAME``; a name may hold ``::`` itself."""
    return urn.split("::", 3)[-1]


def plain(value: Any) -> Any:
    """`value` without what the SDKs and bridged providers add: ``__defaults``, 3600.0 for 3600."""
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items() if not k.startswith("__")}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
