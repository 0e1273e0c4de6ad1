# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found out about a file's content, kept by content and never by date.

Key: the blob id of the file, below a context (digest of schemas, platform, reference and
of this program).  A damaged or foreign cache is thrown away, never an error.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from bastide.fleet.examine import CompiledRow, ExaminedRow

_TABLES = """
CREATE TABLE IF NOT EXISTS examined (slug TEXT PRIMARY KEY, blob TEXT NOT NULL, head BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS compiled (
  slug TEXT PRIMARY KEY, blob TEXT NOT NULL, origins BLOB NOT NULL,
  mail BLOB NOT NULL, dns BLOB NOT NULL, web BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS whole (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
Table = Literal["examined", "compiled"]
Column = Literal["origins", "mail", "dns", "web"]


class Cache:
    """One SQLite file for one context; `folder` is where the contexts lie."""

    def __init__(self, folder: Path, context: str) -> None:
        self._path = folder / f"fleet-{context[:24]}.db"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._forget_others(folder)
            self._database = self._open()
        except (OSError, sqlite3.Error):
            # A full disk or a read-only folder makes the run slower, not impossible.
            self._database = sqlite3.connect(":memory:")
            self._database.executescript(_TABLES)

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=2)
        # Losing the cache costs a second; waiting for the disk on each run costs more.
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _TABLES)
        return database

    def _forget_others(self, folder: Path) -> None:
        kept = sorted(folder.glob("fleet-*.db"), key=lambda p: p.stat().st_mtime)[-4:]
        for old in folder.glob("fleet-*.db"):
            if old not in kept and old != self._path:
                for name in (old, Path(f"{old}-wal"), Path(f"{old}-shm")):
                    name.unlink(missing_ok=True)

    def blobs(self, table: Table) -> dict[str, str]:
        """Slug → blob id of everything kept in `table`."""
        return dict(self._rows(f"SELECT slug, blob FROM {table}"))  # noqa: S608

    def head(self, slug: str) -> bytes | None:
        """Packed diagnostics and facts of one file."""
        rows = self._rows("SELECT head FROM examined WHERE slug = ?", (slug,))
        return rows[0][0] if rows else None

    def heads(self) -> dict[str, bytes]:
        """Slug → packed diagnostics and facts, of all."""
        return dict(self._rows("SELECT slug, head FROM examined"))

    def column(self, name: Column) -> list[bytes]:
        """One column of every compiled row, in the order of the slugs."""
        return [v for (v,) in self._rows(f"SELECT {name} FROM compiled ORDER BY slug")]  # noqa: S608

    def cell(self, slug: str, name: Column) -> bytes | None:
        """One column of one compiled row."""
        rows = self._rows(f"SELECT {name} FROM compiled WHERE slug = ?", (slug,))  # noqa: S608
        return rows[0][0] if rows else None

    def store_examined(self, rows: Iterable[ExaminedRow], gone: Iterable[str] = ()) -> None:
        """Keep `rows` and forget the slugs in `gone`."""
        with contextlib.suppress(sqlite3.Error), self._database:
            self._database.executemany("REPLACE INTO examined VALUES (?, ?, ?)", rows)
            self._forget("examined", gone)

    def store_compiled(self, rows: Iterable[CompiledRow], gone: Iterable[str] = ()) -> None:
        """Keep `rows` and forget the slugs in `gone`."""
        with contextlib.suppress(sqlite3.Error), self._database:
            self._database.executemany("REPLACE INTO compiled VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._forget("compiled", gone)

    def _forget(self, table: Table, slugs: Iterable[str]) -> None:
        rows = [(slug,) for slug in slugs]
        self._database.executemany(f"DELETE FROM {table} WHERE slug = ?", rows)  # noqa: S608

    def get(self, name: str) -> bytes | None:
        """A value about the whole fleet."""
        rows = self._rows("SELECT value FROM whole WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def put(self, name: str, value: bytes) -> None:
        """Keep a value about the whole fleet."""
        with contextlib.suppress(sqlite3.Error), self._database:
            self._database.execute("REPLACE INTO whole VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _rows(self, query: str, parameters: tuple[str, ...] = ()) -> list[Any]:
        try:
            return self._database.execute(query, parameters).fetchall()
        except sqlite3.Error:
            return []
