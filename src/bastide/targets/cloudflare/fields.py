# SPDX-License-Identifier: GPL-3.0-or-later
"""Rdata in the two shapes of Cloudflare's API: one text (`content`), or named fields (`data`).

Which type takes which, and the names of the fields, are those of ``POST
/zones/{zone_id}/dns_records`` (https://developers.cloudflare.com/api/resources/dns, and the types
of the package ``cloudflare``).  Names come without final dot, digests as lower-case hexadecimals.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from bastide.model.rdata import PRINTABLE_FIRST, PRINTABLE_LAST, normal_rdata, quote_txt

Data = dict[str, Any]

CONTENT_TYPES = frozenset({"A", "AAAA", "CNAME", "MX", "NS", "OPENPGPKEY", "PTR", "TXT"})
"""Types whose value is one text; those of :data:`DATA_TYPES` have fields."""
TOP_PRIORITY = frozenset({"MX", "SRV", "URI"})
"""Types with a priority beside the value; SRV has it among its fields as well."""

_NAMES = frozenset({"CNAME", "MX", "NS", "PTR"})


@functools.lru_cache(maxsize=16_384)
def canonical(rtype: str, text: str) -> str:
    """:func:`normal_rdata`, kept: most towns of a fleet have the same mail servers."""
    return normal_rdata(rtype, text)


def split_rdata(rtype: str, text: str) -> tuple[str | None, Data | None, int | None]:
    """``(content, data, priority)`` of `text`, rdata of type `rtype`; one of the first two is None.

    Raises ``ValueError`` when it is no rdata, or of a type that Cloudflare does not serve.
    """
    if rtype not in CONTENT_TYPES and rtype not in DATA_TYPES:
        raise ValueError(f"Cloudflare serves no {rtype} records")
    # Loaded late, as in `model.rdata`: most commands parse no rdata at all.
    import dns.exception
    import dns.rdata
    import dns.rdataclass

    rdata: Any
    try:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, rtype, text, relativize=False)
    except (dns.exception.DNSException, ValueError, OverflowError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    if rtype in DATA_TYPES:
        data = DATA_TYPES[rtype].of(rdata)
        return None, data, rdata.priority if rtype in TOP_PRIORITY else None
    if rtype == "MX":
        return _bare(rdata.exchange), None, rdata.preference
    if rtype in _NAMES:
        return _bare(rdata.target), None, None
    if rtype == "OPENPGPKEY":
        return _base64(rdata.key), None, None
    return rdata.to_text(), None, None


def joined_rdata(record: Mapping[str, Any]) -> str:
    """Canonical rdata text of a record as the API gives it (`type`, `content`, `data`, `priority`).

    TXT without quotes, as older tools wrote it, is one text.  What cannot be read comes back as
    its `content`: it is somebody else's, for Bastide wrote none of it.
    """
    rtype, content = str(record["type"]), str(record.get("content") or "")
    try:
        return canonical(rtype, _text(rtype, content, record))
    except (ValueError, KeyError, TypeError):
        return quote_txt(content) if rtype == "TXT" else content


def _text(rtype: str, content: str, record: Mapping[str, Any]) -> str:
    data, priority = record.get("data"), record.get("priority")
    if rtype in DATA_TYPES and data:
        extra = {"priority": priority} if rtype in TOP_PRIORITY and priority is not None else {}
        return DATA_TYPES[rtype].text({**data, **extra})
    if rtype == "TXT" and not content.startswith('"'):
        return quote_txt(content)
    if rtype in _NAMES:
        content = _dotted(content)
    return f"{_int(priority or 0)} {content}" if rtype == "MX" else content


def _bare(name: Any) -> str:
    """A name without final dot; the root alone, which stands for "none", keeps its dot."""
    return str(name.to_text(omit_final_dot=True)).lower()


def _dotted(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


def _int(value: Any) -> int:
    """A whole number, though JSON may bring ``10.0`` or ``"10"``."""
    return int(float(value))


def _string(text: str) -> str:
    """`text` as one quoted character-string (RFC 1035 §5.1), of whatever length."""
    return f'"{"".join(map(_octet, text.encode()))}"'


def _octet(octet: int) -> str:
    plain = PRINTABLE_FIRST <= octet <= PRINTABLE_LAST and octet not in b'"\\'
    return chr(octet) if plain else f"\\{octet:03d}"


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _numbers(data: Data, *names: str) -> str:
    return " ".join(str(_int(data[name])) for name in names)


def _association(rdata: Any) -> Data:
    """TLSA (RFC 6698) and SMIMEA (RFC 8162)."""
    return {
        "usage": rdata.usage,
        "selector": rdata.selector,
        "matching_type": rdata.mtype,
        "certificate": rdata.cert.hex(),
    }


def _association_text(data: Data) -> str:
    return f"{_numbers(data, 'usage', 'selector', 'matching_type')} {data['certificate']}"


def _binding(rdata: Any) -> Data:
    """SVCB and HTTPS (RFC 9460): the parameters are one text."""
    value = rdata.to_text().split(" ", 2)[2:]
    return {
        "priority": rdata.priority,
        "target": _bare(rdata.target),
        "value": value[0] if value else "",
    }


def _binding_text(data: Data) -> str:
    return f"{_int(data['priority'])} {_dotted(data['target'])} {data.get('value') or ''}".strip()


def _naptr(rdata: Any) -> Data:
    return {
        "order": rdata.order,
        "preference": rdata.preference,
        "flags": rdata.flags.decode(),
        "service": rdata.service.decode(),
        "regex": rdata.regexp.decode(),
        "replacement": _bare(rdata.replacement),
    }


def _naptr_text(data: Data) -> str:
    strings = " ".join(_string(data[name]) for name in ("flags", "service", "regex"))
    return f"{_numbers(data, 'order', 'preference')} {strings} {_dotted(data['replacement'])}"


def _loc(rdata: Any) -> Data:
    """LOC (RFC 1876): degrees apart, lengths in metres (dnspython has centimetres)."""
    data: Data = {}
    for prefix, place, signs in (("lat", rdata.latitude, "NS"), ("long", rdata.longitude, "EW")):
        degrees, minutes, seconds, thousandths, sign = place
        data |= {
            f"{prefix}_degrees": degrees,
            f"{prefix}_minutes": minutes,
            f"{prefix}_seconds": round(seconds + thousandths / 1000, 3),
            f"{prefix}_direction": signs[0] if sign >= 0 else signs[1],
        }
    return data | {
        "altitude": rdata.altitude / 100,
        "size": rdata.size / 100,
        "precision_horz": rdata.horizontal_precision / 100,
        "precision_vert": rdata.vertical_precision / 100,
    }


def _loc_text(data: Data) -> str:
    places = [
        f"{_numbers(data, f'{axis}_degrees', f'{axis}_minutes')} "
        f"{float(data[f'{axis}_seconds']):.3f} {data[f'{axis}_direction']}"
        for axis in ("lat", "long")
    ]
    lengths = ("altitude", "size", "precision_horz", "precision_vert")
    return " ".join([*places, *(f"{float(data[name]):.2f}m" for name in lengths)])


class Fields(NamedTuple):
    """How the fields of one type are taken from dnspython's rdata, and become text again."""

    of: Callable[[Any], Data]
    text: Callable[[Data], str]


