# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed from one release to the next, by the digest of each sheet in canonical XML."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

KEPT_DAYS = 31
ChangeRow = tuple[str, str, str, str, str]


def digest_of(root: etree._Element) -> str:
    """The digest of a sheet: SHA-256 over its canonical form (C14N), shortened.

    White space and the order of attributes in the file change nothing; words, links and the
    day of checking do.
    """
    canonical = etree.tostring(root, method="c14n")
    return hashlib.sha256(canonical).hexdigest()[:32]


def changed(
    before: Path | None, digests: Mapping[str, tuple[str, str, str]], day: dt.date
) -> list[ChangeRow]:
    """Changes against the file of the former release, and those that it still knew of.

    `digests` are of the new one: digest, title, themes by identifier.  Nothing for a first
    release: everything would be new.
    """
    if before is None or not before.exists():
        return []
    base = sqlite3.connect(before.as_uri() + "?mode=ro&immutable=1", uri=True)
    try:
        old = {
            identifier: (digest, title, themes)
            for identifier, digest, title, themes in base.execute(
                "SELECT id, digest, title, themes FROM page"
            )
        }
        oldest = (day - dt.timedelta(days=KEPT_DAYS)).isoformat()
        rows: list[ChangeRow] = base.execute(
            "SELECT noticed, id, what, title, themes FROM change WHERE noticed >= ?", (oldest,)
        ).fetchall()
    finally:
        base.close()
    noticed = day.isoformat()
    for identifier, (digest, title, themes) in digests.items():
        known = old.get(identifier)
        if known is None:
            rows.append((noticed, identifier, "added", title, themes))
        elif known[0] != digest:
            rows.append((noticed, identifier, "changed", title, themes))
    for identifier, (_, title, themes) in old.items():
        if identifier not in digests:
            rows.append((noticed, identifier, "removed", title, themes))
    return rows
