# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail host keeps beside the mail: where each part lies, and how it is copied while in use.

dsync carries messages, folders, flags and subscriptions; all of this it does not, or not to a
host whose mail is copied as files.  Databases are copied by their own means, never as files.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_groupware as groupware
from ansible.module_utils import bastide_mailarchive as mailarchive
from ansible.module_utils.bastide_backupfile import Writer
from ansible.module_utils.bastide_files import HostError, room, run, words

SHARES = Path("/var/lib/bastide/mail/shares")
WEBMAIL = Path("/var/lib/dbconfig-common/sqlite3/roundcube/roundcube")
WEBMAIL_KEY = Path("/etc/roundcube/des.key")
REDIS = Path("/usr/bin/redis-server")
REDIS_SOCKET = "/run/redis/redis-server.sock"
REDIS_DUMP = Path("/var/lib/redis/dump.rdb")
SRS = Path("/etc/postsrsd.secret")

# The name of the database, and of its file in an archive.
GROUPWARE = "sogo"
DUMP = f"{GROUPWARE}.sql"
DIRECTORY = "directory.db"
CLIENT = ["--no-defaults", "--default-character-set=utf8mb4"]
_WHOLE = b"-- Dump completed"

PACKAGES = (
    "dovecot-core",
    "mariadb-server",
    "postfix",
    "postsrsd",
    "redis-server",
    "roundcube-core",
    "rspamd",
    "sogo",
)
# A dump of a country's calendars, or a copy of its mailboxes' facts.
HOURS = 4 * 3600.0

Homes = list[Path]
# Takes the writer, a folder for copies, and the homes of the mailboxes; why the host has none.
Gather = Callable[[Writer, Path, Homes], str | None]