DATA_TYPES: dict[str, Fields] = {
    "CAA": Fields(
        lambda r: {"flags": r.flags, "tag": r.tag.decode(), "value": r.value.decode()},
        lambda d: f"{_int(d['flags'])} {d['tag']} {_string(d['value'])}",
    ),
    "CERT": Fields(
        lambda r: {
            "type": int(r.certificate_type),
            "key_tag": r.key_tag,
            "algorithm": int(r.algorithm),
            "certificate": _base64(r.certificate),
        },
        lambda d: f"{_numbers(d, 'type', 'key_tag', 'algorithm')} {d['certificate']}",
    ),
    "DNSKEY": Fields(
        lambda r: {
            "flags": int(r.flags),
            "protocol": r.protocol,
            "algorithm": int(r.algorithm),
            "public_key": _base64(r.key),
        },
        lambda d: f"{_numbers(d, 'flags', 'protocol', 'algorithm')} {d['public_key']}",
    ),
    "DS": Fields(
        lambda r: {
            "key_tag": r.key_tag,
            "algorithm": int(r.algorithm),
            "digest_type": int(r.digest_type),
            "digest": r.digest.hex(),
        },
        lambda d: f"{_numbers(d, 'key_tag', 'algorithm', 'digest_type')} {d['digest']}",
    ),
    "HTTPS": Fields(_binding, _binding_text),
    "LOC": Fields(_loc, _loc_text),
    "NAPTR": Fields(_naptr, _naptr_text),
    "SMIMEA": Fields(_association, _association_text),
    "SRV": Fields(
        lambda r: {
            "priority": r.priority,
            "weight": r.weight,
            "port": r.port,
            "target": _bare(r.target),
        },
        lambda d: f"{_numbers(d, 'priority', 'weight', 'port')} {_dotted(d['target'])}",
    ),
    "SSHFP": Fields(
        lambda r: {
            "algorithm": int(r.algorithm),
            "type": int(r.fp_type),
            "fingerprint": r.fingerprint.hex(),
        },
        lambda d: f"{_numbers(d, 'algorithm', 'type')} {d['fingerprint']}",
    ),
    "SVCB": Fields(_binding, _binding_text),
    "TLSA": Fields(_association, _association_text),
    "URI": Fields(
        lambda r: {"weight": r.weight, "target": r.target.decode()},
        lambda d: f"{_numbers(d, 'priority', 'weight')} {_string(d['target'])}",
    ),
}
