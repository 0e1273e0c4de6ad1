# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a backup back on a mail host that the roles have just made.

The archive is laid out and every sum compared before a service is stopped; the directory comes
last, so that a run that was killed finds it empty still and begins again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_groupware as groupware
from ansible.module_utils import bastide_mailarchive as mailarchive
from ansible.module_utils import bastide_mailparts as mailparts
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils.bastide_backupfile import Entry, digest_of, unpack
from ansible.module_utils.bastide_files import HostError, read_or_none, run, words, write_atomic
from ansible.module_utils.bastide_mailcommit import prepare_tables, transaction
from ansible.module_utils.bastide_mailplaces import owner_of, put_file

STATE = Path("/var/lib/bastide/mail")
UNIT_FILES = Path("/lib/systemd/system")

# Who has the files of a part open, in the order in which they stop; they start the other way round.
_USERS = {
    "postfix": ("directory", "srs"),
    "bastide-credentials.socket": ("directory",),
    "bastide-credentials-helper.socket": ("directory",),
    "sogo": ("directory", "groupware"),
    "memcached": ("directory", "groupware"),
    "dovecot": ("directory", "sieve", "subscriptions", "rights", "shares"),
    "rspamd": ("dkim", "redis"),
    "redis-server": ("redis",),
    "postsrsd": ("srs",),
    "php*-fpm": ("webmail",),
}
_TABLES = ("mailbox", "domain", "relay", "remote", "alias")


def restore(archive: Path, host: str, parts: Collection[str], *, force: bool) -> dict[str, Any]:
    """Put the `parts` of an archive back, all of them when none is named.

    Returns:
        ``manifest``, ``restored`` (part → files), ``waiting`` (part → files whose mail folder is
        not here) and ``former`` (copy of the directory that was replaced; empty for none).

    Raises:
        HostError: The archive is not whole or not of this host, the directory holds something
            already, or a part has no place here: then nothing was touched.  Or what came later
            went wrong: the same again goes on.
    """
    digest = _checked(archive)
    staging = STATE / ".restore"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir(mode=0o700, parents=True)
        manifest, entries = unpack(archive, staging)
        wanted = _wanted(manifest, parts)
        held = _held() if "directory" in wanted else 0
        mark = STATE / ".restoring"
        again = (read_or_none(mark) or b"").decode(errors="replace") == digest
        if not (force or again):
            _refuse(manifest, host, held)
        _have_places(wanted, staging)
        write_atomic(mark, digest, 0o600)
        done = _put_back(wanted, entries, staging, held)
        mark.unlink()
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return {"manifest": manifest, **done}


def _checked(archive: Path) -> str:
    """SHA-256 of the archive, which is the one beside it where there is one."""
    if not archive.is_file():
        raise HostError(f"{archive} is not there")
    digest = digest_of(archive)
    noted = read_or_none(archive.with_name(f"{archive.name}.sha256"))
    if noted is not None and noted.split()[:1] != [digest.encode()]:
        raise HostError(f"{archive} is not what was written: its SHA-256 differs")
    return digest


def _wanted(manifest: dict[str, Any], parts: Collection[str]) -> list[str]:
    there = [part for part in mailparts.NAMES if part in manifest["parts"]]
    unknown = sorted(set(parts) - set(there))
    if unknown:
        raise HostError(f"the archive has no {', '.join(unknown)}; it has {', '.join(there)}")
    return [part for part in there if not parts or part in parts]


def _held() -> int:
    if not directory.DATABASE.exists():
        return 0
    with directory.opened(read_only=True) as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our tables
            for table in _TABLES
        ]
    return int(sum(counts))


def _refuse(manifest: dict[str, Any], host: str, held: int) -> None:
    if held:
        raise HostError(
            f"the mail directory holds {held} mailboxes, domains and aliases already; nothing is"
            " put over it unless you force it"
        )
    if manifest["host"] != host:
        raise HostError(f"this is a backup of {manifest['host']}, not of {host}")


def _have_places(wanted: list[str], staging: Path) -> None:
    """HostError when the roles have not made what a part goes into, or the part is empty."""
    files = {"directory": mailparts.DIRECTORY, "groupware": mailparts.DUMP}
    for part in wanted:
        if part in files and not (staging / part / files[part]).is_file():
            raise HostError(f"the archive has {part}, and not {files[part]} in it")
    places = {
        "directory": STATE,
        "webmail": mailparts.WEBMAIL.parent,
        "groupware": groupware.PROGRAM,
        "redis": mailparts.REDIS_DUMP.parent,
        "sieve": mailarchive.STORAGE,
    }
    for part in wanted:
        place = places.get(part)
        if place is not None and not place.exists():
            raise HostError(f"{part} has no place: {place} is not there; run the roles first")


