# SPDX-License-Identifier: GPL-3.0-or-later
"""Record data of every type that a charter may declare, as people write it and on the wire.

The octets are put together here from the RFCs, field by field, so that neither the engine nor
dnspython says what is right.  `TYPES` maps a type to a strategy of ``(text, octets)``.
"""

from __future__ import annotations

import base64
import ipaddress
import struct

from hypothesis import strategies as st

U8, U16 = st.integers(0, 255), st.integers(0, 65535)
LABEL = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,14}[a-z0-9])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
# Octets that a parser may take for the end of something.
OCTETS = st.binary(min_size=1, max_size=90)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


def name_octets(name):
    labels = [] if name == "." else name.rstrip(".").split(".")
    return b"".join(bytes([len(one)]) + one.encode() for one in labels) + b"\0"


def string_octets(octets):
    return bytes([len(octets)]) + octets


@st.composite
def spelled(draw, name):
    """`name` in other letters, with its final dot."""
    return draw(st.sampled_from([name.lower(), name.upper(), name.title()])) + "."


@st.composite
def pieces(draw, text):
    """A long word as zone files break it."""
    size = draw(st.sampled_from([len(text), 4, 32, 56]))
    return " ".join(text[i : i + size] for i in range(0, len(text), size))


@st.composite
def quoted(draw, octets):
    """A character-string with its octets escaped in one way or another (RFC 1035 §5.1)."""
    more = draw(st.booleans())
    words = ""
    for octet in octets:
        plain = 32 <= octet <= 126 and not (more and octet % 7 == 0)
        if octet in b'"\\':
            words += "\\" + chr(octet)
        else:
            words += chr(octet) if plain else f"\\{octet:03d}"
    return f'"{words}"'


@st.composite
def a(draw):
    address = draw(st.ip_addresses(v=4))
    return str(address), address.packed


@st.composite
def aaaa(draw):
    address = draw(st.ip_addresses(v=6))
    text = draw(st.sampled_from([str(address), address.exploded, address.exploded.upper()]))
    return text, address.packed


@st.composite
def one_name(draw):
    name = draw(NAME)
    return draw(spelled(name)), name_octets(name)


@st.composite
def numbers_and_name(draw, count):
    numbers = draw(st.lists(U16, min_size=count, max_size=count))
    name = draw(NAME)
    text = " ".join([*map(str, numbers), draw(spelled(name))])
    return text, struct.pack(f"!{count}H", *numbers) + name_octets(name)


@st.composite
def txt(draw):
    strings = draw(st.lists(st.binary(max_size=255), min_size=1, max_size=4))
    text = " ".join(draw(quoted(one)) for one in strings)
    return text, b"".join(map(string_octets, strings))


@st.composite
def caa(draw):
    flags, tag = draw(st.sampled_from([0, 1, 128])), draw(st.sampled_from(["issue", "iodef", "x1"]))
    value = draw(PRINTABLE).encode()
    text = f"{flags} {draw(st.sampled_from([tag, tag.upper()]))} {draw(quoted(value))}"
    return text, bytes([flags]) + string_octets(tag.encode()) + value


@st.composite
def certificate(draw):
    usage, selector, kind = draw(U8), draw(U8), draw(st.integers(0, 2))
    size = {0: draw(st.integers(1, 300)), 1: 32, 2: 64}[kind]
    data = draw(st.binary(min_size=size, max_size=size))
    return f"{usage} {selector} {kind} {draw(hexed(data))}", bytes([usage, selector, kind]) + data


@st.composite
def hexed(draw, octets):
    text = octets.hex()
    return draw(pieces(draw(st.sampled_from([text, text.upper()]))))


@st.composite
def sshfp(draw):
    algorithm, kind = draw(U8), draw(st.sampled_from([1, 2]))
    size = {1: 20, 2: 32}[kind]
    data = draw(st.binary(min_size=size, max_size=size))
    return f"{algorithm} {kind} {draw(hexed(data))}", bytes([algorithm, kind]) + data


