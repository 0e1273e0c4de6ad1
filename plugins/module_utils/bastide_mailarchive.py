# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of suspended mailboxes: made, read again, put back, and only then let go.

An archive is ``<uuid>-<time>.tar.gz`` with the Maildir that ``doveadm backup`` wrote, the Sieve
scripts and ``manifest.json``; its SHA-256 lies beside it and is noted in the directory
(``archive:<uuid>`` in meta).  What may be removed is decided by reading it again, in another
run than the one that made it.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
import sqlite3
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible.module_utils.bastide_directory import read_meta, write_meta
from ansible.module_utils.bastide_files import HostError, run, sync_directory, words, write_atomic

STORAGE = Path("/srv/mail")
OWNER = "vmail"
STATUS = "messages uidvalidity uidnext"
FETCH = "mailbox uid flags size.physical date.received"
SIEVE = ("sieve", ".dovecot.sieve")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox of the directory; `suspended_at` is ISO 8601, None while it is active."""

    address: str
    uuid: str
    siren: str
    suspended_at: str | None

    @property
    def home(self) -> Path:
        """Where its mail lies."""
        return STORAGE / self.uuid[:2] / self.uuid


def suspended_box(connection: sqlite3.Connection, address: str) -> Box:
    """The mailbox; HostError when it is none or may still be used."""
    query = "SELECT uuid, siren, state, suspended_at FROM mailbox WHERE address = ?"
    row = connection.execute(query, (address,)).fetchone()
    if row is None:
        raise HostError(f"{address} does not exist on this host")
    if row[2] != "suspended":
        raise HostError(f"{address} is active: only a suspended mailbox is archived or removed")
    return Box(address, row[0], row[1], row[3])


def fingerprint(address: str) -> tuple[str, int]:
    """SHA-256 over folders, UIDVALIDITY, UIDNEXT, UIDs, flags, sizes and dates; messages."""
    status = _doveadm("-f", "tab", "mailbox", "status", "-u", address, STATUS, "*")
    messages = _doveadm("-f", "tab", "fetch", "-u", address, FETCH, "ALL")
    lines = sorted(_lines(status)), sorted(map(_without_recent, _lines(messages)))
    text = json.dumps(lines, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest(), len(lines[1])


def archive(connection: sqlite3.Connection, box: Box, folder: Path) -> dict[str, Any]:
    """Make one beside the others, read it again, and note it.  The mailbox is not touched."""
    if not (box.home / "Maildir").is_dir():
        raise HostError(f"{box.address} has no mail on this host")
    print_of, messages = fingerprint(box.address)
    now = datetime.now(UTC)
    name = f"{box.uuid}-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    facts = {
        "address": box.address,
        "uuid": box.uuid,
        "siren": box.siren,
        "messages": messages,
        "fingerprint": print_of,
        "made_at": now.isoformat(timespec="seconds"),
    }
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    staging, packed = folder / f".{box.uuid}.staging", folder / f".{name}.new"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        _stage(box, staging, facts)
        with packed.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
                tar.add(staging, arcname=".")
            file.flush()
            os.fsync(file.fileno())
        if fingerprint(box.address) != (print_of, messages):
            raise HostError(f"mail came to {box.address} meanwhile; run it again")
        noted = {**facts, "file": str(folder / name), "sha256": _digest(packed)}
        _read_again(packed, noted)
        packed.replace(folder / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        packed.unlink(missing_ok=True)
    sync_directory(folder)
    write_atomic(folder / f"{name}.sha256", f"{noted['sha256']}  {name}\n", 0o600)
    write_meta(connection, f"archive:{box.uuid}", noted)
    return noted


def verified(connection: sqlite3.Connection, box: Box) -> dict[str, Any]:
    """The noted archive of a mailbox, read again from end to end; HostError when it is bad."""
    noted = read_meta(connection, f"archive:{box.uuid}")
    if not isinstance(noted, dict):
        raise HostError(f"{box.address} has no archive")
    path = Path(noted["file"])
    if not path.is_file():
        raise HostError(f"the archive {path} is not there")
    if _digest(path) != noted["sha256"]:
        raise HostError(f"the archive {path} is not what was written: its SHA-256 differs")
    _read_again(path, noted)
    return noted


def restore(connection: sqlite3.Connection, box: Box) -> dict[str, Any]:
    """Put the archive back where nothing lies, with its UIDs and flags, and compare.

    The mailbox stays suspended: an INBOX that Dovecot made meanwhile would stand in the way.
    """
    noted = verified(connection, box)
    if box.home.exists():
        raise HostError(f"{box.address} has mail at {box.home}; nothing is put over it")
    staging = box.home.with_name(f".{box.uuid}.staging")
    shutil.rmtree(staging, ignore_errors=True)
    staging.parent.mkdir(mode=0o700, exist_ok=True)
    own_as_mail(staging.parent)
    try:
        staging.mkdir(mode=0o700)
        with tarfile.open(noted["file"]) as tar:
            # Our own, by its SHA-256; its links and owners are those of a Maildir.
            tar.extractall(staging)  # noqa: S202
        (staging / "manifest.json").unlink()
        for path in (staging, *staging.rglob("*")):
            own_as_mail(path)
        staging.rename(box.home)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _doveadm("auth", "cache", "flush", box.address)
    if fingerprint(box.address)[0] != noted["fingerprint"]:
        raise HostError(f"what was put back at {box.home} is not what was archived")
    return noted


def purge(
    connection: sqlite3.Connection, box: Box, messages: int, grace_days: int
) -> dict[str, Any]:
    """Remove the mail of a mailbox whose archive was read again and holds the same.

    The row stays, so that nobody gets the address with the mail, and so does the archive.
    """
    since = datetime.fromisoformat(box.suspended_at or datetime.now(UTC).isoformat())
    if datetime.now(UTC) < since + timedelta(days=grace_days):
        until = (since + timedelta(days=grace_days)).date()
        raise HostError(f"{box.address} was suspended on {since.date()}; it stays until {until}")
    if not box.home.exists():
        raise HostError(f"{box.address} has no mail on this host")
    noted = verified(connection, box)
    if messages != noted["messages"]:
        raise HostError(f"its archive holds {noted['messages']} messages, not {messages}")
    if fingerprint(box.address) != (noted["fingerprint"], noted["messages"]):
        raise HostError(f"{box.address} is no longer what was archived; archive it again")
    gone = box.home.with_name(f".{box.uuid}.purged")
    box.home.rename(gone)
    write_meta(connection, f"purged:{box.uuid}", {**noted, "purged_at": _now()})
    shutil.rmtree(gone)
    return noted


def _stage(box: Box, staging: Path, facts: dict[str, Any]) -> None:
    staging.mkdir(mode=0o700)
    own_as_mail(staging)
    _doveadm("backup", "-u", box.address, f"maildir:{staging}/Maildir")
    for name in SIEVE:
        source = box.home / name
        if source.is_dir():
            shutil.copytree(source, staging / name, symlinks=True)
        elif source.is_symlink() or source.exists():
            shutil.copy2(source, staging / name, follow_symlinks=False)
    (staging / "manifest.json").write_text(json.dumps(facts, indent=1, sort_keys=True))


def _read_again(path: Path, noted: dict[str, Any]) -> None:
    """Read every file of an archive; it holds as many messages as its manifest says."""
    messages, manifest = 0, None
    try:
        with tarfile.open(path) as tar:
            for entry in tar:
                if not entry.isreg():
                    continue
                file = tar.extractfile(entry)
                data = file.read() if file else b""
                if entry.name.rpartition("/")[2] == "manifest.json":
                    manifest = json.loads(data)
                folder = entry.name.split("/")[-2:-1]
                messages += folder in (["cur"], ["new"]) and len(data) > 0
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise HostError(f"the archive {path} cannot be read: {error}") from error
    if manifest is None or manifest["fingerprint"] != noted["fingerprint"]:
        raise HostError(f"the archive {path} has another manifest than noted")
    if messages != noted["messages"]:
        raise HostError(f"the archive {path} holds {messages} messages of {noted['messages']}")


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            found.update(data)
    return found.hexdigest()


def own_as_mail(path: Path) -> None:
    """Give a file or folder to the user that Dovecot keeps mail as; root alone may."""
    owner = pwd.getpwnam(OWNER)
    os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _lines(text: str) -> list[str]:
    return text.splitlines()[1:]


def _without_recent(line: str) -> str:
    # Not kept anywhere: it only says that no session has shown the message yet.
    return line.replace("\\Recent", "").replace(" \t", "\t").replace("\t ", "\t")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _doveadm(*argv: str) -> str:
    done = run(["doveadm", *argv], timeout=3600)
    if done.returncode != 0:
        raise HostError(f"doveadm {argv[0]}: {words(done)}")
    return done.stdout.decode(errors="replace")
