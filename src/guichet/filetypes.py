# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file is, by its first bytes: names and declared types are the sender's word."""

from __future__ import annotations

import io
import zipfile

# PDF: ISO 32000-1 §7.5.2; JPEG: T.81 §B.1.1.3; PNG: RFC 2083 §3.1.
_BEGINNINGS = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}
_MOST_MEMBERS = 5000
MEDIA = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
ENDINGS = {"jpeg": ("jpg", "jpeg"), "pdf": ("pdf",), "png": ("png",)}


def type_of(content: bytes) -> str | None:
    """``pdf``, ``jpeg``, ``png``, ``webp``, ``odt`` or ``docx``; None for anything else."""
    for name, beginning in _BEGINNINGS.items():
        if content.startswith(beginning):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return _office(content) if content.startswith(b"PK\x03\x04") else None


def _office(content: bytes) -> str | None:
    """Text documents without macros; the archive's directory is read, nothing is unpacked."""
    if content.count(b"PK\x01\x02") > _MOST_MEMBERS:
        # Each would be an object: ten megabytes of directory take ten times as much.
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return None
    if "word/document.xml" in names and not any(name.endswith("vbaProject.bin") for name in names):
        return "docx"
    # OpenDocument 1.3, part 2, §3.3: the type stands first and unpacked.
    said = content[30:90]
    macros = any(name.startswith(("Basic/", "Scripts/")) for name in names)
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in said and not macros:
        return "odt"
    return None
