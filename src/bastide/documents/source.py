# SPDX-License-Identifier: GPL-3.0-or-later
"""From a path or bytes to text that libyaml may see: size, encoding, forbidden characters."""

from __future__ import annotations

import re
import stat
import unicodedata
from typing import TYPE_CHECKING, Final

from bastide.diagnostics import Diagnostic, diagnose
from bastide.documents import kinds

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 1 << 20

# Printable ASCII, tab, line feed.  Carriage returns take the slower way.
_ASCII_TEXT: Final = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
# Control characters, and the line breaks that libyaml honours and editors do not, so that a
# line number means the same everywhere; a lone carriage return is one of these.
CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\r(?!\n)"
)
# What a reviewer cannot see: zero-width and bidirectional controls (CVE-2021-42574), tags.
INVISIBLE: Final = re.compile(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Not white space for YAML: as the first character of a line they become part of the key.
ODD_SPACES: Final = {
    "\t": ("a tab", "une tabulation"),
    "\u00a0": ("a non-breaking space", "une espace insécable"),
    "\u202f": ("a narrow non-breaking space", "une espace fine insécable"),
    "\u3000": ("an ideographic space", "une espace idéographique"),
}
_ODD_INDENT: Final = re.compile(r"^[ \t]*([\u00a0\u202f\u3000])", re.MULTILINE)
_UTF16: Final = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_UTF8_BOM: Final = b"\xef\xbb\xbf"


def load_bytes(path: Path, name: str) -> bytes | Diagnostic:
    """Bytes of the regular file at `path`, at most one more than :data:`MAX_BYTES`."""
    try:
        # Looked at before it is opened: opening a named pipe would wait for a writer.
        if not stat.S_ISREG(path.stat().st_mode):
            return diagnose(kinds.NOT_A_FILE, name)
        with path.open("rb", buffering=0) as file:
            return file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return diagnose(kinds.MISSING, name)
    except (OSError, ValueError) as error:  # ValueError: a NUL inside the path
        reason = getattr(error, "strerror", None) or str(error)
        return diagnose(kinds.UNREADABLE, name, reason=reason)


def check_bytes(data: bytes, name: str) -> Diagnostic | None:
    """What forbids handing `data` to libyaml, if anything; one finding, for one cause."""
    if len(data) > MAX_BYTES:
        return diagnose(kinds.TOO_LARGE, name, 1, 1, limit=MAX_BYTES // 1024)
    if not data.translate(None, _ASCII_TEXT):
        return None
    encoding = _other_encoding(data)
    if encoding:
        return diagnose(kinds.UTF16, name, 1, 1, encoding=encoding)
    if data.startswith(_UTF8_BOM):
        return diagnose(kinds.BOM, name, 1, 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(data, error.start, name)
    # Printable text has no control, format or odd space character (str.isprintable).
    return None if text.replace("\n", "").isprintable() else _bad_character(text, name)


def _other_encoding(data: bytes) -> str | None:
    for mark, encoding in _UTF16.items():
        if data.startswith(mark):
            return encoding
    head = data[:4]
    if head.startswith(b"\0\0\0") or head[1:] == b"\0\0\0":
        return "UTF-32"
    return "UTF-16" if head[0::2] == b"\0\0" or head[1::2] == b"\0\0" else None


def _bad_character(text: str, name: str) -> Diagnostic | None:
    indent = _ODD_INDENT.search(text)
    if indent:
        line, column = place_of(text, indent.start(1))
        what_en, what_fr = ODD_SPACES[indent.group(1)]
        return diagnose(
            kinds.INDENT_CHARACTER, name, line, column, what_en=what_en, what_fr=what_fr
        )
    for kind, pattern in ((kinds.CONTROL, CONTROL), (kinds.INVISIBLE, INVISIBLE)):
        match = pattern.search(text)
        if match:
            line, column = place_of(text, match.start())
            return diagnose(kind, name, line, column, character=show_character(match.group()))
    return None


def _not_utf8(data: bytes, start: int, name: str) -> Diagnostic:
    line, column = place_of(data[:start].decode("utf-8"), start)
    byte = data[start : start + 1]
    guess = byte.decode("cp1252", "replace")
    return diagnose(kinds.NOT_UTF8, name, line, column, byte=f"0x{byte.hex().upper()}", guess=guess)


def place_of(text: str, offset: int) -> tuple[int, int]:
    """1-based line and column of the character at `offset` of `text`."""
    before = text[:offset]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def show_character(character: str) -> str:
    """``U+200B ZERO WIDTH SPACE``: a character by number and by name, where it has one."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".strip()
