# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of what a mail host keeps beside the mail: one archive for each run, whole or not there.

``<host>-<time>.tar.gz`` is written under another name, read again from end to end, and only then
gets its own; its SHA-256 lies beside it.  Then the oldest go.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible.module_utils.bastide_backupfile import Manifest, Writer, digest_of, pack, unpack
from ansible.module_utils.bastide_files import HostError, sync_directory, write_atomic

HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,200}\Z")
_ENDING = re.compile(r"-([0-9]{8}T[0-9]{6}Z)\.tar\.gz\Z")
_TIME = "%Y%m%dT%H%M%SZ"
_STAGING = ".staging"


def make(
    folder: Path, host: str, kept: int, fill: Callable[[Writer, Path], Manifest]
) -> dict[str, Any]:
    """Write one archive, read it again, put it in place, and remove the oldest beyond `kept`.

    Args:
        folder: Where archives lie; callers hold its lock.
        host: Whose archive it is: the beginning of its name.
        kept: How many of this host stay, the new one among them.
        fill: Puts the parts in; is given a folder for what has to be copied first, and returns
            what the manifest says beside the parts.

    Returns:
        The manifest with ``file``, ``bytes``, ``sha256`` (of the archive) and ``removed``.

    Raises:
        HostError: Something of it is not as it must be; no archive was made, older ones stay.
        OSError: As the system says it (full disk); likewise.
    """
    if not HOST.match(host):
        raise HostError(f"{host!r} is no name of a host")
    clean(folder)
    name = _next_name(folder, host)
    staging, packed = folder / _STAGING, folder / f".{name}.new"
    try:
        staging.mkdir(mode=0o700)
        manifest = pack(packed, host, lambda writer: fill(writer, staging))
        if unpack(packed, None)[0] != manifest:
            raise HostError(f"{packed} does not read as it was written")
        digest, size = digest_of(packed), packed.stat().st_size
        # First, so that no archive ever stands without it.
        write_atomic(folder / f"{name}.sha256", f"{digest}  {name}\n", 0o600)
        packed.replace(folder / name)
        sync_directory(folder)
    finally:
        clean(folder)
    facts = {"file": str(folder / name), "bytes": size, "sha256": digest}
    return {**manifest, **facts, "removed": _prune(folder, host, max(kept, 1))}


def clean(folder: Path) -> None:
    """Remove what a run that was killed left: nothing of it bears the name of an archive."""
    shutil.rmtree(folder / _STAGING, ignore_errors=True)
    for path in folder.glob(".*.tar.gz.new"):
        path.unlink(missing_ok=True)
    for path in folder.glob("*.tar.gz.sha256"):
        if not path.with_suffix("").exists():
            path.unlink(missing_ok=True)


def archives(folder: Path, host: str) -> list[Path]:
    """The archives of `host`, the oldest first."""
    found = [
        path
        for path in folder.glob("*.tar.gz")
        if _ENDING.search(path.name) and _ENDING.sub("", path.name) == host
    ]
    return sorted(found, key=lambda path: path.name)


def _next_name(folder: Path, host: str) -> str:
    # Never older than those that lie there: a clock that was set back would have it removed.
    moment = datetime.now(UTC).replace(microsecond=0)
    there = archives(folder, host)
    if there:
        found = _ENDING.search(there[-1].name)
        last = datetime.strptime(found[1] if found else "", _TIME).replace(tzinfo=UTC)
        moment = max(moment, last + timedelta(seconds=1))
    return f"{host}-{moment.strftime(_TIME)}.tar.gz"


def _prune(folder: Path, host: str, kept: int) -> list[str]:
    gone = archives(folder, host)[:-kept]
    for path in gone:
        path.unlink()
        path.with_name(f"{path.name}.sha256").unlink(missing_ok=True)
    return [str(path) for path in gone]
