# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking clamd about bytes: the command INSTREAM of clamd(8), over its socket.

The library of that name on PyPI is of 2014; the exchange is short.
"""

from __future__ import annotations

import socket
import struct

_CHUNK = 64 * 1024
_PATIENCE = 30.0  # seconds for a scan
_LONGEST_ANSWER = 4096


class ScannerUnavailable(Exception):
    """clamd gave no verdict: nobody knows whether the file is clean, so that it is not taken."""


def scan(address: str, content: bytes) -> str | None:
    """The name of what was found in `content`; None when it is clean.

    Args:
        address: ``unix:/run/clamav/clamd.ctl`` or ``tcp:host:port``.
        content: The whole file.

    Raises:
        ScannerUnavailable: clamd is down, too busy, or refuses (a file beyond its StreamMaxLength).
    """
    try:
        with _connect(address) as link:
            link.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                part = content[start : start + _CHUNK]
                link.sendall(struct.pack("!I", len(part)) + part)
            link.sendall(struct.pack("!I", 0))
            answer = _answer(link)
    except (OSError, ValueError) as error:
        raise ScannerUnavailable(type(error).__name__) from None
    if answer == "stream: OK":
        return None
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerUnavailable(answer[:100])


def _connect(address: str) -> socket.socket:
    kind, _, rest = address.partition(":")
    if kind == "unix":
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(_PATIENCE)
        try:
            link.connect(rest)
        except OSError:
            link.close()
            raise
        return link
    host, _, port = rest.rpartition(":")
    return socket.create_connection((host, int(port)), _PATIENCE)


def _answer(link: socket.socket) -> str:
    said = b""
    while len(said) < _LONGEST_ANSWER and not said.endswith(b"\0"):
        part = link.recv(_LONGEST_ANSWER)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
