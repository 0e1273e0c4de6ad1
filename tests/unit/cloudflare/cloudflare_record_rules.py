# SPDX-License-Identifier: GPL-3.0-or-later
"""What Cloudflare makes of one DNS record, and what it refuses: the records of the imitation.

Written from the API's reference and from answers that people quoted; codes that were never seen
quoted are marked "not seen".  It shares no code with Bastide's own reading of records.
"""

from __future__ import annotations

import ipaddress
import re

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import idna

PROXIABLE = frozenset({"A", "AAAA", "CNAME"})
NAMES = frozenset({"CNAME", "MX", "NS", "PTR"})
CONTENT = NAMES | {"A", "AAAA", "OPENPGPKEY", "TXT"}
# Fields of `data`, in the order in which they stand in rdata.
DATA = {
    "CAA": ("flags", "tag", "value"),
    "CERT": ("type", "key_tag", "algorithm", "certificate"),
    "DNSKEY": ("flags", "protocol", "algorithm", "public_key"),
    "DS": ("key_tag", "algorithm", "digest_type", "digest"),
    "HTTPS": ("priority", "target", "value"),
    "LOC": (
        *("lat_degrees", "lat_minutes", "lat_seconds", "lat_direction"),
        *("long_degrees", "long_minutes", "long_seconds", "long_direction"),
        *("altitude", "size", "precision_horz", "precision_vert"),
    ),
    "NAPTR": ("order", "preference", "flags", "service", "regex", "replacement"),
    "SMIMEA": ("usage", "selector", "matching_type", "certificate"),
    "SRV": ("priority", "weight", "port", "target"),
    "SSHFP": ("algorithm", "type", "fingerprint"),
    "SVCB": ("priority", "target", "value"),
    "TLSA": ("usage", "selector", "matching_type", "certificate"),
    "URI": ("weight", "target"),
}
STRINGS = {"CAA": {"value"}, "NAPTR": {"flags", "service", "regex"}, "URI": {"target"}}
WITH_PRIORITY = frozenset({"MX", "SRV", "URI"})
LEAST_TTL, MOST_TTL = 60, 86_400
MOST_TXT, MOST_TXT_OF_NAME = 4096, 8192
MOST_COMMENT = {"free": 100}
OWNER = re.compile(r"(?=.{1,253}\Z)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?)+\Z")
HOST = re.compile(r"(?=.{1,254}\Z)(?:(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?)+|\.)\Z")


class Refused(Exception):
    """An error of the API: HTTP status, code, message, and perhaps what is behind it."""

    def __init__(self, status, code, message, *chain):
        super().__init__(message)
        self.status, self.code, self.message, self.chain = status, code, message, chain

    @property
    def error(self):
        chain = [{"code": code, "message": message} for code, message in self.chain]
        return {"code": self.code, "message": self.message} | (
            {"error_chain": chain} if chain else {}
        )


def validation(code, message):
    """The newer form: the reason stands in the chain."""
    return Refused(400, 1004, "DNS Validation Error", (code, message))


def checked(zone, plan, given):
    """What is stored of a record that a client gave, all of it; `zone` is the name in A-labels."""
    rtype = given.get("type")
    if rtype not in CONTENT and rtype not in DATA:
        raise validation(9004, f"Invalid DNS record type {rtype}")  # not seen
    name = whole_name(given.get("name"), zone)
    proxied = given.get("proxied", False)
    if proxied and rtype not in PROXIABLE:
        raise validation(9030, "This record type cannot be proxied.")  # not seen
    record = {
        "name": name,
        "type": rtype,
        "ttl": 1 if proxied else checked_ttl(given.get("ttl", 1), plan),
        "proxied": proxied,
        "proxiable": rtype in PROXIABLE,
        "comment": checked_comment(given.get("comment"), plan),
        "tags": list(given.get("tags") or ()),
        "settings": dict(given.get("settings") or {}),
    }
    if rtype in DATA:
        record |= data_of(rtype, given)
    else:
        record["content"] = content_of(rtype, given.get("content"))
    if rtype in WITH_PRIORITY:
        record["priority"] = priority_of(rtype, given)
    return record


def whole_name(name, zone):
    if not isinstance(name, str) or not name:
        raise Refused(400, 9000, "DNS name is invalid.")
    name = name.rstrip(".").lower()
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode()
    if name == "@":
        name = zone
    elif name != zone and not name.endswith(f".{zone}"):
        name = f"{name}.{zone}"
    if not OWNER.match(name):
        raise Refused(400, 9000, "DNS name is invalid.")
    return name


def checked_ttl(ttl, plan):
    least = 30 if plan == "enterprise" else LEAST_TTL
    good = type(ttl) in (int, float) and (ttl == 1 or least <= ttl <= MOST_TTL)
    if not good:
        raise validation(
            9021, f"TTL must be between {least} and {MOST_TTL} seconds, or 1 for Automatic."
        )
    return int(ttl)


