# SPDX-License-Identifier: GPL-3.0-or-later
"""From what lies in a file to the documents of the reports in it: XML or JSON.

What something is, its first bytes say: senders give attachments every type and name.
"""

from __future__ import annotations

import email
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator

from bastide.diagnostics import Diagnostic, diagnose
from bastide.report.received.kinds import NO_REPORT, NOT_UNPACKED, TOO_LARGE

MOST = 20
"""Megabytes: of a file as it lies there, and of all that is unpacked from it."""
_LIMIT = MOST * 1_000_000
_MEMBERS = 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_BLANK = b"\xef\xbb\xbf \t\r\n"
_XML = (b"<", b"\xff\xfe<", b"\xfe\xff\x00<")

_BAD_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # a member that wants a password
    NotImplementedError,  # a way of packing that is not known
    ValueError,
    OverflowError,
)


class _TooLarge(Exception):
    """The limit is reached."""


def reports_in(file: str, content: bytes) -> Iterator[bytes | Diagnostic]:
    """XML and JSON documents in `content`, or what is wrong.

    `content` is a message, an archive, or such a document itself.
    """
    if len(content) > _LIMIT:
        yield diagnose(TOO_LARGE, file, most=MOST)
        return
    pieces = [content] if _kind(content) else list(_attachments(content))
    if not pieces:
        yield diagnose(NO_REPORT, file)
    left = _LIMIT
    for piece in pieces:
        try:
            for document in _documents(piece, left):
                left -= len(document)
                yield document
        except _TooLarge:
            yield diagnose(TOO_LARGE, file, most=MOST)
        except _BAD_ARCHIVE as error:
            yield diagnose(NOT_UNPACKED, file, error=first_line(error))


def _kind(content: bytes) -> str | None:
    if content.startswith(_GZIP):
        return "gzip"
    if content.startswith(_ZIP):
        return "zip"
    if is_json(content):
        return "json"
    return "xml" if content.lstrip(_BLANK).startswith(_XML) else None


def is_json(content: bytes) -> bool:
    """True when `content` begins as an object of JSON does, else it may be XML."""
    return content.lstrip(_BLANK).startswith(b"{")


def _attachments(content: bytes) -> Iterator[bytes]:
    """Parts of a message that may be a report, decoded."""
    try:
        parts = list(email.message_from_bytes(content).walk())
    except (RecursionError, ValueError, LookupError):  # as deep, or odd, as nobody writes
        return
    for part in parts:
        if part.is_multipart():
            continue
        try:
            payload = part.get_payload(decode=True)
        except (ValueError, LookupError, TypeError):
            continue
        # A text in HTML begins like XML: the sender's words beside the report.
        if isinstance(payload, bytes) and _kind(payload) and part.get_content_type() != "text/html":
            yield payload


def _documents(piece: bytes, limit: int) -> Iterator[bytes]:
    kind = _kind(piece)
    if kind == "gzip":
        with gzip.GzipFile(fileobj=io.BytesIO(piece)) as stream:
            yield _bounded(stream.read(limit + 1), limit)
    elif kind == "zip":
        with zipfile.ZipFile(io.BytesIO(piece)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) > _MEMBERS:
                raise _TooLarge
            for member in members:
                with archive.open(member) as opened:
                    document = _bounded(opened.read(limit + 1), limit)
                limit -= len(document)
                yield document
    else:
        yield _bounded(piece, limit)


def _bounded(document: bytes, limit: int) -> bytes:
    if len(document) > limit:
        raise _TooLarge
    return document


def first_line(error: BaseException) -> str:
    """What an error says, on one line and fit for a terminal."""
    text = f"{type(error).__name__} {error}".splitlines()[0][:200]
    return "".join(c if c.isprintable() else "?" for c in text)
