# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a small MaxMind database (format 2.0): networks of IPv4 and their countries."""

import ipaddress
import struct

_MARK = b"\xab\xcd\xefMaxMind.com"


def _value(value):
    """A value in the data section: maps, strings and numbers."""
    if isinstance(value, str):
        text = value.encode()
        assert len(text) < 29
        return bytes([2 << 5 | len(text)]) + text
    if isinstance(value, tuple):
        return _number(*value)
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(_value, value))
    body = b"".join(_value(key) + _value(one) for key, one in value.items())
    return bytes([7 << 5 | len(value)]) + body


def _number(bits, value):
    """An unsigned number; those of 64 bits are of an extended type."""
    data = value.to_bytes(8, "big").lstrip(b"\0")
    if bits == 64:
        return bytes([len(data), 9 - 7]) + data
    return bytes([{16: 5, 32: 6}[bits] << 5 | len(data)]) + data


def write_mmdb(path, countries):
    """`countries` maps a network to a code."""
    nodes, leaves, data = [[None, None]], {}, b""
    for network, code in countries.items():
        if code not in leaves:
            leaves[code] = len(data)
            data += _value({"country": {"iso_code": code}})
        net = ipaddress.ip_network(network)
        bits = f"{int(net.network_address):032b}"[: net.prefixlen]
        at = 0
        for bit in bits[:-1]:
            if nodes[at][int(bit)] is None:
                nodes.append([None, None])
                nodes[at][int(bit)] = len(nodes) - 1
            at = nodes[at][int(bit)]
        nodes[at][int(bits[-1])] = f"leaf {leaves[code]}"
    count = len(nodes)

    def record(entry):
        if entry is None:
            return count
        return entry if isinstance(entry, int) else count + 16 + int(entry.split()[1])

    tree = b"".join(struct.pack("!I", record(e))[1:] for node in nodes for e in node)
    about = {
        "node_count": (32, count),
        "record_size": (16, 24),
        "ip_version": (16, 4),
        "database_type": "Test-Country",
        "languages": ["en"],
        "binary_format_major_version": (16, 2),
        "binary_format_minor_version": (16, 0),
        "build_epoch": (64, 1),
        "description": {"en": "for tests"},
    }
    path.write_bytes(tree + b"\0" * 16 + data + _MARK + _value(about))
    return path