def checked_comment(comment, plan):
    if comment is not None and len(comment) > MOST_COMMENT.get(plan, 500):
        raise validation(9046, "Comment is too long.")  # not seen
    return comment or None


def content_of(rtype, content):
    if not isinstance(content, str) or not content:
        raise Refused(400, 9007, f"Content for {rtype} record is invalid.")
    if rtype in {"A", "AAAA"}:
        version = 4 if rtype == "A" else 6
        if not is_address(content, version):
            message = f"Content for {rtype} record must be a valid IPv{version} address."
            raise Refused(400, 9005 if version == 4 else 9006, message)
        return str(ipaddress.ip_address(content))
    if rtype in NAMES:
        name = content.lower()
        if not HOST.match(name) or is_address(name.rstrip("."), 4):
            raise Refused(400, 9007, f"Content for {rtype} record is invalid.")
        return "." if name == "." else name.rstrip(".")
    if rtype == "TXT":
        if len(wire(rtype, content)) > MOST_TXT:
            raise Refused(400, 9015, f"Content for TXT record must be less than {MOST_TXT} bytes.")
        return content
    wire(rtype, content)
    return content


def is_address(text, version):
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def wire(rtype, text):
    """The octets of rdata that dnspython can read; TXT without quotes is one text."""
    if rtype == "TXT" and not text.startswith('"'):
        return text.encode() + b"\0" * (len(text.encode()) // 255 + 1)
    try:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, rtype, text, relativize=False)
    except (dns.exception.DNSException, ValueError):
        raise Refused(400, 9007, f"Content for {rtype} record is invalid.") from None
    return rdata.to_wire()


def data_of(rtype, given):
    data = given.get("data")
    if not isinstance(data, dict):
        raise validation(9101, "data is a required field.")
    missing = [name for name in DATA[rtype] if name not in data]
    if missing:
        raise validation(9101, f"{missing[0]} is a required data field.")
    kept = {}
    for name in DATA[rtype]:
        value = data[name]
        if name in {"target", "replacement"} and rtype != "URI":
            value = "." if value == "." else str(value).lower().rstrip(".")
        # Python's numbers become floats on their way through some clients.
        kept[name] = int(value) if isinstance(value, float) and value.is_integer() else value
    parts = [part(rtype, name, kept[name]) for name in DATA[rtype]]
    full = " ".join([str(priority_of(rtype, given)), *parts] if rtype == "URI" else parts)
    wire(rtype, full.strip())
    # The content of SRV leaves out the priority, which stands beside it.
    return {"data": kept, "content": " ".join(parts[1:] if rtype == "SRV" else parts).strip()}


def part(rtype, name, value):
    if name in STRINGS.get(rtype, ()):
        escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if name in {"altitude", "size", "precision_horz", "precision_vert"}:
        return f"{float(value):.2f}m"
    if name.endswith("_seconds"):
        return f"{float(value):.3f}"
    if name in {"target", "replacement"}:
        return value if value == "." else f"{value}."
    return str(value)


def priority_of(rtype, given):
    priority = given.get("priority")
    if priority is None and rtype == "SRV":
        priority = given["data"].get("priority")
    if type(priority) not in (int, float) or not 0 <= priority <= 65_535:
        raise validation(9102, "priority is a required field.")  # not seen
    return int(priority)


def refuse_conflicts(record, others):
    """Raise where `record` cannot stand beside `others` of its zone, itself left out."""
    same_name = [one for one in others if one["name"] == record["name"]]
    for one in same_name:
        if identity(one) == identity(record):
            if all(one[key] == record[key] for key in ("ttl", "proxied")):
                raise Refused(400, 81058, "An identical record already exists.")
            raise Refused(400, 81057, "The record already exists.")
    types = {one["type"] for one in same_name}
    if record["type"] == "CNAME" and types & PROXIABLE:
        message = "An A, AAAA, or CNAME record with that host already exists."
        raise Refused(400, 81053, message)
    if record["type"] in {"A", "AAAA"} and "CNAME" in types:
        raise Refused(400, 81054, "A CNAME record with that host already exists.")
    if record["type"] == "TXT":
        texts = [one for one in same_name if one["type"] == "TXT"]
        length = sum(len(wire("TXT", one["content"])) for one in [record, *texts])
        if length > MOST_TXT_OF_NAME:
            raise Refused(400, 83011, "The combined length of the TXT records is too long.")


def refuse_apart_from_ns(zone, records):
    """A delegation stands alone at its name, but for its DS, which needs it."""
    at = {}
    for one in records:
        at.setdefault(one["name"], set()).add(one["type"])
    for name, types in at.items():
        if name != zone and "NS" in types and types - {"NS", "DS"}:
            message = "NS records with that host already exist."  # not seen
            raise Refused(400, 81056, message)
        if "DS" in types and "NS" not in types:
            message = "A DS record needs an NS record of the same name."  # not seen
            raise validation(9300, message)


def identity(record):
    content = record["content"]
    if record["type"] in NAMES:
        content = content.lower()
    return record["type"], content, record.get("priority")
