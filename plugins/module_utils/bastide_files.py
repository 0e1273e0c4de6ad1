# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, locks and commands on a host: written whole or not at all, one writer at a time.

Shared by the bulk modules; imports nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import grp
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

# How often a waiting run looks again whether the lock is free, in seconds.
LOCK_POLL = 0.2


class HostError(Exception):
    """Something on the host stands in the way; the message is for the operator."""


def explain(error: OSError, path: Path | str | None = None) -> str:
    """Say what the system refused, and for a full disk which one and what is left.

    Args:
        error: What the system call gave.
        path: The file it was about, when the error does not name it.

    Returns:
        One line of text with the system's words.
    """
    name = str(error.filename or path or "")
    said = error.strerror or str(error)
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return f"{name}: {said}" if name else said
    return f"{name or 'a file'}: {said}{room(name)}"


def room(path: Path | str) -> str:
    """The file system of `path` and the bytes free on it, to be put behind a message."""
    place = Path(path or "/")
    while not place.exists():
        place = place.parent
    try:
        stat = os.statvfs(place)
    except OSError:
        return ""
    while not os.path.ismount(place) and place != place.parent:
        place = place.parent
    return f" (file system {place}: {stat.f_bavail * stat.f_frsize} bytes free)"


def write_atomic(
    path: Path, data: str | bytes, mode: int = 0o644, group: str | None = None
) -> None:
    """Replace `path` by `data`: readers see the old file or the new one, a crash too.

    The new file lies beside under one fixed name, so that a killed run leaves at most one
    leftover, which the next run overwrites.  Callers hold the service's lock.

    Args:
        path: The file; its directory is made when missing.
        data: The whole content; text is written as UTF-8.
        mode: Permission bits.
        group: Group of the file; left as it is when the host has no such group.

    Raises:
        OSError: With the file's name, when the system refuses (disk full, permissions).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            own(file.fileno(), mode, group)
            os.fsync(file.fileno())
        beside.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error


def own(fd: int, mode: int, group: str | None) -> None:
    """Set the permission bits and, when the host knows it, the group of an open file."""
    if group is not None:
        with contextlib.suppress(KeyError):
            os.fchown(fd, -1, grp.getgrnam(group).gr_gid)
    os.fchmod(fd, mode)


def sync_directory(directory: Path) -> None:
    """Make renames and removals in `directory` survive a power cut (fsync(2))."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_or_none(path: Path) -> bytes | None:
    """Content of a file, None when there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_state(path: Path) -> dict[str, object]:
    """A state file of ours as a mapping; empty when missing or damaged.

    A damaged one is no reason to stop: what is served counts, the state only says whose
    it is and saves work.
    """
    try:
        state = json.loads(read_or_none(path) or b"{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def sha256(data: str | bytes) -> str:
    """``sha256:…`` of `data`, text as UTF-8."""
    raw = data.encode() if isinstance(data, str) else data
    return "sha256:" + hashlib.sha256(raw).hexdigest()


@contextlib.contextmanager
def service_at_rest(path: Path, timeout: float) -> Iterator[None]:
    """Look while nobody writes: wait for a run at work, and keep the next one waiting.

    A run whose engine was killed goes on for a moment; a plan made in the middle of it would
    show what is just being done. After `timeout` seconds the look is taken all the same: it
    changes nothing, and never makes a lock file.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield  # no run has ever written here
        return
    try:
        deadline = time.monotonic() + timeout
        while not _locked(fd, fcntl.LOCK_SH) and time.monotonic() < deadline:
            time.sleep(LOCK_POLL)  # flock has no wait with a deadline
        yield
    finally:
        os.close(fd)


def _locked(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def service_lock(path: Path, timeout: float) -> Iterator[None]:
    """Hold the lock of one service on this host (flock(2): the kernel frees it at any death).

    Args:
        path: The lock file; holds who has the lock, as JSON.
        timeout: Seconds to wait for another holder.

    Raises:
        HostError: When it is still held after `timeout`; says by which process, since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + timeout
        while not _locked(fd, fcntl.LOCK_EX):
            if time.monotonic() >= deadline:
                raise HostError(f"{path} is held by {_holder(fd)}")
            time.sleep(LOCK_POLL)  # flock has no wait with a deadline
        who = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        os.ftruncate(fd, 0)
        with contextlib.suppress(OSError):  # a full disk: the lock holds without a name in it
            os.pwrite(fd, json.dumps(who).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(fd, 0)
    finally:
        os.close(fd)


def _holder(fd: int) -> str:
    try:
        who = json.loads(os.pread(fd, 1000, 0))
        return f"process {int(who['pid'])} since {who['since']}"
    except (ValueError, TypeError, KeyError):
        return "another run that has just begun"


def run(
    argv: Sequence[str], text: str | bytes = b"", timeout: float = 120
) -> subprocess.CompletedProcess[bytes]:
    """Run a command without a shell.

    Args:
        argv: Program and arguments.
        text: Its standard input.
        timeout: Seconds after which it counts as hung.

    Returns:
        The finished process; a bad exit code is the caller's to judge.

    Raises:
        HostError: When the program is missing or hangs.
    """
    raw = text.encode() if isinstance(text, str) else text
    try:
        return subprocess.run(
            list(argv),
            input=raw,
            capture_output=True,
            check=False,
            timeout=timeout,
            env={**os.environ, "LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )
    except FileNotFoundError:
        raise HostError(f"{argv[0]} is not installed on this host") from None
    except subprocess.TimeoutExpired:
        raise HostError(f"{argv[0]} gave no answer within {timeout:.0f} s") from None


def words(done: subprocess.CompletedProcess[bytes]) -> str:
    """What a command said, on one line, for a message."""
    said = (done.stderr + b"\n" + done.stdout).decode(errors="replace")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return "; ".join(lines)[:2000] or f"exit code {done.returncode}"
