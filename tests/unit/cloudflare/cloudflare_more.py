# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of the imitation: DNSSEC, settings, whole zones as text, certificates."""

from __future__ import annotations

import re
import uuid

import dns.exception
import dns.rdataclass
import dns.rdatatype
import dns.zone
from cloudflare_fake_records import now
from cloudflare_record_rules import CONTENT, DATA, NAMES, Refused

ID = "([0-9a-f]{32})"
SETTINGS = {
    "always_use_https": ("off", {"on", "off"}),
    "automatic_https_rewrites": ("on", {"on", "off"}),
    "min_tls_version": ("1.0", {"1.0", "1.1", "1.2", "1.3"}),
    "ssl": ("full", {"off", "flexible", "full", "strict"}),
    "tls_1_3": ("on", {"on", "off", "zrt"}),
    "ipv6": ("on", {"on", "off"}),
    "browser_cache_ttl": (14400, {0, 1800, 14400}),
}
DNS_SETTINGS = {
    "flatten_all_cnames": False,
    "foundation_dns": False,
    "multi_provider": False,
    "nameservers": {"type": "cloudflare.standard"},
    "ns_ttl": 86400,
    "secondary_overrides": False,
    "soa": {"expire": 604800, "min_ttl": 1800, "mname": None, "refresh": 10000,
            "retry": 2400, "rname": "dns.cloudflare.com", "ttl": 3600},
    "zone_mode": "standard",
}  # fmt: skip


def export(_fake, zone):
    """The records as a zone file (RFC 1035 §5)."""
    lines = [
        f"{one['name']}.\t{one['ttl']}\tIN\t{one['type']}\t{rdata(one)}"
        for one in zone["records"].values()
    ]
    return "\n".join([";; Domain: " + zone["ascii"], *sorted(lines), ""]), {"text": True}


def rdata(record):
    content = record["content"]
    if record["type"] in NAMES and content != ".":
        content += "."
    if record["type"] == "TXT" and not content.startswith('"'):
        content = f'"{content}"'
    return f"{record['priority']} {content}" if record.get("priority") is not None else content


def import_file(fake, zone, raw):
    """Records of a zone file; those that conflict are passed over and told."""
    match = re.search(rb'name="file".*?\r\n\r\n(.*?)\r\n--', raw, re.DOTALL)
    if not match:
        raise Refused(400, 9207, "file is a required field.")  # not seen
    try:
        parsed = dns.zone.from_text(
            match[1].decode(), zone["ascii"] + ".", relativize=False, check_origin=False
        )
    except (dns.exception.DNSException, ValueError) as error:
        raise Refused(400, 1004, "DNS Validation Error", (9205, str(error))) from None
    added, seen, messages = 0, 0, []
    for name, ttl, one in parsed.iterate_rdatas():
        seen += 1
        given = {"name": name.to_text(), "ttl": ttl} | fields(one)
        try:
            fake.add(zone, given)
        except Refused as refused:
            messages.append(refused.error)
        else:
            added += 1
    result = {"recs_added": added, "total_records_parsed": seen}
    return result, {"messages": messages}


def fields(one):
    rtype = dns.rdatatype.to_text(one.rdtype)
    text = one.to_text()
    if rtype == "MX":
        return {"type": rtype, "priority": one.preference, "content": one.exchange.to_text()}
    if rtype in CONTENT:
        return {"type": rtype, "content": text}
    names = DATA.get(rtype, ())
    parts = text.split(None, max(0, len(names) - 1))
    data = {
        name: int(part) if part.isdigit() else part.strip('"')
        for name, part in zip(names, parts, strict=False)
    }
    return {"type": rtype, "data": data, "priority": data.get("priority")}


def get_dns_settings(_fake, zone):
    return zone["more"].setdefault("dns", {**DNS_SETTINGS})


def edit_dns_settings(_fake, zone, body):
    settings = get_dns_settings(_fake, zone)
    ttl = body.get("ns_ttl", 86400)
    if not 30 <= ttl <= 86400:
        raise Refused(400, 1004, "Invalid value for ns_ttl")  # not seen
    settings.update({key: body[key] for key in body.keys() & DNS_SETTINGS.keys()})
    return settings


def get_universal(_fake, zone):
    return zone["more"].setdefault("universal", {"enabled": True})


def edit_universal(_fake, zone, body):
    return zone["more"].setdefault("universal", {}) | body


def get_dnssec(_fake, zone):
    status = zone["dnssec"]["status"]
    on = status in {"active", "pending"}
    digest = uuid.uuid5(uuid.NAMESPACE_DNS, zone["ascii"]).hex * 2
    return {
        "status": status,
        "flags": 257 if on else None,
        "algorithm": "13" if on else None,
        "key_type": "ECDSAP256SHA256" if on else None,
        "digest_type": "2" if on else None,
        "digest_algorithm": "SHA256" if on else None,
        "digest": digest.upper() if on else None,
        "ds": f"{zone['ascii']}. 3600 IN DS 42 13 2 {digest.upper()}" if on else None,
        "key_tag": 42 if on else None,
        "public_key": "oXiGYrSTO+LSCJ3mohc8EP+CzF9KxBj8/ydXJ22pKuZP3VAC" if on else None,
        "modified_on": now(),
    }


def edit_dnssec(_fake, zone, body):
    wanted = body.get("status")
    if wanted not in {None, "active", "disabled"}:
        raise Refused(400, 1004, f"Invalid DNSSEC status {wanted}")  # not seen
    if wanted == "active" and zone["dnssec"]["status"] != "active":
        # Active once the registry publishes the DS.
        zone["dnssec"]["status"] = "pending"
    elif wanted == "disabled":
        zone["dnssec"]["status"] = "disabled"
    return get_dnssec(_fake, zone)


def delete_dnssec(_fake, zone):
    if zone["dnssec"]["status"] != "disabled":
        raise Refused(400, 1004, "DNSSEC must be disabled first")  # not seen
    return ""


def list_settings(_fake, zone):
    return [setting_of(zone, key) for key in zone["settings"]]


def get_setting(_fake, zone, setting):
    return setting_of(zone, setting)


def edit_setting(_fake, zone, setting, body):
    setting_of(zone, setting)
    value = body.get("value")
    if value not in SETTINGS[setting][1]:
        raise Refused(400, 1007, f"Invalid value for zone setting {setting}")
    zone["settings"][setting] = value
    return setting_of(zone, setting)


def setting_of(zone, setting):
    if setting not in zone["settings"]:
        raise Refused(400, 1006, f"Undefined zone setting: {setting}")
    value = zone["settings"][setting]
    return {"id": setting, "value": value, "editable": True, "modified_on": None}


OTHER_ROUTES = {
    f"/zones/{ID}/dnssec": {
        "GET": get_dnssec,
        "PATCH": edit_dnssec,
        "DELETE": delete_dnssec,
    },
    f"/zones/{ID}/settings": {"GET": list_settings},
    f"/zones/{ID}/settings/([a-z0-9_]+)": {"GET": get_setting, "PATCH": edit_setting},
    f"/zones/{ID}/dns_records/export": {"GET": export},
    f"/zones/{ID}/dns_records/import": {"POST": import_file},
    f"/zones/{ID}/dns_settings": {"GET": get_dns_settings, "PATCH": edit_dns_settings},
    f"/zones/{ID}/ssl/universal/settings": {"GET": get_universal, "PATCH": edit_universal},
}
