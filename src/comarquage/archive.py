# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives opened with suspicion: names, sizes and checksums before anything is believed."""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from pathlib import Path

from comarquage.config import Limits
from comarquage.messages import Refused, declare, found

_MEGABYTE = 1_000_000
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}"
_NAME = re.compile(rf"((?:{_PART}/){{0,4}})({_PART})\Z")
_FOLDER = re.compile(rf"(?:\./)?(?:{_PART}/){{0,5}}(?:{_PART})?\Z")
_AUDIENCES = frozenset({"part", "pro", "asso"})
_MOST_PACKED = 400  # times smaller than its content: XML packs twenty times at most

NOT_AN_ARCHIVE = declare(
    "G010",
    "error",
    en="not a usable archive: {why}",
    fr="archive inutilisable : {why}",
    hint_en="what is served stays; the next run tries again",
    hint_fr="ce qui est servi reste ; la prochaine exécution réessaiera",
)
BAD_MEMBER = declare(
    "G011",
    "error",
    en="the archive holds {member}, which is no file of the guide",
    fr="l’archive contient {member}, qui n’est pas un fichier du guide",
    hint_en="the archive is refused as a whole; see where it comes from",
    hint_fr="l’archive est refusée en bloc ; vérifier d’où elle vient",
)
TOO_LARGE = declare(
    "G012",
    "error",
    en="{what}: more than {limit}",
    fr="{what} : plus de {limit}",
    hint_en="raise the limit in the configuration if that is right",
    hint_fr="relever la limite dans la configuration si c’est normal",
)


def opened(path: Path, audience: str, limits: Limits) -> dict[str, bytes]:
    """The XML files of an archive (zip, tar, tar.gz, tar.xz), by name without ending.

    Of an archive with folders of audiences only that of `audience` is read, and what is no XML
    is passed over; a name that leads elsewhere, or comes twice, is refused.  Raises Refused.
    """
    try:
        if zipfile.is_zipfile(path):
            return _zip(path, audience, limits)
        return _tar(path, audience, limits)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        lzma.LZMAError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise Refused(
            found(NOT_AN_ARCHIVE, path.name, why=error or type(error).__name__)
        ) from error


class _Taken:
    """The files so far, with the limits they must keep."""

    def __init__(self, path: Path, audience: str, limits: Limits) -> None:
        self.path = path
        self.audience = audience
        self.limits = limits
        self.files: dict[str, bytes] = {}
        self.size = 0

    def wanted(self, member: str, size: int, *, regular: bool) -> str | None:
        """The name under which `member` is kept; None for another audience's, or no XML."""
        match = _NAME.match(member)
        if match is None or not regular:
            raise Refused(found(BAD_MEMBER, self.path.name, member=ascii(member)[:80]))
        folders = set(match[1].split("/"))
        if folders & _AUDIENCES and self.audience not in folders:
            return None
        if not match[2].endswith(".xml"):
            return None
        name = match[2].removesuffix(".xml")
        limits = self.limits
        self.size += size
        for what, value, limit, unit in (
            (member, size, limits.file_megabytes, "MB"),
            ("*.xml", self.size, limits.unpacked_megabytes, "MB"),
            ("*.xml", len(self.files) * _MEGABYTE, limits.files, "files"),
        ):
            if value > limit * _MEGABYTE:
                raise Refused(found(TOO_LARGE, self.path.name, what=what, limit=f"{limit} {unit}"))
        if name in self.files:
            raise Refused(found(BAD_MEMBER, self.path.name, member=f"{member} (twice)"))
        return name


def _zip(path: Path, audience: str, limits: Limits) -> dict[str, bytes]:
    taken = _Taken(path, audience, limits)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir() and _FOLDER.match(member.filename):
                continue
            # Unix mode: 0 where the maker gave none, else a regular file and no link.
            mode = member.external_attr >> 28
            regular = mode in {0, 8} and not member.flag_bits & 1
            name = taken.wanted(member.filename, member.file_size, regular=regular)
            if name is None:
                continue
            if member.file_size > _MOST_PACKED * max(member.compress_size, 64):
                raise Refused(
                    found(TOO_LARGE, path.name, what=member.filename, limit=f"{_MOST_PACKED} : 1")
                )
            with archive.open(member) as source:
                data = source.read(member.file_size + 1)  # reading to the end checks the CRC
            if len(data) != member.file_size:
                raise Refused(found(NOT_AN_ARCHIVE, path.name, why=f"{member.filename}: size"))
            taken.files[name] = data
    return taken.files


def _tar(path: Path, audience: str, limits: Limits) -> dict[str, bytes]:
    taken = _Taken(path, audience, limits)
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isdir() and _FOLDER.match(member.name):
                continue
            stem = member.name.removeprefix("./")
            name = taken.wanted(stem, member.size, regular=member.isreg())
            source = archive.extractfile(member) if name is not None else None
            if source is not None and name is not None:
                taken.files[name] = source.read()
    return taken.files
