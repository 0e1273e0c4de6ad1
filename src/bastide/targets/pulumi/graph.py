# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired graph of a stack: what Pulumi is told of one collectivity, as plain data.

Pure.  A graph can be compared, hashed, kept and validated without Pulumi; `program` registers it.
Inputs bear the names of the provider's schema (camel case); ``zoneId`` is not among them, since
only a run knows it: `zone` names the node whose identifier it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import idna

from bastide.targets.cloudflare.compare import redirects_address
from bastide.targets.cloudflare.fields import joined_rdata
from bastide.targets.cloudflare.records import CloudRecord, keyed, mark_of, owner_of, records_of
from bastide.targets.cloudflare.redirects import PHASE, rules_of
from bastide.targets.reconcile import PENDING

PROJECT = "bastide-dns"
ZONE = "cloudflare:index/zone:Zone"
RECORD = "cloudflare:index/dnsRecord:DnsRecord"
DNSSEC = "cloudflare:index/zoneDnssec:ZoneDnssec"
SETTING = "cloudflare:index/zoneSetting:ZoneSetting"
RULESET = "cloudflare:index/ruleset:Ruleset"
FORMAT = 1

Inputs = dict[str, Any]
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """One resource.  `key` is its name in Pulumi, free of hashes, so that a URN can be read.

    `zone`, `deleted_with` and `depends_on` are keys of other nodes; `formerly` are keys under
    which the state may still hold it; `import_id` is the provider's, for what exists already.
    """

    key: str
    token: str
    inputs: Inputs
    zone: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    deleted_with: str = ""
    depends_on: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    import_id: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """As plain JSON; :meth:`from_data` is the way back."""
        return asdict(self) | {"depends_on": [*self.depends_on], "formerly": [*self.formerly]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Node:
        """Read what :attr:`data` gave."""
        lists = {"depends_on": tuple(data["depends_on"]), "formerly": tuple(data["formerly"])}
        return cls(**{**data, **lists})


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of one stack, each after those it names; `stack` is the SIREN.

    `pending` holds address and token of record sets whose value no host gave yet: what is held of
    them stays.
    """

    stack: str
    nodes: tuple[Node, ...] = ()
    pending: tuple[tuple[str, str], ...] = ()

    @property
    def keys(self) -> set[str]:
        """Keys of its nodes."""
        return {node.key for node in self.nodes}

    @property
    def digest(self) -> str:
        """``sha256:…`` over what is desired; how it is brought about does not count."""
        lines = sorted(
            json.dumps([n.key, n.token, n.inputs, n.zone, n.protect], sort_keys=True)
            for n in self.nodes
        )
        text = "\n".join([str(FORMAT), self.stack, *lines, json.dumps(self.pending)])
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    @property
    def data(self) -> dict[str, Any]:
        """As plain JSON; :meth:`from_data` is the way back."""
        return {
            "format": FORMAT,
            "stack": self.stack,
            "nodes": [node.data for node in self.nodes],
            "pending": [list(one) for one in self.pending],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Graph:
        """Read what :attr:`data` gave; ``ValueError`` when it is something else."""
        try:
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']} is not {FORMAT}")
            nodes = tuple(Node.from_data(one) for one in data["nodes"])
            pending = tuple((address, token) for address, token in data["pending"])
            return cls(data["stack"], nodes, pending)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a graph: {error}") from error


@dataclass(frozen=True, slots=True)
class ZonePolicy:
    """What is the same for every zone: the account, and settings by their Cloudflare name.

    `settings` are those of https://developers.cloudflare.com/api, as ``min_tls_version``.
    """

    account: str
    dnssec: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)


def graph_of(line: Line, policy: ZonePolicy, values: Mapping[str, str] | None = None) -> Graph:
    """The graph that a line of the ``dns`` share asks for (docs/architecture).

    `values` are those that hosts gave for pending record sets; a record set whose value nobody
    gave yet is pending.  Raises ``ValueError`` for what Cloudflare cannot hold.
    """
    nodes: list[Node] = []
    pending = []
    for resource in sorted(line["resources"], key=lambda one: str(one["address"])):
        kind, _, domain = resource["address"].partition(":")
        if kind == "zone":
            nodes += _zone_nodes(domain, resource["body"], policy, values or {}, line["siren"])
    for address, token in waiting_of(line):
        if token not in (values or {}):
            pending.append((address, token))
    return Graph(line["siren"], tuple(nodes), tuple(pending))


def waiting_of(line: Line) -> list[tuple[str, str]]:
    """Address and token of the record sets of a line whose value only a host can give, sorted."""
    return sorted(
        (f"rrset:{owner_of(rrset)}/{rrset['type']}", rrset[PENDING])
        for resource in line["resources"]
        for rrset in resource["body"].get("rrsets", ())
        if PENDING in rrset
    )


def _zone_nodes(
    domain: str,
    body: Mapping[str, Any],
    policy: ZonePolicy,
    values: Mapping[str, str],
    siren: str,
) -> Iterable[Node]:
    zone = f"zone:{domain}"
    yield zone_node(domain, policy.account)
    if policy.dnssec:
        yield Node(f"dnssec:{domain}", DNSSEC, {"status": "active"}, zone=zone)
    for name, value in sorted(policy.settings.items()):
        inputs = {"settingId": name, "value": value}
        yield Node(f"setting:{domain}:{name}", SETTING, inputs, zone=zone, deleted_with=zone)
    redirects = rules_of(body.get("redirects") or (), siren)
    if redirects:
        yield ruleset_node(domain, redirects)
    for key, record in keyed(records_of(domain, body, values, mark_of(siren))).items():
        node = record_node(domain, key, record)
        # No visitor comes before the rules are there, and none after they are gone.
        after = (redirects_address(domain),) if redirects and record.proxied else ()
        yield replace(node, depends_on=after)


def ruleset_node(domain: str, rules: Iterable[Mapping[str, Any]], import_id: str = "") -> Node:
    """All redirect rules of `domain`, of whomever, in the form of the API."""
    key, zone = redirects_address(domain), f"zone:{domain}"
    inputs: Inputs = {
        "kind": "zone",
        "name": "default",
        "phase": PHASE,
        "rules": [camel_keys(one) for one in rules],
    }
    return Node(key, RULESET, inputs, zone=zone, deleted_with=zone, import_id=import_id)


def zone_node(domain: str, account: str) -> Node:
    """A zone: never deleted by a run, and named in Unicode, as the API answers it.

    The A-label would be another name to the provider, and a zone that must be replaced.
    """
    inputs = {"account": {"id": account}, "name": unicode_of(domain), "type": "full"}
    return Node(f"zone:{domain}", ZONE, inputs, protect=True, retain_on_delete=True)


def record_node(domain: str, key: str, record: CloudRecord) -> Node:
    """One record of `domain`; goes with its zone, should the zone ever go."""
    inputs: Inputs = {"name": record.name, "type": record.type, "ttl": record.ttl}
    if record.content is not None:
        inputs["content"] = record.content
    else:
        inputs["data"] = {camel(key): value for key, value in (record.data or {}).items()}
    if record.priority is not None:
        inputs["priority"] = record.priority
    if record.proxied:
        inputs["proxied"] = True
    if record.comment:
        inputs["comment"] = record.comment
    zone = f"zone:{domain}"
    return Node(key, RECORD, inputs, zone=zone, deleted_with=zone)


def unicode_of(domain: str) -> str:
    """`domain` in U-labels (RFC 5890); a label that is none stays as it is."""
    labels = []
    for label in domain.split("."):
        try:
            labels.append(idna.decode(label) if label.startswith("xn--") else label)
        except idna.IDNAError:
            labels.append(label)
    return ".".join(labels)


def camel(name: str) -> str:
    """``matching_type`` as ``matchingType``."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def camel_keys(value: Any) -> Any:
    """`value` with the keys of everything in it in camel case; :func:`snake_keys` goes back."""
    return _keys(value, camel)


def snake_keys(value: Any) -> Any:
    """`value` with the keys of everything in it in snake case."""
    return _keys(value, snake)


def _keys(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {change(name): _keys(one, change) for name, one in value.items()}
    return [_keys(one, change) for one in value] if isinstance(value, list) else value


def snake(name: str) -> str:
    """``matchingType`` as ``matching_type``."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def rrset_of(node: Node) -> str:
    """Bastide's address of what a node is or belongs to: ``rrset:www.cahors.fr./A``."""
    if node.token != RECORD:
        return node.key
    return f"rrset:{owner_of(node.inputs)}/{node.inputs['type']}"


def value_of(node: Node) -> tuple[str, str]:
    """Address and rdata of a record, in Bastide's normal form."""
    return rrset_of(node), joined_rdata(api_form(node.inputs))


def api_form(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs of a record as the API has them: keys in snake case."""
    found = {snake(name): value for name, value in inputs.items()}
    if isinstance(found.get("data"), Mapping):
        found["data"] = {snake(name): value for name, value in found["data"].items()}
    return found


def zone_name_of(key: str) -> str:
    """``cahors.fr`` of ``zone:cahors.fr``; a key of another kind is its own answer."""
    return key.removeprefix("zone:")
