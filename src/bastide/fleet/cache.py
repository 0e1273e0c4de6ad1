# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found out about a file's content, kept by content and never by date.

Key: the blob id of the file, below a context (digest of schemas, platform, reference and
of this program).  A damaged or foreign cache is thrown away, never an error.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

from bastide.desired import SERVICES, Service
from bastide.fleet.rows import CompiledRow, ExaminedRow

_TABLES = """
CREATE TABLE IF NOT EXISTS examined (slug TEXT PRIMARY KEY, blob TEXT NOT NULL, head BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS compiled (
  slug TEXT PRIMARY KEY, blob TEXT NOT NULL, origins BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mail (slug TEXT PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS dns (slug TEXT PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS web (slug TEXT PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tls (slug TEXT PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS groupware (slug TEXT PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS desk (slug TEXT PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS conformity (slug TEXT PRIMARY KEY, evidence BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS whole (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
# Statements below that name a table (S608) name one of these or of the services: closed sets.
Table = Literal["examined", "compiled"]
# Nothing is touched where the line is the same.
_GROUPWARE: Service = "groupware"
_NEW_LINE = """
INSERT INTO {table} VALUES (?, ?) ON CONFLICT (slug) DO UPDATE SET line = excluded.line
  WHERE line IS NOT excluded.line
"""


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
        """Slug → blob id of every file kept in `table`."""
        return dict(self._rows(f"SELECT slug, blob FROM {table}"))  # noqa: S608

    def count(self) -> int:
        """Number of examined files."""
        rows = self._rows("SELECT count(*) FROM examined")
        return int(rows[0][0]) if rows else 0

    def head(self, slug: str) -> bytes | None:
        """Packed diagnostics and facts of one file."""
        rows = self._rows("SELECT head FROM examined WHERE slug = ?", (slug,))
        return rows[0][0] if rows else None

    def heads(self) -> dict[str, bytes]:
        """Slug → packed diagnostics and facts, of all."""
        return dict(self._rows("SELECT slug, head FROM examined"))

    def origins(self, slug: str) -> bytes | None:
        """Packed origins of one compiled file."""
        rows = self._rows("SELECT origins FROM compiled WHERE slug = ?", (slug,))
        return rows[0][0] if rows else None

    def evidence(self, slug: str) -> bytes | None:
        """Packed evidence of one compiled file; empty for one that is retired."""
        rows = self._rows("SELECT evidence FROM conformity WHERE slug = ?", (slug,))
        return rows[0][0] if rows else None

    def evidences(self) -> list[tuple[str, bytes]]:
        """Slug and packed evidence of every compiled file that is not retired, sorted."""
        query = "SELECT slug, evidence FROM conformity WHERE evidence != x'' ORDER BY slug"
        return self._rows(query)

    def lines(self, service: Service) -> list[bytes]:
        """Every compiled line of the share of `service`, in the order of the slugs."""
        return [line for (line,) in self._rows(f"SELECT line FROM {service} ORDER BY slug")]  # noqa: S608

    def revision(self, service: Service) -> bytes | None:
        """Another value after each change of :meth:`lines`; None when nothing is compiled."""
        return self.get(f"revision of {service}")

    def line(self, slug: str, service: Service) -> bytes | None:
        """One compiled line."""
        rows = self._rows(f"SELECT line FROM {service} WHERE slug = ?", (slug,))  # noqa: S608
        return rows[0][0] if rows else None

    def store_examined(self, rows: Iterable[ExaminedRow], gone: Iterable[str] = ()) -> str | None:
        """Keep `rows` and forget the slugs in `gone`; SQLite's reason when that failed."""

        def store() -> None:
            self._many("REPLACE INTO examined VALUES (?, ?, ?)", rows)
            self._many("DELETE FROM examined WHERE slug = ?", ((slug,) for slug in gone))

        return self._stored(store)

    def store_compiled(self, rows: list[CompiledRow]) -> str | None:
        """Keep `rows`; SQLite's reason when that failed."""

        def store() -> None:
            self._many("REPLACE INTO compiled VALUES (?, ?, ?)", (row[:3] for row in rows))
            evidences = ((row.slug, row.evidence) for row in rows)
            self._many("REPLACE INTO conformity VALUES (?, ?)", evidences)
            self._change("mail", _NEW_LINE, ((row.slug, row.mail) for row in rows))
            self._change("dns", _NEW_LINE, ((row.slug, row.dns) for row in rows))
            self._change("web", _NEW_LINE, ((row.slug, row.web) for row in rows))
            self._change("tls", _NEW_LINE, ((row.slug, row.tls) for row in rows if row.tls))
            lines = ((row.slug, row.groupware) for row in rows if row.groupware)
            self._change("groupware", _NEW_LINE, lines)
            self._change("desk", _NEW_LINE, ((row.slug, row.desk) for row in rows if row.desk))

        return self._stored(store)

    def forget_compiled(self, slugs: Iterable[str]) -> str | None:
        """Forget what was compiled from files that are gone; SQLite's reason when that failed."""
        gone = [(slug,) for slug in slugs]

        def store() -> None:
            self._many("DELETE FROM compiled WHERE slug = ?", gone)
            self._many("DELETE FROM conformity WHERE slug = ?", gone)
            for service in (*SERVICES, _GROUPWARE):
                self._change(service, "DELETE FROM {table} WHERE slug = ?", gone)

        return self._stored(store)

    def _stored(self, store: Callable[[], None]) -> str | None:
        """Store in one transaction; a full disk makes a run slower, or ends it where it must."""
        try:
            with self._database:
                store()
        except sqlite3.Error as error:
            return str(error)
        return None

    def _change(self, service: Service, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        before = self._database.total_changes
        self._many(statement.format(table=service), rows)
        if self._database.total_changes > before:
            # Random, so that a cache made anew is never taken for the one before it.
            revision = (f"revision of {service}", secrets.token_bytes(16))
            self._database.execute("REPLACE INTO whole VALUES (?, ?)", revision)

    def _many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._database.executemany(statement, rows)

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
