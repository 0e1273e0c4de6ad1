# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a backup: a tar.gz that says of itself what is in it, so that damage is found.

Files are named ``<part>/<path>``; at the end stands ``manifest.json``, with the number of files,
the bytes and the SHA-256 of each part.  The sum of a part is over its files in their order: names,
modes, owners, sizes and the SHA-256 of each.
"""

from __future__ import annotations

import contextlib
import grp
import gzip
import hashlib
import io
import json
import os
import pwd
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ansible.module_utils.bastide_files import HostError

FORMAT = 1
MANIFEST = "manifest.json"
# More than any manifest, less than what would fill a memory.
MOST_MANIFEST = 2**20
_CHUNK = 1 << 20

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive; `link` is where it leads when it is a symbolic link."""

    part: str
    path: str
    mode: int
    owner: str
    group: str
    link: str = ""


@dataclass(slots=True)
class Sum:
    """What a part comes to, in the order of its files."""

    count: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, info: tarfile.TarInfo, content: str) -> None:
        """Count one file in; `content` is the SHA-256 of it, or where it leads."""
        facts = [info.name, info.mode, info.uname, info.gname, info.size, content]
        self.digest.update(json.dumps(facts).encode() + b"\n")
        self.count += 1
        self.size += info.size

    def shown(self) -> dict[str, Any]:
        """As the manifest says it."""
        return {"count": self.count, "size": self.size, "sha256": self.digest.hexdigest()}


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


class Writer:
    """Puts files into an archive that is being written; `sums` has what each part came to."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.sums: dict[str, Sum] = {}

    def begin(self, part: str) -> None:
        """The host has this part, perhaps without a file in it."""
        self.sums[part] = Sum()

    def file(self, part: str, path: str, source: Path, like: Path | None = None) -> None:
        """Add a file, with owner and mode of `like` (its own unless given); none when it is gone.

        A link is kept when it leads to what lies beside or below it, else left out.
        """
        try:
            info = _info(f"{part}/{path}", like or source)
            if source.is_symlink():
                self._link(part, info, str(source.readlink()))
                return
            descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return  # its user removed it meanwhile
        with os.fdopen(descriptor, "rb") as opened:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                return
            info.size = facts.st_size
            hashed = _Hashed(opened)
            # tarfile asks for read() alone, its stubs for a whole file.
            self._tar.addfile(info, hashed)  # type: ignore[arg-type]
            self.sums[part].add(info, hashed.digest.hexdigest())

    def _link(self, part: str, info: tarfile.TarInfo, target: str) -> None:
        if is_safe(target):
            info.type, info.linkname, info.mode = tarfile.SYMTYPE, target, 0o777
            self._tar.addfile(info)
            self.sums[part].add(info, f"-> {target}")

    def text(self, name: str, content: str) -> None:
        """Add a file that is of no part."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content.encode()), 0o600
        self._tar.addfile(info, io.BytesIO(content.encode()))


def is_safe(path: str) -> bool:
    """Whether a relative path stays below where it begins."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts


def _info(name: str, like: Path) -> tarfile.TarInfo:
    facts = like.lstat()
    info = tarfile.TarInfo(name)
    info.mode, info.mtime = stat.S_IMODE(facts.st_mode), int(facts.st_mtime)
    info.uid, info.gid = facts.st_uid, facts.st_gid
    info.uname, info.gname = str(facts.st_uid), str(facts.st_gid)
    with contextlib.suppress(KeyError):
        info.uname = pwd.getpwuid(facts.st_uid).pw_name
    with contextlib.suppress(KeyError):
        info.gname = grp.getgrgid(facts.st_gid).gr_name
    return info


def pack(packed: Path, host: str, fill: Callable[[Writer], Manifest]) -> Manifest:
    """Write the archive of `host` that `fill` puts the parts into, for root alone, to the disk.

    `fill` gives what the manifest says beside the parts.  The file must not be there yet.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(packed, flags, 0o600), "wb") as file:
        # No name in its head: all that is in the file counts.
        with (
            gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file) as raw,
            tarfile.open(fileobj=raw, mode="w") as tar,
        ):
            writer = Writer(tar)
            more = fill(writer)
            parts = {part: one.shown() for part, one in writer.sums.items()}
            made_at = datetime.now(UTC).isoformat(timespec="seconds")
            manifest = {"format": FORMAT, "host": host, "made_at": made_at, **more, "parts": parts}
            writer.text(MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def unpack(path: Path, staging: Path | None) -> tuple[Manifest, list[Entry]]:
    """Read an archive from end to end and compare every sum; lay its files out below `staging`.

    Links are in the list alone.  HostError when anything is not as the manifest says.
    """
    sums: dict[str, Sum] = {}
    entries: list[Entry] = []
    manifest = None
    try:
        with gzip.open(path) as raw:
            with tarfile.open(fileobj=raw, mode="r|") as tar:
                for info in tar:
                    if info.name == MANIFEST:
                        manifest = json.loads(_content(tar, info).read(MOST_MANIFEST))
                        continue
                    entry, content = _unpacked(tar, info, staging)
                    sums.setdefault(entry.part, Sum()).add(info, content)
                    entries.append(entry)
            while raw.read(_CHUNK):
                pass  # to its end, where gzip has a sum of its own
    except OSError as error:
        if staging is not None and error.errno:
            raise  # of the host, as a full disk
        raise HostError(f"the archive {path} cannot be read: {error}") from error
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        raise HostError(f"the archive {path} cannot be read: {error}") from error
    if not _is_known(manifest):
        raise HostError(f"the archive {path} has no manifest that this version knows")
    for part in manifest["parts"].keys() | sums.keys():
        if sums.get(part, Sum()).shown() != manifest["parts"].get(part):
            raise HostError(f"the archive {path} is damaged: {part} is not what its manifest says")
    return manifest, entries


def _is_known(manifest: Any) -> bool:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return False
    kinds = {"host": str, "made_at": str, "parts": dict}
    return all(isinstance(manifest.get(name), kind) for name, kind in kinds.items())


def _unpacked(
    tar: tarfile.TarFile, info: tarfile.TarInfo, staging: Path | None
) -> tuple[Entry, str]:
    part, _, path = info.name.partition("/")
    if not is_safe(info.name) or not path or not (info.isreg() or info.issym()):
        raise HostError(f"the archive holds {info.name!r}, which is no file of a backup")
    if info.issym():
        if not is_safe(info.linkname):
            raise HostError(f"the archive holds {info.name!r}, which leads out of its folder")
        entry = Entry(part, path, info.mode, info.uname, info.gname, info.linkname)
        return entry, f"-> {info.linkname}"
    hashed = _Hashed(_content(tar, info))
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(_laid_out(staging, info.name)) if staging else None
        while data := hashed.read(_CHUNK):
            if target:
                target.write(data)
    return Entry(part, path, info.mode, info.uname, info.gname), hashed.digest.hexdigest()


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(info)
    if file is None:
        raise HostError(f"the archive holds {info.name!r}, which is no file of a backup")
    return file


@contextlib.contextmanager
def _laid_out(staging: Path, name: str) -> Iterator[IO[bytes]]:
    target = staging / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(target, flags, 0o600), "wb") as file:
        yield file


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
