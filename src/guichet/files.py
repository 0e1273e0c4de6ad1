# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking in a file that somebody sends: its size, its type by content, its name, its scan."""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.utils import timezone

from guichet.clamd import ScannerUnavailable, scan
from guichet.filetypes import ENDINGS, MEDIA, type_of
from guichet.models import File
from guichet.procedures.words import mark, say

LATER = mark(
    "Le contrôle antivirus est momentanément indisponible : réessayez dans quelques minutes."
)
FULL = mark("Le serveur ne peut pas enregistrer de fichier en ce moment : réessayez plus tard.")
_LOG = logging.getLogger(__name__)
_LONGEST_NAME = 100
_MEGABYTE = 1_000_000
# No path, no control character, no character that turns a line's direction, none special anywhere.
# Names of devices, with any ending (Windows, "Naming Files, Paths, and Namespaces").
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])(?: |\Z)")
_ODD = re.compile(r"[^\w .()+'’-]")


class Unacceptable(Exception):
    """The file is not taken; the text says why, to who sent it."""


def take(
    upload: UploadedFile[Any], accept: Iterable[str], megabytes: int, **belongs: Any
) -> tuple[File, dict[str, Any]]:
    """Judge, scan and store a file.

    Args:
        upload: What was sent.
        accept: Types, as of `guichet.filetypes`.
        megabytes: Largest size.
        belongs: `tenant_id` and `draft`, or `request` and `message`; perhaps `field`.

    Returns:
        The row, and what an answer keeps of it.

    Raises:
        Unacceptable: With the reason.
    """
    allowed = tuple(accept)
    size = upload.size or 0
    if size > megabytes * _MEGABYTE:
        raise Unacceptable(
            say("Ce fichier est trop volumineux : %(size)d Mo au plus.", size=megabytes)
        )
    content = upload.read()
    if not content:
        raise Unacceptable(say("Ce fichier est vide."))
    kind = type_of(content)
    if kind is None or kind not in allowed:
        names = ", ".join(one.upper() for one in allowed)
        raise Unacceptable(
            say("Ce type de fichier n’est pas accepté. Types acceptés : %(names)s.", names=names)
        )
    try:
        virus = scan(settings.CONFIGURATION.clamd, content)
    except ScannerUnavailable:
        raise Unacceptable(say(LATER)) from None
    if virus is not None:
        raise Unacceptable(say("Ce fichier contient un virus : il n’a pas été enregistré."))
    name = harmless(upload.name or "", kind)
    try:
        # What else was sent with the form is kept, also when the disk takes no more files.
        with transaction.atomic():
            row = File.objects.create(
                key=uuid.uuid4(),
                name=name,
                type=kind,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                content=content,
                scanned_at=timezone.now(),
                **belongs,
            )
    except OperationalError as error:
        _LOG.error("a file was not stored: %s", type(error.__cause__ or error).__name__)
        raise Unacceptable(say(FULL)) from None
    return row, {"id": str(row.key), "name": name, "size": row.size}


def harmless(name: str, kind: str) -> str:
    """A name that people can read and no program takes for anything else.

    The ending is that of the content: a program that calls itself a picture gets no other chance.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = " ".join(_ODD.sub(" ", name).split())
    stem, dot, ending = name.rpartition(".")
    endings = ENDINGS.get(kind, (kind,))
    if not dot or ending.lower() not in endings:
        stem, ending = name.replace(".", " "), endings[0]
    stem = stem.replace(".", " ").strip(" -'")[:_LONGEST_NAME].strip() or "fichier"
    if _DEVICE.match(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending.lower()}"


def download(file: File) -> HttpResponse:
    """The file as an attachment: a browser never shows it as a page of the town hall."""
    response = HttpResponse(bytes(file.content), content_type=MEDIA[file.type])
    # RFC 6266 §4.3: the second form for names beyond ASCII.
    plain = file.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "")
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name)}"
    response.headers["Content-Disposition"] = named
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
