# SPDX-License-Identifier: GPL-3.0-or-later
"""The record sets of a compiled zone as records of Cloudflare's API, and the way back.

Cloudflare knows records one by one, Bastide record sets (RFC 2181 §5).  Both ways end in a normal
form, so that what was written and read again shows no difference: names whole, lower case, in
A-labels, without final dot; TXT in quoted strings of at most 255 octets; numbers as integers.
The SOA and the NS of the apex are Cloudflare's own and stay out, both ways.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bastide.model.rdata import quote_txt
from bastide.targets.cloudflare.fields import canonical, joined_rdata, split_rdata
from bastide.targets.reconcile import PENDING

Body = Mapping[str, Any]

AUTOMATIC = 1
"""The TTL that stands for "as Cloudflare thinks best"; a proxied record has no other."""
LEAST_TTL, MOST_TTL = 60, 86_400
"""Bounds of every other TTL, in seconds (plans below Enterprise)."""
_READABLE = 60
_MARK = "bastide:"


def mark_of(siren: str) -> str:
    """The comment of every record that Bastide wrote for a collectivity.

    It says whose a record is wherever the zone is looked at from; a record without it is
    somebody else's.  Comments hold 100 characters on every plan.
    """
    return f"{_MARK}{siren}"


def siren_of(record: Mapping[str, Any]) -> str:
    """SIREN in the mark of a record of the API; empty for what Bastide did not write."""
    return siren_of_mark(str(record.get("comment") or ""))


def siren_of_mark(text: str) -> str:
    """SIREN that a comment or description names, empty where it is no mark."""
    return text.removeprefix(_MARK) if text.startswith(_MARK) else ""


@dataclass(frozen=True, slots=True)
class CloudRecord:
    """One record, with the fields of ``POST /zones/{zone_id}/dns_records``.

    `name` is whole, in A-labels, without final dot; `ttl` is in seconds; one of `content` and
    `data` is None, see :mod:`bastide.targets.cloudflare.fields`.
    """

    name: str
    type: str
    ttl: int
    content: str | None = None
    data: Mapping[str, Any] | None = field(default=None, hash=False)
    priority: int | None = None
    proxied: bool = False
    comment: str | None = None

    @property
    def params(self) -> dict[str, Any]:
        """The body of the request that makes this record; nothing that is not set is in it."""
        given: dict[str, Any] = {"name": self.name, "type": self.type, "ttl": self.ttl}
        if self.data is not None:
            given["data"] = dict(self.data)
        else:
            given["content"] = self.content
        if self.priority is not None:
            given["priority"] = self.priority
        if self.comment is not None:
            given["comment"] = self.comment
        return given | {"proxied": self.proxied}

    @property
    def value(self) -> str:
        """Priority, content or fields in one line: what tells the records of a set apart."""
        if self.data is not None:
            fields = {name: one for name, one in sorted(self.data.items()) if name != "priority"}
            text = " ".join(str(one) for one in fields.values())
        else:
            text = str(self.content)
        priority = self.priority
        if priority is None and self.data is not None:
            priority = self.data.get("priority")
        return text if priority is None else f"{priority}-{text}"

    @property
    def sort_key(self) -> tuple[str, ...]:
        """By name, type and value."""
        return (self.name, self.type, self.value)


def records_of(
    zone: str, body: Body, values: Mapping[str, str] | None = None, comment: str | None = None
) -> list[CloudRecord]:
    """The records of a compiled zone (:mod:`bastide.desired.zones`), sorted.

    Args:
        zone: Its name in A-labels, without final dot.
        body: ``{"soa": …, "rrsets": [{"name", "type", "ttl", "rdata": […]} or {…, "pending"}]}``.
        values: What hosts gave for pending values; a set whose value nobody gave is left out.
        comment: Given to every record.

    Raises:
        ValueError: With owner, type and what is wrong, for what Cloudflare cannot hold.
    """
    records: list[CloudRecord] = []
    for rrset in body["rrsets"]:
        if is_ours_to_give(zone, rrset["name"], rrset["type"]):
            rdata = rdata_of(rrset, values or {})
            key = (rrset["name"], rrset["type"], rrset["ttl"])
            proxied = bool(rrset.get("proxied"))
            records += records_of_set(*key, rdata, comment, proxied=proxied)
    return sorted(records, key=lambda one: one.sort_key)


def records_of_set(
    owner: str,
    rtype: str,
    ttl: int,
    rdata: Iterable[str],
    comment: str | None = None,
    *,
    proxied: bool = False,
) -> list[CloudRecord]:
    """The records of one set, sorted; `owner` is absolute, with or without final dot."""
    records = []
    ttl = AUTOMATIC if proxied else bounded_ttl(ttl)
    for text in rdata:
        try:
            content, data, priority = split_rdata(rtype, text)
        except ValueError as error:
            raise ValueError(f"{owner} {rtype} {text[:80]!r}: {error}") from error
        name = owner.removesuffix(".").lower()
        records.append(CloudRecord(name, rtype, ttl, content, data, priority, proxied, comment))
    return sorted(records, key=lambda one: one.sort_key)


def rdata_of(rrset: Body, values: Mapping[str, str]) -> list[str]:
    """Rdata of a set of the zone's body; none while its value is pending and not among `values`."""
    if PENDING not in rrset:
        return list(rrset["rdata"])
    value = values.get(rrset[PENDING])
    return [] if value is None else [quote_txt(value)]


