# SPDX-License-Identifier: GPL-3.0-or-later
"""Record data in the one text that engine, hosts and providers compare.

Used by the engine and, through a link in plugins/module_utils, on the name servers; it imports
nothing but the standard library and dnspython, and that one only when it is needed: a third of
what the command takes to start, and of use for hand-written records alone.

The text is dnspython's wherever all its versions agree, which the newest on a controller and
that of Debian on a host do not always do.  Settled here:

- names are absolute and lower case, numbers stand for mnemonics (CERT, DS);
- hexadecimal is lower case, base64 and hexadecimal are one word;
- AAAA is compressed (RFC 5952), tags of CAA are lower case (RFC 8659 §4.1);
- keys of HTTPS and SVCB are in the order of their numbers, those after RFC 9460 by number,
  since a parser knows only the names of its own time;
- sizes of LOC are what the wire can hold: one digit and a power of ten (RFC 1876 §2);
- CAA, NAPTR and URI hold printable ASCII only: their other octets are read in two ways.

The strings of a TXT record stay as they are, since some programs tell them apart (RFC 6763 §6.1);
a text without quotes is cut by :func:`quote_txt`.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

# RFC 1035 §3.3: one character-string.
STRING = 255
PRINTABLE_FIRST, PRINTABLE_LAST = 0x20, 0x7E
# SvcParamKeys of RFC 9460 §14.3.2, by number.
SVC_KEYS = ("mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint")
IPV6HINT = SVC_KEYS.index("ipv6hint")
# Centimetres: the smallest and the largest altitude of RFC 1876 §2.
_LOWEST, _HIGHEST = -10_000_000, 2**32 - 1 - 10_000_000
_IN_NO_ALPN = frozenset(b'",\\ ')
_IN_NO_URI = b'" \\<>^`{|}'


# What most contents are, and are in normal form: dnspython takes twenty times as long to say so.
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_NAME = r"(?=.{1,250}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+\Z"
_NUMBER = "(?:0|[1-9][0-9]{0,3})"
_PLAIN = {
    "A": re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}\Z"),
    "CAA": re.compile(r'(?:0|128) (?:issue|issuewild|iodef) "[a-z0-9;:/@.= -]{0,200}"\Z'),
    "MX": re.compile(f"{_NUMBER} {_NAME}"),
    "SRV": re.compile(f"{_NUMBER} {_NUMBER} {_NUMBER} {_NAME}"),
    **dict.fromkeys(("CNAME", "NS", "PTR"), re.compile(_NAME)),
}


def normal_rdata(rtype: str, text: str) -> str:
    """The normal form of `text`, the data of a record of type `rtype`; names are absolute.

    Raises ``ValueError``, with the parser's words, when it is none.
    """
    plain = _PLAIN.get(rtype)
    return text if plain and plain.match(text) else parsed_rdata(rtype, text)


def parsed_rdata(rtype: str, text: str) -> str:
    """As :func:`normal_rdata`, for whatever is not seen at once to be in normal form."""
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass

    if "\n" in text or "\r" in text:
        raise ValueError("a value has a line break")
    try:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, rtype, text, dns.name.root, relativize=False)
        return _PRINTED.get(rtype, _as_is)(rdata)
    except (dns.exception.DNSException, ValueError, OverflowError, struct.error) as error:
        raise ValueError(str(error) or type(error).__name__) from error


def rdata_size(rtype: str, text: str) -> int:
    """Octets on the wire of `text`, in normal form."""
    import dns.name
    import dns.rdata
    import dns.rdataclass

    rdata = dns.rdata.from_text(dns.rdataclass.IN, rtype, text, dns.name.root, relativize=False)
    octets: bytes = rdata.to_wire() or b""
    return len(octets)


def quote_txt(text: str) -> str:
    """Quoted character-strings of `text`, each of at most 255 octets of UTF-8."""
    octets = text.encode()
    chunks = [octets[i : i + STRING] for i in range(0, len(octets), STRING)] or [b""]
    return " ".join(f'"{_escaped(chunk)}"' for chunk in chunks)


def _escaped(octets: bytes) -> str:
    """The octets of a character-string in a zone file (RFC 1035 §5.1)."""
    return "".join(map(_escape, octets))


def _escape(octet: int) -> str:
    if octet in b'"\\':
        return f"\\{chr(octet)}"
    return chr(octet) if PRINTABLE_FIRST <= octet <= PRINTABLE_LAST else f"\\{octet:03d}"


def _as_is(rdata: Any) -> str:
    return str(rdata.to_text())


def _of_names(rdata: Any) -> str:
    """Names and numbers: case means nothing (RFC 4343)."""
    return str(rdata.to_text()).lower()


def _ascii(octets: bytes, refused: bytes = b"") -> str:
    if not all(PRINTABLE_FIRST <= one <= PRINTABLE_LAST and one not in refused for one in octets):
        raise ValueError("a character that does not belong there")
    return _escaped(octets)


def _aaaa(rdata: Any) -> str:
    return _compressed(rdata.address)


def _compressed(address: str) -> str:
    import dns.ipv6

    return str(dns.ipv6.inet_ntoa(dns.ipv6.inet_aton(address)))


def _caa(rdata: Any) -> str:
    return f'{rdata.flags} {_ascii(rdata.tag).lower()} "{_ascii(rdata.value)}"'


def _uri(rdata: Any) -> str:
    # What RFC 3986 lets stand in no URI is what versions of dnspython escape differently.
    return f'{rdata.priority} {rdata.weight} "{_ascii(rdata.target, _IN_NO_URI)}"'


def _naptr(rdata: Any) -> str:
    texts = " ".join(f'"{_ascii(one)}"' for one in (rdata.flags, rdata.service, rdata.regexp))
    return f"{rdata.order} {rdata.preference} {texts} {rdata.replacement.to_text().lower()}"


def _cert(rdata: Any) -> str:
    numbers = (rdata.certificate_type, rdata.key_tag, rdata.algorithm)
    return " ".join([*(str(int(one)) for one in numbers), _base64(rdata.certificate)])


def _openpgpkey(rdata: Any) -> str:
    return _base64(rdata.key)


def _base64(octets: bytes) -> str:
    import base64

    if not octets:
        raise ValueError("no data")
    return base64.b64encode(octets).decode()


def _digest(numbers: Sequence[str], data: str, lengths: dict[int, int]) -> Callable[[Any], str]:
    """Numbers, then octets whose count follows from the last of the numbers."""

    def printed(rdata: Any) -> str:
        head = [int(getattr(rdata, one)) for one in numbers]
        octets: bytes = getattr(rdata, data)
        if not octets or len(octets) != lengths.get(head[-1], len(octets)):
            raise ValueError(f"{len(octets)} octets of data do not go with type {head[-1]}")
        return " ".join([*map(str, head), octets.hex()])

    return printed


def _svcb(rdata: Any) -> str:
    words = [str(rdata.priority), rdata.target.to_text().lower()]
    words += [_param(int(key), rdata.params[key]) for key in sorted(rdata.params)]
    return " ".join(words)


def _param(key: int, value: Any) -> str:
    if key == 0:
        return f'mandatory="{",".join(_svc_key(int(one)) for one in value.keys)}"'
    if key == IPV6HINT:
        return f'ipv6hint="{",".join(map(_compressed, value.addresses))}"'
    if key < len(SVC_KEYS):
        if key == 1 and any(_IN_NO_ALPN & set(one) or not one.isascii() for one in value.ids):
            raise ValueError("an alpn is the name of a protocol")
        return _svc_key(key) if value is None else f"{_svc_key(key)}={value.to_text()}"
    octets = io.BytesIO()
    if value is not None:
        value.to_wire(octets)
    data = octets.getvalue()
    return f'{_svc_key(key)}="{_escaped(data)}"' if data else _svc_key(key)


def _svc_key(key: int) -> str:
    return SVC_KEYS[key] if key < len(SVC_KEYS) else f"key{key}"


def _loc(rdata: Any) -> str:
    # dnspython cuts off the metres that a float cannot hold: 0.29 m would be 28 cm.
    altitude = round(rdata.altitude)
    if not _LOWEST <= altitude <= _HIGHEST:
        raise ValueError("altitude out of bounds")
    words = [_angle(rdata.latitude, 90, "NS"), _angle(rdata.longitude, 180, "EW")]
    words.append(_metres(altitude))
    sizes = (rdata.size, rdata.horizontal_precision, rdata.vertical_precision)
    return " ".join([*words, *(_metres(_one_digit(round(size))) for size in sizes)])


def _angle(parts: tuple[int, int, int, int, int], most: int, sides: str) -> str:
    degrees, minutes, seconds, thousandths, sign = parts
    if (degrees, minutes, seconds, thousandths) > (most, 0, 0, 0):
        raise ValueError(f"more than {most} degrees")
    side = sides[0] if sign > 0 or not any(parts[:4]) else sides[1]
    return f"{degrees} {minutes} {seconds}.{thousandths:03d} {side}"


def _metres(centimetres: int) -> str:
    sign = "-" if centimetres < 0 else ""
    return f"{sign}{abs(centimetres) // 100}.{abs(centimetres) % 100:02d}m"


def _one_digit(size: int) -> int:
    """`size` cut to its first digit, as the wire holds it."""
    if not 0 <= size < 10**10:
        raise ValueError("a size out of bounds")
    power: int = 10 ** (len(str(size)) - 1)
    return size // power * power


_CERTIFICATE = _digest(("usage", "selector", "mtype"), "cert", {1: 32, 2: 64})
_PRINTED: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("CNAME", "DNAME", "MX", "NS", "PTR", "SRV"), _of_names),
    "AAAA": _aaaa,
    "CAA": _caa,
    "CERT": _cert,
    # RFC 3658 §2.4, 4509, 5933, 6605.
    "DS": _digest(("key_tag", "algorithm", "digest_type"), "digest", {1: 20, 2: 32, 3: 32, 4: 48}),
    "HTTPS": _svcb,
    "LOC": _loc,
    "NAPTR": _naptr,
    "OPENPGPKEY": _openpgpkey,
    "SMIMEA": _CERTIFICATE,
    # RFC 4255 §3.1.3, 6594.
    "SSHFP": _digest(("algorithm", "fp_type"), "fingerprint", {1: 20, 2: 32}),
    "SVCB": _svcb,
    "TLSA": _CERTIFICATE,  # RFC 6698 §2.1.3
    "URI": _uri,
}
