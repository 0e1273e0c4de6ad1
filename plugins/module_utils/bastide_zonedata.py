# SPDX-License-Identifier: GPL-3.0-or-later
"""Zone data in one normal form: from the share, from Knot's words, and to a zone file.

Everything that reaches a zone file has been through dnspython's parser and is written in the
normal form that the engine writes too (:mod:`bastide_normalform`), so that no value can smuggle
in a line or a directive.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

try:
    import dns.exception
    import dns.name

    HAS_DNSPYTHON = True
except ImportError:  # the module then says which package is missing
    HAS_DNSPYTHON = False

from ansible.module_utils.bastide_normalform import normal_rdata, quote_txt
from ansible.module_utils.bastide_reconcile import PENDING
from ansible.module_utils.bastide_share import Body

# Made by the server when it signs (RFC 4034, 5155, 7344); DS is data and is compared.
SIGNING_TYPES = frozenset(
    {"RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY", "CDS", "CDNSKEY", "TYPE65534"}
)
NOT_GIVEN = SIGNING_TYPES | {"SOA"}
# Most of a signed zone. That it is signed, and how, is seen by its keys alone.
SIGNATURES = frozenset({"RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "TYPE65534"})
# What each catalog has and no other zone (RFC 9432 §4.2.1).
_VERSION = re.compile(r'version\.\S+ \d+ TXT "2"\Z')
# How a zone is signed: not at all, signed, or signed while the parent is told to drop its DS.
UNSIGNED, SIGNED, LEAVING = "", "signed", "leaving"
SOA_NUMBERS = ("refresh", "retry", "expire", "minimum", "ttl")
# RFC 2181 §8: TTL and the SOA's intervals are 31-bit.
MOST_SECONDS = 2**31 - 1

TYPE = re.compile(r"[A-Z][A-Z0-9]{0,14}\Z")
# By type of record, what a value of another host is called.
VALUE_NAMES = {
    "TXT": re.compile(r"dkim:[a-z0-9.-]{1,253}\Z"),
    "TLSA": re.compile(r"tlsa:[a-z0-9.-]{1,253}\Z"),
}
# Owner names: a wildcard only in front, underscores for service labels (RFC 8552).
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
OWNER = re.compile(rf"(?=.{{1,254}}\Z)(?:\*\.)?(?:{_LABEL}\.)+\Z")


class BadData(Exception):
    """A value that is no data of its record type."""


@dataclass(slots=True)
class ZoneData:
    """The record sets of one zone.

    `rrsets` maps ``name./TYPE`` to ``{"ttl": …, "rdata": [sorted canonical text]}`` and
    ``zone./SOA`` to the SOA without its serial; `serial` is None for desired data.
    `pending` names the sets whose value only another host knows; `unresolved` those of
    them that nobody has given yet, with the name of the value.  `signing` says whether it is
    signed; `ds` has what its CDS records (RFC 7344) ask the parent for.
    """

    rrsets: dict[str, Body] = field(default_factory=dict)
    serial: int | None = None
    pending: set[str] = field(default_factory=set)
    unresolved: dict[str, str] = field(default_factory=dict)
    signing: str = UNSIGNED
    ds: list[str] = field(default_factory=list)


def check_zone(name: str, body: Body) -> str | None:
    """Why the body of a zone is not acceptable, None when it is.

    Judges names and shapes only; whether the values are data of their type is found when
    a zone that differs is put together.
    """
    rrsets, soa = body.get("rrsets"), body.get("soa")
    if not isinstance(rrsets, list) or not isinstance(soa, dict):
        return "needs rrsets and soa"
    texts = all(isinstance(soa.get(key), str) for key in ("mname", "rname"))
    if not texts or not all(_is_seconds(soa.get(key)) for key in SOA_NUMBERS):
        return "its soa needs mname, rname, " + ", ".join(SOA_NUMBERS)
    if body.get("dnssec", UNSIGNED) not in (UNSIGNED, SIGNED, LEAVING):
        return f"{body['dnssec']!r} is no way to sign a zone"
    objections = (_check_rrset(name, rrset) for rrset in rrsets)
    reason = next((objection for objection in objections if objection), None)
    if reason is None and len({(one["name"], one["type"]) for one in rrsets}) < len(rrsets):
        return "a record set stands there twice"
    return reason


def _check_rrset(zone: str, rrset: Any) -> str | None:
    if not isinstance(rrset, dict):
        return "a record set is not a mapping"
    owner, rtype = rrset.get("name"), rrset.get("type")
    if not isinstance(owner, str) or not OWNER.match(owner):
        return f"{owner!r} is no owner name"
    if not f".{owner}".endswith(f".{zone}."):
        return f"{owner!r} is outside of the zone"
    if not isinstance(rtype, str) or not TYPE.match(rtype) or rtype in NOT_GIVEN:
        return f"{rtype!r} is no type of record that a share gives"
    if not _is_seconds(rrset.get("ttl")) or not _has_value(rrset):
        return f"{owner} {rtype} has no valid ttl or no value"
    return None


def _has_value(rrset: Body) -> bool:
    if PENDING in rrset:
        name, known = rrset[PENDING], VALUE_NAMES.get(rrset["type"])
        return known is not None and isinstance(name, str) and bool(known.match(name))
    rdata = rrset.get("rdata")
    return isinstance(rdata, list) and bool(rdata) and all(isinstance(one, str) for one in rdata)


def _is_seconds(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_SECONDS


def desired_data(zone: str, body: Body, values: Mapping[str, str]) -> ZoneData:
    """The record sets that a checked zone of the share asks for.

    Args:
        zone: Its name, without final dot.
        body: What the share says.
        values: What other hosts gave.

    Raises:
        BadData: With owner, type and the parser's words.
    """
    data = ZoneData()
    for rrset in body["rrsets"]:
        owner, rtype = rrset["name"], rrset["type"]
        key = f"{owner}/{rtype}"
        if PENDING in rrset:
            data.pending.add(key)
            value = values.get(rrset[PENDING])
            if value is None:
                data.unresolved[key] = rrset[PENDING]
                continue
            # A text is one record whatever is in it; digests of keys are one each.
            rdata = [quote_txt(value)] if rtype == "TXT" else value.split(", ")
        else:
            rdata = rrset["rdata"]
        data.rrsets[key] = {"ttl": rrset["ttl"], "rdata": _canonical(owner, rtype, rdata)}
    soa = body["soa"]
    try:
        names = {key: _absolute(soa[key]) for key in ("mname", "rname")}
    except dns.exception.DNSException as error:
        raise BadData(f"{zone}. SOA: {error}") from None
    data.rrsets[f"{zone}./SOA"] = {**names, **{key: soa[key] for key in SOA_NUMBERS}}
    data.signing = body.get("dnssec", UNSIGNED)
    return data


def nearest_above(zone: str, zones: Container[str]) -> str:
    """The closest of `zones` that `zone` lies below; empty when there is none."""
    while zone := zone.partition(".")[2]:
        if zone in zones:
            return zone
    return ""


def delegation(child: str, body: Body, ds: Iterable[str] | None) -> dict[str, Body]:
    """The record sets by which a zone delegates one below it (RFC 1034 §4.2.1, RFC 4034 §5).

    Args:
        child: The zone below.
        body: What the share says of it; checked.
        ds: What its CDS records ask for, nothing for no DS, and so no trust; None while its
            keys are not made: the DS is then pending.

    Raises:
        BadData: With owner, type and the parser's words.
    """
    owner = f"{child}."
    found = [one for one in body["rrsets"] if (one["name"], one["type"]) == (owner, "NS")]
    sets: dict[str, Body] = {}
    for one in found:
        rdata = _canonical(owner, "NS", one["rdata"])
        sets[f"{owner}/NS"] = {"ttl": one["ttl"], "rdata": rdata}
        if ds is None:
            sets[f"{owner}/DS"] = {PENDING: f"ds:{child}"}
        elif wanted := _canonical(owner, "DS", ds):
            sets[f"{owner}/DS"] = {"ttl": one["ttl"], "rdata": wanted}
    return sets


def _absolute(name: str) -> str:
    return str(dns.name.from_text(name, dns.name.root).to_text().lower())


def _canonical(owner: str, rtype: str, rdata: Iterable[str]) -> list[str]:
    return sorted({_one(owner, rtype, text) for text in rdata})


def _one(owner: str, rtype: str, text: str) -> str:
    try:
        return normal_rdata(rtype, text)
    except ValueError as error:
        raise BadData(f"{owner} {rtype} {text[:80]!r}: {error}") from None


def split_zones(output: str) -> dict[str, str]:
    """Group the lines of ``knotc zone-read --`` by zone.

    Each line is ``[zone.] owner ttl TYPE rdata``; the zone's name comes out without final
    dot, its text without the bracket and without signatures, which Knot renews by itself.
    Catalogs of zones, which it makes by itself too, are left out.
    """
    texts: dict[str, list[str]] = {}
    for line in output.splitlines():
        if line.startswith("["):
            zone, _, record = line[1:].partition("] ")
            if record.split(None, 3)[2] not in SIGNATURES:
                texts.setdefault(zone.rstrip(".").lower(), []).append(record)
    return {
        zone: "\n".join(lines)
        for zone, lines in texts.items()
        if not any(_VERSION.match(line) and line.startswith(f"version.{zone}.") for line in lines)
    }


def served_data(text: str) -> ZoneData:
    """The record sets of one zone from the lines of ``knotc zone-read``, without signatures."""
    data = ZoneData()
    found: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for line in text.splitlines():
        owner, ttl, rtype, rdata = line.split(None, 3)
        if rtype == "SOA":
            mname, rname, serial, refresh, retry, expire, minimum = rdata.split()
            data.serial = int(serial)
            numbers = zip(SOA_NUMBERS, (refresh, retry, expire, minimum, ttl), strict=True)
            data.rrsets[f"{owner.lower()}/SOA"] = {
                "mname": _absolute(mname),
                "rname": _absolute(rname),
                **{key: int(number) for key, number in numbers},
            }
        elif rtype == "DNSKEY":
            data.signing = data.signing or SIGNED
        elif rtype == "CDS":
            # "0 0 0 00" asks for no DS at all (RFC 8078 §4).
            data.signing = LEAVING if rdata.split()[:3] == ["0", "0", "0"] else data.signing
            data.ds.append(rdata.lower())
        elif rtype not in SIGNING_TYPES:
            found.setdefault((owner.lower(), rtype), (int(ttl), []))[1].append(rdata)
    for (owner, rtype), (seconds, values) in found.items():
        try:
            rdata_now = _canonical(owner, rtype, values)
        except BadData:  # a type this dnspython does not know: foreign, since we wrote none
            rdata_now = sorted(values)
        data.rrsets[f"{owner}/{rtype}"] = {"ttl": seconds, "rdata": rdata_now}
    return data


def zone_text(zone: str, rrsets: Mapping[str, Body], serial: int) -> str:
    """A zone file (RFC 1035 §5) of one record a line, absolute names, sorted, SOA first."""
    lines = []
    for key in sorted(rrsets):
        owner, _, rtype = key.rpartition("/")
        body = rrsets[key]
        if rtype != "SOA":
            lines += [f"{owner} {body['ttl']} IN {rtype} {one}" for one in body["rdata"]]
    soa = rrsets[f"{zone}./SOA"]
    numbers = " ".join(str(soa[key]) for key in ("refresh", "retry", "expire", "minimum"))
    first = f"{zone}. {soa['ttl']} IN SOA {soa['mname']} {soa['rname']} {serial} {numbers}"
    return "\n".join(["; Written by Bastide, replaced at each change.", first, *lines, ""])


def next_serial(served: int | None, now: int) -> int:
    """A serial above the served one in the sense of RFC 1982, the Unix time when it can be."""
    if served is None:
        return now % 2**32
    ahead = (now - served) % 2**32
    return now % 2**32 if 0 < ahead < 2**31 else (served + 1) % 2**32
