# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files of a backup belong on a mail host, and how one is put there."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_mailarchive as mailarchive
from ansible.module_utils import bastide_mailparts as mailparts
from ansible.module_utils.bastide_backupfile import Entry
from ansible.module_utils.bastide_files import HostError


def put_file(entry: Entry, staging: Path) -> bool:
    """Put one file into its place; False when it belongs into a mail folder that is not here."""
    if entry.part in ("sieve", "subscriptions", "rights"):
        folder = mailarchive.STORAGE / PurePosixPath(entry.path).parent
        if entry.part == "sieve":
            _made(folder)
        elif not folder.is_dir() or folder.is_symlink():
            # Made here, it would stand in the way of the mail that is brought later.
            return False
        _put(entry, staging, folder / PurePosixPath(entry.path).name)
        return True
    place = _PLACES[entry.part](entry.path)
    _put(entry, staging, place)
    return True


_PLACES: dict[str, Callable[[str], Path]] = {
    "dkim": lambda path: dkim.KEYS / path,
    "shares": lambda path: mailparts.SHARES / path,
    "redis": lambda _path: mailparts.REDIS_DUMP,
    "srs": lambda _path: mailparts.SRS,
    "webmail": lambda _path: mailparts.WEBMAIL_KEY,
}


def _made(folder: Path) -> None:
    """Make a home, or what is in it, as Dovecot would; nothing on the way may be a link."""
    storage = mailarchive.STORAGE
    place = storage
    for name in folder.relative_to(storage).parts:
        place /= name
        if place.is_symlink():
            raise HostError(f"{place} is a link, and nothing is put behind it")
        if not place.is_dir():
            place.mkdir(mode=0o700)
            mailarchive.own_as_mail(place)


def _put(entry: Entry, staging: Path, target: Path) -> None:
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    if entry.link:
        fresh.symlink_to(entry.link)
        os.chown(fresh, *owner_of(entry), follow_symlinks=False)
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with (
            (staging / entry.part / entry.path).open("rb") as source,
            os.fdopen(os.open(fresh, flags, 0o600), "wb") as file,
        ):
            shutil.copyfileobj(source, file)
            os.fchown(file.fileno(), *owner_of(entry))
            os.fchmod(file.fileno(), entry.mode)
    fresh.replace(target)


def owner_of(entry: Entry) -> tuple[int, int]:
    """By name: numbers differ from host to host."""
    try:
        uid = int(entry.owner) if entry.owner.isdecimal() else pwd.getpwnam(entry.owner).pw_uid
        gid = int(entry.group) if entry.group.isdecimal() else grp.getgrnam(entry.group).gr_gid
    except KeyError as error:
        raise HostError(f"{entry.part}: {error.args[0]}; run the roles first") from error
    return uid, gid