def online_copy(source: Path, target: Path) -> None:
    """Copy a SQLite database that is in use, at one moment, and check the copy.

    Raises:
        HostError: With SQLite's words, when it cannot be copied or is damaged.
    """
    address = f"{source.as_uri()}?mode=ro"
    try:
        with (
            contextlib.closing(
                sqlite3.connect(address, uri=True, timeout=directory.BUSY)
            ) as reader,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            reader.backup(copy)
            found = copy.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise HostError(f"{source}: {error}{room(target)}") from error
    if found != [("ok",)]:
        raise HostError(f"{source} is damaged: {found[0][0]}")


def homes_of(copy: Path) -> Homes:
    """Homes of all mailboxes that a copy of the directory knows, also of former holders."""
    with contextlib.closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as reader:
        rows = reader.execute("SELECT uuid FROM mailbox ORDER BY uuid").fetchall()
    return [mailarchive.STORAGE / uuid[:2] / uuid for (uuid,) in rows]


def count_of(copy: Path) -> dict[str, int]:
    """What a copy of the directory holds, as the manifest tells it."""
    with contextlib.closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as reader:
        return {
            name: reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our tables
            for name, table in (("domains", "domain"), ("mailboxes", "mailbox"))
        }


def _directory(writer: Writer, staging: Path, _homes: Homes) -> str | None:
    """Mailboxes, hashes of passwords, invitations: where all the others hang."""
    database = directory.DATABASE
    if not database.exists():
        raise HostError(f"{database} is not there: this is no mail host")
    online_copy(database, staging / DIRECTORY)
    writer.file("directory", DIRECTORY, staging / DIRECTORY, like=database)
    return None


def _dkim(writer: Writer, _staging: Path, _homes: Homes) -> str | None:
    if not dkim.KEYS.is_dir():
        return "no DKIM keys on this host"
    for path in sorted(dkim.KEYS.iterdir()):
        if path.suffix in (".key", ".pub", ".json") and not path.name.startswith("."):
            writer.file("dkim", path.name, path)
    return None


def _sieve(writer: Writer, _staging: Path, homes: Homes) -> str | None:
    """Scripts, and the link to the one that counts; what is compiled is compiled again."""
    for home in homes:
        for path in (home / ".dovecot.sieve", *sorted(_inside(home / "sieve"))):
            if path.suffix == ".sieve" or path.name == ".dovecot.sieve":
                writer.file("sieve", str(path.relative_to(mailarchive.STORAGE)), path)
    return None


def _subscriptions(writer: Writer, _staging: Path, homes: Homes) -> str | None:
    for home in homes:
        path = home / "Maildir" / "subscriptions"
        writer.file("subscriptions", str(path.relative_to(mailarchive.STORAGE)), path)
    return None


def _rights(writer: Writer, _staging: Path, homes: Homes) -> str | None:
    """Rights on folders (RFC 4314), which lie in the folders."""
    for home in homes:
        maildir = home / "Maildir"
        folders = sorted(p for p in _inside(maildir) if p.name.startswith("."))
        for folder in (maildir, *(p for p in folders if p.is_dir() and not p.is_symlink())):
            path = folder / "dovecot-acl"
            writer.file("rights", str(path.relative_to(mailarchive.STORAGE)), path)
    return None


def _shares(writer: Writer, _staging: Path, _homes: Homes) -> str | None:
    """Who shares with whom."""
    if not SHARES.is_dir():
        return "nobody can share folders on this host"
    for path in sorted(SHARES.iterdir()):
        if path.name.isdigit():
            writer.file("shares", path.name, path)
    return None


def _inside(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        yield from folder.iterdir()


def _webmail(writer: Writer, staging: Path, _homes: Homes) -> str | None:
    """Address books, identities and settings, and the key of the sessions."""
    if not WEBMAIL.exists():
        return "no Roundcube on this host"
    online_copy(WEBMAIL, staging / "roundcube")
    writer.file("webmail", "roundcube", staging / "roundcube", like=WEBMAIL)
    writer.file("webmail", WEBMAIL_KEY.name, WEBMAIL_KEY)
    return None


def _groupware(writer: Writer, staging: Path, _homes: Homes) -> str | None:
    """Calendars and address books; who their users are is made again from the directory."""
    if not groupware.PROGRAM.exists():
        return "no SOGo on this host"
    dump = staging / DUMP
    options = ["--single-transaction", "--quick", "--hex-blob", f"--result-file={dump}"]
    done = run(["mariadb-dump", *CLIENT, *options, GROUPWARE], timeout=HOURS)
    if done.returncode != 0:
        raise HostError(f"mariadb-dump: {words(done)}{room(dump)}")
    with dump.open("rb") as file:
        file.seek(max(0, dump.stat().st_size - 200))
        if _WHOLE not in file.read():
            raise HostError("mariadb-dump ended early")
    writer.file("groupware", DUMP, dump)
    return None


def _redis(writer: Writer, staging: Path, _homes: Homes) -> str | None:
    """What Rspamd learned and counts."""
    if not REDIS.exists():
        return "no Redis on this host"
    dump = staging / REDIS_DUMP.name
    done = run(["redis-cli", "-s", REDIS_SOCKET, "--rdb", str(dump)], timeout=HOURS)
    if done.returncode != 0 or not dump.exists():
        raise HostError(f"redis-cli: {words(done)}{room(dump)}")
    done = run(["redis-check-rdb", str(dump)], timeout=HOURS)
    if done.returncode != 0:
        raise HostError(f"redis-check-rdb: {words(done)}")
    # Redis reads it as its own user, also when it has not saved anything itself yet.
    like = REDIS_DUMP if REDIS_DUMP.exists() else REDIS_DUMP.parent
    writer.file("redis", dump.name, dump, like=like)
    return None


def _srs(writer: Writer, _staging: Path, _homes: Homes) -> str | None:
    """Without it, bounces of what was sent on before would be refused."""
    if not SRS.exists():
        return "no postsrsd on this host"
    writer.file("srs", SRS.name, SRS)
    return None


# Those that are written together come first: the caller lets nobody write meanwhile.
TOGETHER: dict[str, Gather] = {"directory": _directory, "dkim": _dkim}
OTHERS: dict[str, Gather] = {
    "sieve": _sieve,
    "subscriptions": _subscriptions,
    "rights": _rights,
    "shares": _shares,
    "webmail": _webmail,
    "groupware": _groupware,
    "redis": _redis,
    "srs": _srs,
}
NAMES = (*TOGETHER, *OTHERS)


def gather(gathers: dict[str, Gather], writer: Writer, staging: Path) -> dict[str, str]:
    """Put these parts into the archive; why the host does not have some of them, by part."""
    missing = {}
    copy = staging / DIRECTORY
    homes = homes_of(copy) if copy.exists() else []
    for part, one in gathers.items():
        writer.begin(part)
        why = one(writer, staging, homes)
        if why:
            del writer.sums[part]
            missing[part] = why
    return missing


def versions() -> dict[str, str]:
    """Versions of the programs whose state this is, by package; of what is not there, none."""
    pattern = "${db:Status-Abbrev}\t${Package}\t${Version}\n"
    done = run(["dpkg-query", "--show", f"--showformat={pattern}", *PACKAGES])
    rows = [line.split("\t") for line in done.stdout.decode(errors="replace").splitlines()]
    return {row[1]: row[2] for row in rows if row[0].startswith("ii")}
