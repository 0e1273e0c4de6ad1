# SPDX-License-Identifier: GPL-3.0-or-later
"""The run record: JSON lines, each holding the digest of the one before.

An entry is written when a run begins and another when it ends.  A run that was killed
leaves a beginning without an end; the next run notes that.  Nothing is ever rewritten:
`check` tells any line that was altered, removed or put in between.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bastide.diagnostics import Diagnostic, RunFailed, Severity, declare, diagnose
from bastide.fleet import Repository
from bastide.model import Platform

BROKEN = declare(
    "J901",
    Severity.ERROR,
    en="the chain is broken at entry {entry}: {why}",
    fr="la chaîne est rompue à l'entrée {entry} : {why}",
    hint_en="compare with a copy of the journal; everything before this line is intact",
    hint_fr="comparez avec une copie du journal ; tout ce qui précède cette ligne est intact",
)
TORN = declare(
    "J902",
    Severity.WARNING,
    en="the last line is not whole ({size} bytes): a run was killed while it wrote",
    fr="la dernière ligne est incomplète ({size} octets) : un passage a été tué en écrivant",
    hint_en="the next apply sets it aside and goes on",
    hint_fr="le prochain apply la met de côté et continue",
)

GENESIS = "0" * 64


def journal_of(repository: Repository, platform: Platform | None) -> Journal:
    """The journal of an environment: where platform.yml says, else with the engine's state."""
    named = platform.journal if platform else None
    if named:
        return Journal(repository.root / named)
    return Journal(repository.state / "journal.jsonl")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal, as read."""

    line: int
    data: dict[str, Any]


class Journal:
    """The journal of one environment.  Writing needs the run lock; reading does not."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    def append(self, event: str, facts: dict[str, Any]) -> dict[str, Any]:
        """Add one entry durably (one write, then fsync) and return it."""
        self._set_torn_line_aside()
        last = self._last()
        entry: dict[str, Any] = {
            "sequence": last["sequence"] + 1 if last else 1,
            "time": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
            "event": event,
            **facts,
            "previous": last["digest"] if last else GENESIS,
        }
        entry["digest"] = entry_digest(entry)
        line = json.dumps(entry, sort_keys=True, ensure_ascii=False) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            _write_whole(descriptor, line.encode())
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from error
        finally:
            os.close(descriptor)
        return entry

    def unfinished(self) -> dict[str, Any] | None:
        """The beginning of the last run, when that run never wrote its end."""
        last = self._last()
        return last if last and last["event"] == "begin" else None

    def entries(self) -> Iterator[Entry]:
        """Every whole line that is JSON, from the oldest."""
        if not self._path.is_file():
            return
        with self._path.open(encoding="utf-8", errors="replace") as lines:
            for number, text in enumerate(lines, 1):
                if text.endswith("\n"):
                    try:
                        data = json.loads(text)
                    except ValueError:
                        continue
                    if isinstance(data, dict):
                        yield Entry(number, data)

    def check(self, name: str) -> list[Diagnostic]:
        """Verify the whole chain; `name` is the file's name in diagnostics."""
        if not self._path.is_file():
            return []
        previous, sequence = GENESIS, 0
        raw = self._path.read_bytes()
        lines = raw.split(b"\n")
        for number, text in enumerate(lines[:-1], 1):
            why = _fault(text, previous, sequence)
            if why:
                return [diagnose(BROKEN, name, number, 1, entry=sequence + 1, why=why)]
            entry = json.loads(text)
            previous, sequence = entry["digest"], entry["sequence"]
        if lines[-1]:
            return [diagnose(TORN, name, len(lines), 1, size=len(lines[-1]))]
        return []

    def _last(self) -> dict[str, Any] | None:
        """The last whole entry, read from the end: a journal grows for years."""
        try:
            with self._path.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                tail, block = b"", 1 << 16
                while end and tail.count(b"\n") < 2:  # noqa: PLR2004 - one whole line between two
                    start = max(0, end - block)
                    file.seek(start)
                    tail = file.read(end - start) + tail
                    end = start
        except FileNotFoundError:
            return None
        lines = tail.split(b"\n")[:-1]
        if not lines:
            return None
        why = "" if lines[-1].startswith(b"{") else "the line is no entry"
        try:
            entry: dict[str, Any] = json.loads(lines[-1])
        except ValueError:
            why = "the line is not JSON"
        if why:
            # Going on would hide what was done to it.
            raise RunFailed(diagnose(BROKEN, str(self._path), 0, 0, entry="last", why=why))
        return entry

    def _set_torn_line_aside(self) -> None:
        """Move what a killed run left half written to a file beside, and cut it off."""
        try:
            with self._path.open("r+b") as file:
                raw_end = file.seek(0, os.SEEK_END)
                file.seek(max(0, raw_end - 1))
                if raw_end == 0 or file.read(1) == b"\n":
                    return
                file.seek(0)
                content = file.read()
                whole = content.rfind(b"\n") + 1
                with self._path.with_suffix(".torn").open("ab") as aside:
                    aside.write(content[whole:] + b"\n")
                file.truncate(whole)
                os.fsync(file.fileno())
        except FileNotFoundError:
            return


def _write_whole(descriptor: int, line: bytes) -> None:
    """Append `line` durably, or nothing of it: a disk that gets full takes a part only."""
    size = os.fstat(descriptor).st_size
    try:
        written = os.write(descriptor, line)
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    if written < len(line):
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def entry_digest(entry: dict[str, Any]) -> str:
    """Hex SHA-256 over the entry without its own digest, in canonical JSON."""
    bare = {key: value for key, value in entry.items() if key != "digest"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _fault(text: bytes, previous: str, sequence: int) -> str:
    try:
        entry = json.loads(text)
    except ValueError:
        return "the line is not JSON"
    if not isinstance(entry, dict) or not {"digest", "previous", "sequence"} <= entry.keys():
        return "the line is no entry"
    if entry["sequence"] != sequence + 1:
        return f"sequence {entry['sequence']} where {sequence + 1} is due"
    if entry["previous"] != previous:
        return "it does not follow the entry before it"
    if entry["digest"] != entry_digest(entry):
        return "its content does not match its digest"
    return ""