@st.composite
def ds(draw):
    tag, kind = draw(U16), draw(st.sampled_from([1, 2, 4]))
    number, word = draw(st.sampled_from([(8, "RSASHA256"), (13, "ECDSAP256SHA256"), (99, "99")]))
    size = {1: 20, 2: 32, 4: 48}[kind]
    data = draw(st.binary(min_size=size, max_size=size))
    written = draw(st.sampled_from([str(number), word]))
    text = f"{tag} {written} {kind} {draw(hexed(data))}"
    return text, struct.pack("!HBB", tag, number, kind) + data


@st.composite
def cert(draw):
    number, word = draw(st.sampled_from([(1, "PKIX"), (3, "PGP"), (253, "URI"), (9999, "9999")]))
    tag, algorithm, data = draw(U16), draw(st.sampled_from([0, 8, 13, 200])), draw(OCTETS)
    key = draw(pieces(base64.b64encode(data).decode()))
    text = f"{draw(st.sampled_from([str(number), word]))} {tag} {algorithm} {key}"
    return text, struct.pack("!HHB", number, tag, algorithm) + data


@st.composite
def openpgpkey(draw):
    data = draw(st.binary(min_size=1, max_size=3000))
    return draw(pieces(base64.b64encode(data).decode())), data


@st.composite
def naptr(draw):
    order, preference = draw(U16), draw(U16)
    flags = draw(st.sampled_from([b"", b"U", b"S", b"A"]))
    service, regexp = draw(PRINTABLE).encode(), draw(PRINTABLE).encode()
    name = draw(st.one_of(NAME, st.just(".")))
    strings = [flags, service, regexp]
    texts = [draw(quoted(one)) for one in strings]
    target = "." if name == "." else draw(spelled(name))
    octets = struct.pack("!HH", order, preference) + b"".join(map(string_octets, strings))
    return " ".join([str(order), str(preference), *texts, target]), octets + name_octets(name)


@st.composite
def uri(draw):
    priority, weight = draw(U16), draw(U16)
    target = draw(
        st.from_regex(r"https://[a-zA-Z0-9.-]{1,30}/[a-zA-Z0-9/?=&%;#~-]{0,30}", fullmatch=True)
    )
    return f'{priority} {weight} "{target}"', struct.pack("!HH", priority, weight) + target.encode()


def _addresses(packed, size):
    every = [packed[i : i + size] for i in range(0, len(packed), size)]
    return ",".join(str(ipaddress.ip_address(one)) for one in every)


@st.composite
def svcb(draw):
    """HTTPS and SVCB with the keys of RFC 9460 and others by number, in any order."""
    priority = draw(st.integers(0, 3))
    name = draw(st.one_of(NAME, st.just(".")))
    target = "." if name == "." else draw(spelled(name))
    head, octets = f"{priority} {target}", struct.pack("!H", priority) + name_octets(name)
    if priority == 0:
        return head, octets
    found = {}
    if draw(st.booleans()):
        ids = draw(
            st.lists(st.sampled_from(["h2", "http/1.1", "h3", "dot"]), min_size=1, max_size=3)
        )
        word = draw(st.sampled_from(["alpn={}", 'alpn="{}"'])).format(",".join(ids))
        found[1] = (word, b"".join(string_octets(one.encode()) for one in ids))
        if draw(st.booleans()):
            found[2] = ("no-default-alpn", b"")
    if draw(st.booleans()):
        port = draw(U16)
        found[3] = (f"port={port}", struct.pack("!H", port))
    for key, word, version, size in ((4, "ipv4hint", 4, 4), (6, "ipv6hint", 6, 16)):
        if draw(st.booleans()):
            hints = draw(st.lists(st.ip_addresses(v=version), min_size=1, max_size=2))
            packed = b"".join(one.packed for one in hints)
            found[key] = (f"{word}={_addresses(packed, size)}", packed)
    for key in draw(st.sets(st.integers(100, 65534), max_size=2)):
        value = draw(st.binary(max_size=20))
        word = f"key{key}={draw(quoted(value))}" if value else f"key{key}"
        found[key] = (word, value)
    if found and draw(st.booleans()):
        keys = sorted(draw(st.sets(st.sampled_from(sorted(found)), min_size=1)))
        names = {1: "alpn", 2: "no-default-alpn", 3: "port", 4: "ipv4hint", 6: "ipv6hint"}
        words = ",".join(names.get(key, f"key{key}") for key in keys)
        found[0] = (f"mandatory={words}", b"".join(struct.pack("!H", key) for key in keys))
    params = draw(st.permutations(sorted(found)))
    text = " ".join([head, *(found[key][0] for key in params)])
    for key in sorted(found):
        octets += struct.pack("!HH", key, len(found[key][1])) + found[key][1]
    return text, octets


