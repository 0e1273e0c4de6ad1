# SPDX-License-Identifier: GPL-3.0-or-later
"""A graph against the provider's schema, before anybody is asked.

The SDK checks the names of inputs, not their types or values; a preview checks little more, so
that what is wrong fails in the middle of an apply.  Here: unknown and missing inputs, types, enums,
ranges, ``content`` XOR ``data`` and which record type takes which, and that a proxied record has
ttl 1 (the provider checks that only when it creates); of redirects, that each leads to one place.

Source: schema/cloudflare-6.23.1.json, see LICENCE.md beside it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bastide.targets.cloudflare.redirects import MOST_EXPRESSION
from bastide.targets.pulumi.graph import RECORD, RULESET, Graph, Node

SCHEMA = Path(__file__).parent / "schema" / "cloudflare-6.23.1.json"
_PLAIN: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "integer": int,
    "array": list,
    "object": Mapping,
}
# Record types whose value stands in `content`; all others have `data`.
_CONTENT = frozenset({"A", "AAAA", "CNAME", "MX", "NS", "PTR", "TXT", "OPENPGPKEY"})
_PRIORITY = frozenset({"MX", "SRV", "URI"})
_AUTOMATIC, _TTL = 1, range(60, 86401)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What the provider would refuse: key of the node, path of the input, and why."""

    key: str
    path: str
    why: str


def faults_of(graph: Graph) -> list[Fault]:
    """Everything in `graph` that the provider or the API would refuse, sorted."""
    return sorted({fault for node in graph.nodes for fault in _node(node)})


def _node(node: Node) -> Iterator[Fault]:
    resource = _schema()["resources"].get(node.token)
    if resource is None:
        yield Fault(node.key, "", f"unknown resource {node.token}")
        return
    inputs = {**node.inputs, **({"zoneId": "0" * 32} if node.zone else {})}
    for name in resource["requiredInputs"]:
        if inputs.get(name) is None:
            yield Fault(node.key, name, "is required")
    yield from _object(node.key, "", inputs, resource["inputProperties"])
    yield from _terms(node.key, inputs, resource.get("x-tf", {}))
    if node.token == RECORD:
        yield from _record(node.key, inputs)
    elif node.token == RULESET:
        yield from _rules(node.key, inputs)


def _terms(key: str, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Iterator[Fault]:
    """What the provider's own schema says beside types: conflicts, ranges, enumerations."""
    for group in terms.get("conflicts", ()):
        given = [name for name in group if inputs.get(name) is not None]
        if len(given) > 1:
            yield Fault(key, given[0], f"conflicts with {given[1]}")
    for name, (low, high) in terms.get("ranges", {}).items():
        value = inputs.get(name)
        if _is_number(value) and not low <= value <= high:
            yield Fault(key, name, f"{value} is not between {low} and {high}")
    for name, allowed in terms.get("enum", {}).items():
        if inputs.get(name) is not None and inputs[name] not in allowed:
            yield Fault(key, name, f"{inputs[name]!r} is none of {', '.join(allowed)}")


def _object(
    key: str, path: str, value: Mapping[str, Any], properties: Mapping[str, Any]
) -> Iterator[Fault]:
    for name, one in value.items():
        if name not in properties:
            yield Fault(key, path + name, "is no input of it")
        else:
            yield from _value(key, path + name, one, properties[name])


def _value(key: str, path: str, value: Any, wanted: Mapping[str, Any]) -> Iterator[Fault]:
    reference = wanted.get("$ref")
    if reference == "pulumi.json#/Any":
        return
    if reference:
        wanted = _schema()["types"][reference.removeprefix("#/types/")]
    kind = wanted.get("type", "object")
    if not _is_a(kind, value):
        yield Fault(key, path, f"{value!r} is no {kind}")
        return
    allowed = wanted.get("x-enum-from-description")
    if allowed and value not in allowed:
        yield Fault(key, path, f"{value!r} is none of {', '.join(map(str, allowed))}")
    if kind == "object" and "properties" in wanted:
        yield from _object(key, f"{path}.", value, wanted["properties"])
        for name in wanted.get("required", ()):
            if name not in value:
                yield Fault(key, f"{path}.{name}", "is required")
    if kind == "array":
        for place, one in enumerate(value):
            yield from _value(key, f"{path}[{place}]", one, wanted["items"])


def _is_a(kind: str, value: Any) -> bool:
    """Whether `value` is of the JSON type `kind`; true and false are no numbers."""
    return isinstance(value, _PLAIN[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _record(key: str, inputs: Mapping[str, Any]) -> Iterator[Fault]:
    kind, ttl = str(inputs.get("type")), inputs.get("ttl")
    right, wrong = ("content", "data") if kind in _CONTENT else ("data", "content")
    if inputs.get(right) is None:
        yield Fault(key, right, f"is required for {kind}")
    if inputs.get(wrong) is not None and inputs.get(right) is None:
        yield Fault(key, wrong, f"is not for {kind}")
    if kind in _PRIORITY and inputs.get("priority") is None:
        yield Fault(key, "priority", f"is required for {kind}")
    if _is_number(ttl) and ttl != _AUTOMATIC and ttl not in _TTL:
        yield Fault(key, "ttl", f"{ttl} is neither 1 nor between 60 and 86400")
    if inputs.get("proxied") and ttl != _AUTOMATIC:
        yield Fault(key, "ttl", "must be 1 where proxied is true")
    name = str(inputs.get("name", ""))
    if name != name.lower() or not name.isascii() or name.endswith(".") or "." not in name:
        yield Fault(key, "name", "must be whole, in lower case and punycode, without final dot")


def _rules(key: str, inputs: Mapping[str, Any]) -> Iterator[Fault]:
    """What a redirect needs that types do not say: one target, an expression not too long."""
    rules = inputs.get("rules")
    for place, rule in enumerate(rules if isinstance(rules, list) else ()):
        path = f"rules[{place}]"
        found = rule if isinstance(rule, Mapping) else {}
        if len(str(found.get("expression"))) > MOST_EXPRESSION:
            yield Fault(key, f"{path}.expression", f"is longer than {MOST_EXPRESSION} characters")
        target: Any = found
        for name in ("actionParameters", "fromValue", "targetUrl"):
            target = target.get(name) if isinstance(target, Mapping) else None
        if not isinstance(target, Mapping) or len(target) != 1:
            yield Fault(key, path, "has one targetUrl, a value or an expression")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@functools.cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found
