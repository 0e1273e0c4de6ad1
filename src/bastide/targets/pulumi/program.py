# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pulumi program: registers the graph of one stack, and nothing else.

It decides nothing.  What it is given was compiled, validated and planned before; so the same
program runs under mocks, under a monitor in a test, and under the engine.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pulumi

with warnings.catch_warnings():
    # The package warns of old classes of its own while it is imported; we use none of them.
    warnings.simplefilter("ignore", DeprecationWarning)
    import pulumi_cloudflare as cloudflare

from bastide.targets.pulumi.graph import (
    DNSSEC,
    RECORD,
    RULESET,
    SETTING,
    ZONE,
    Graph,
    Node,
    snake,
    snake_keys,
)

_CLASSES: dict[str, type[pulumi.CustomResource]] = {
    ZONE: cloudflare.Zone,
    RECORD: cloudflare.DnsRecord,
    DNSSEC: cloudflare.ZoneDnssec,
    SETTING: cloudflare.ZoneSetting,
    RULESET: cloudflare.Ruleset,
}


def program_of(graph: Graph) -> Callable[[], None]:
    """`graph` as the inline program that Automation API calls."""
    return lambda: register(graph)


def register(graph: Graph) -> None:
    """Register every node; a node comes after those it names."""
    made: dict[str, pulumi.CustomResource] = {}
    for node in graph.nodes:
        inputs = {snake(name): _argument(name, value) for name, value in node.inputs.items()}
        if node.zone:
            inputs["zone_id"] = made[node.zone].id
        made[node.key] = _CLASSES[node.token](node.key, opts=_options(node, made), **inputs)


def _options(node: Node, made: dict[str, pulumi.CustomResource]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(
        # None, where nothing is asked for: False is an answer, and would be one more difference.
        protect=node.protect or None,
        retain_on_delete=node.retain_on_delete or None,
        delete_before_replace=node.delete_before_replace or None,
        deleted_with=made.get(node.deleted_with),
        depends_on=[made[key] for key in node.depends_on],
        aliases=[pulumi.Alias(name=former) for former in node.formerly] or None,
        import_=node.import_id or None,
    )


def _argument(name: str, value: Any) -> Any:
    """An input as the package takes it: keys of its typed inputs in snake case.

    The value of a setting is of any type, and passed on as it is.
    """
    if name in {"data", "account"}:
        return {snake(key): one for key, one in value.items()}
    return snake_keys(value) if name == "rules" else value