def rrsets_of(zone: str, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The record sets that `records` make, in the form of a compiled zone's body.

    `records` are results of ``GET /zones/{zone_id}/dns_records``.  A set whose records differ in
    their TTL has the least of them and ``"ttls": […]`` beside it, one that Cloudflare answers for
    itself ``"proxied": true``: a compiled zone has neither, so that such a set shows as different.
    """
    sets: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in records:
        owner, rtype = owner_of(record), str(record["type"])
        if is_ours_to_give(zone, owner, rtype):
            sets.setdefault((owner, rtype), []).append(record)
    return [
        {"name": owner, "type": rtype, **set_body(found)}
        for (owner, rtype), found in sorted(sets.items())
    ]


def set_body(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``{"ttl", "rdata"}`` of records of one set; perhaps `ttls` and `proxied`, as above."""
    found = list(records)
    ttls = sorted({int(one["ttl"]) for one in found})
    body: dict[str, Any] = {"ttl": ttls[0], "rdata": sorted({joined_rdata(one) for one in found})}
    if len(ttls) > 1:
        body["ttls"] = ttls
    if any(one.get("proxied") for one in found):
        body["proxied"] = True
    return body


def normal_set(rrset: Body, values: Mapping[str, str]) -> dict[str, Any] | None:
    """``{"ttl", "rdata"}`` of a compiled set as it comes back from Cloudflare.

    None while its value is pending.  Raises ``ValueError`` for what is no rdata of its type.
    """
    rdata = {canonical(rrset["type"], text) for text in rdata_of(rrset, values)}
    if not rdata:
        return None
    if rrset.get("proxied"):
        return {"ttl": AUTOMATIC, "rdata": sorted(rdata), "proxied": True}
    return {"ttl": bounded_ttl(rrset["ttl"]), "rdata": sorted(rdata)}


def owner_of(record: Mapping[str, Any]) -> str:
    """Owner of a record of the API, absolute, lower case, with final dot."""
    return str(record["name"]).rstrip(".").lower() + "."


def is_ours_to_give(zone: str, owner: str, rtype: str) -> bool:
    """False for what Cloudflare makes by itself: the SOA, and the NS of the apex."""
    return rtype != "SOA" and not (rtype == "NS" and owner.rstrip(".").lower() == zone)


def bounded_ttl(ttl: int) -> int:
    """`ttl` within the bounds that Cloudflare accepts."""
    return min(max(ttl, LEAST_TTL), MOST_TTL)


def keyed(records: Iterable[CloudRecord]) -> dict[str, CloudRecord]:
    """Records by a key that says what they are.

    ``A:www.cahors.fr`` where the set has one value, so that another value is a change of it;
    ``MX:cahors.fr:10-mail.info46.com`` where it has several.  A value too long to read is told by
    a digest.  When a set grows from one value to two, the first gets another key: a program that
    keeps state by key has to say that it is the same (an alias, in Pulumi).
    """
    sets: dict[str, list[CloudRecord]] = {}
    for record in records:
        sets.setdefault(f"{record.type}:{record.name}", []).append(record)
    found: dict[str, CloudRecord] = {}
    for key, members in sets.items():
        if len(members) == 1:
            found[key] = members[0]
        else:
            found |= {f"{key}:{_discriminator(one)}": one for one in members}
    return found


def _discriminator(record: CloudRecord) -> str:
    value = record.value
    if len(value) <= _READABLE:
        return value
    text = json.dumps(record.params | {"ttl": 0, "comment": None}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