@st.composite
def loc(draw):
    latitude = draw(st.integers(-90 * 3_600_000, 90 * 3_600_000))
    longitude = draw(st.integers(-180 * 3_600_000, 180 * 3_600_000))
    altitude = draw(st.integers(-10_000_000, 2**32 - 1 - 10_000_000))
    sizes = [(draw(st.integers(1, 9)), draw(st.integers(0, 9))) for _ in range(3)]
    words = [angle(latitude, "NS"), angle(longitude, "EW"), metres(altitude)]
    words += [metres(digit * 10**power) for digit, power in sizes]
    octets = bytes([0, *(digit * 16 + power for digit, power in sizes)])
    places = (latitude + 2**31, longitude + 2**31, altitude + 10_000_000)
    return " ".join(words), octets + struct.pack("!III", *places)


def angle(thousandths, sides):
    rest = abs(thousandths)
    degrees, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{degrees} {minutes} {rest // 1000}.{rest % 1000:03d} {sides[thousandths < 0]}"


def metres(centimetres):
    sign = "-" if centimetres < 0 else ""
    return f"{sign}{abs(centimetres) // 100}.{abs(centimetres) % 100:02d}m"


DIGEST = "49fd46e6c4b45c55d4ac69cbd3cd34ac1afe51de49fd46e6c4b45c55d4ac69cb"
# One of each type in normal form; those of which a name has one alone stand at names of their own.
NORMAL = {
    "A": "192.0.2.9",
    "AAAA": "2001:db8::9",
    "CAA": '0 issue "letsencrypt.org; validationmethods=dns-01"',
    "CERT": "3 0 0 AAECAwQF",
    "CNAME": "www.example.org.",
    "DS": f"12345 13 2 {DIGEST}",
    "HTTPS": '1 . alpn="h2,http/1.1" port="8443" ipv6hint="2001:db8::9"',
    "LOC": "44 26 51.000 N 1 26 28.000 E 0.29m 100.00m 10000.00m 10.00m",
    "MX": "10 mx.example.org.",
    "NAPTR": '100 10 "U" "E2U+sip" "!^.*$!sip:accueil@cahors.fr!" .',
    "NS": "ns.example.org.",
    "OPENPGPKEY": "AAECAwQF",
    "PTR": "www.example.org.",
    "SMIMEA": f"3 0 1 {DIGEST}",
    "SRV": "10 5 5060 sip.example.org.",
    "SSHFP": f"4 2 {DIGEST}",
    "SVCB": '1 dot.example.org. mandatory="alpn" alpn="dot" key65000="\\195\\169"',
    "TLSA": f"3 1 1 {DIGEST}",
    "TXT": '"two; \\"strings\\"" "\\195\\169"',
    "URI": '10 1 "https://www.cahors.fr/?a=b"',
}
TYPES = {
    "A": a(),
    "AAAA": aaaa(),
    "CAA": caa(),
    "CERT": cert(),
    "CNAME": one_name(),
    "DS": ds(),
    "HTTPS": svcb(),
    "LOC": loc(),
    "MX": numbers_and_name(1),
    "NAPTR": naptr(),
    "NS": one_name(),
    "OPENPGPKEY": openpgpkey(),
    "PTR": one_name(),
    "SMIMEA": certificate(),
    "SRV": numbers_and_name(3),
    "SSHFP": sshfp(),
    "SVCB": svcb(),
    "TLSA": certificate(),
    "TXT": txt(),
    "URI": uri(),
}