def _put_back(wanted: list[str], entries: list[Entry], staging: Path, held: int) -> dict[str, Any]:
    units = _units(wanted)
    restored: dict[str, int] = {}
    waiting: dict[str, int] = {}
    former = ""
    for unit in units:
        _systemctl("stop", unit)
    try:
        for part in sorted(wanted, key=lambda one: one == "directory"):
            mine = [entry for entry in entries if entry.part == part]
            if part == "directory":
                former = _put_directory(staging / part / mailparts.DIRECTORY, held)
            elif part == "groupware":
                _put_groupware(staging / part / mailparts.DUMP)
            elif part == "webmail":
                _put_webmail(mine, staging)
            else:
                waiting[part] = sum(not put_file(entry, staging) for entry in mine)
            restored[part] = len(mine) - waiting.get(part, 0)
        os.sync()
    finally:
        deaf = [said for unit in reversed(units) if (said := _started(unit))]
    if "directory" in wanted or "groupware" in wanted:
        deaf += groupware.follow()
    if deaf:
        raise HostError(f"all was put back, but {'; '.join(deaf)}")
    waiting = {part: count for part, count in waiting.items() if count}
    return {"restored": restored, "waiting": waiting, "former": former}


def _units(wanted: list[str]) -> list[str]:
    """Units to stop: those that the roles enabled, whether they run or not."""
    found = []
    for name, parts in _USERS.items():
        if not set(parts) & set(wanted):
            continue
        files = UNIT_FILES.glob(f"{name}.service") if "*" in name else [Path(name)]
        found += [
            unit.name
            for unit in files
            if run(["systemctl", "is-enabled", unit.name]).returncode == 0
        ]
    return found


def _systemctl(verb: str, unit: str) -> None:
    done = run(["systemctl", verb, unit], timeout=300)
    if done.returncode != 0:
        raise HostError(f"systemctl {verb} {unit}: {words(done)}")


def _started(unit: str) -> str:
    try:
        _systemctl("start", unit)
    except HostError as error:
        return str(error)
    return ""


def _put_directory(source: Path, held: int) -> str:
    """Bring the rows in one transaction, and Postfix's tables with them; the copy of the former."""
    former = ""
    if held:
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        kept = STATE / f"{mailparts.DIRECTORY}.replaced-{moment}"
        _private(kept)
        mailparts.online_copy(directory.DATABASE, kept)
        former = str(kept)
    _put_database(source, directory.DATABASE)
    directory.DATABASE.chmod(0o600)
    with directory.opened(read_only=False) as connection, transaction(connection):
        prepare_tables(connection)
    postmaps.put_in_place(running=False)
    return former


def _put_database(source: Path, target: Path) -> None:
    try:
        with (
            contextlib.closing(sqlite3.connect(source)) as reader,
            contextlib.closing(sqlite3.connect(target, timeout=directory.BUSY)) as writer,
        ):
            found = reader.execute("PRAGMA quick_check(1)").fetchall()
            if found != [("ok",)]:
                raise HostError(f"{source} is damaged: {found[0][0]}")
            reader.backup(writer)
    except sqlite3.Error as error:
        raise HostError(f"{target}: {error}") from error


def _private(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))


def _put_webmail(entries: list[Entry], staging: Path) -> None:
    for entry in entries:
        if entry.path == "roundcube":
            _put_database(staging / entry.part / entry.path, mailparts.WEBMAIL)
            os.chown(mailparts.WEBMAIL, *owner_of(entry))
            mailparts.WEBMAIL.chmod(entry.mode)
        else:
            put_file(entry, staging)


def _put_groupware(dump: Path) -> None:
    """The dump replaces the tables that it has; the users come from the directory."""
    command = ["/usr/bin/mariadb", *mailparts.CLIENT, mailparts.GROUPWARE]
    with dump.open("rb") as file:
        done = subprocess.run(
            command, stdin=file, capture_output=True, check=False, timeout=mailparts.HOURS
        )
    if done.returncode != 0:
        raise HostError(f"mariadb: {words(done)}")
