# SPDX-License-Identifier: GPL-3.0-or-later
"""Of whom nothing was left to do, so that neither their lines nor their rows are read again.

A collectivity is settled when a survey of its line of the share and its rows of the directory
found nothing to change, nothing that failed, nothing left alone and nothing that waits for a
day.  That still holds as long as line, rows and program are the same: the note says by which
digest, revision and program.  It lies in the directory, in the transaction that settled it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_revision import Revision
from ansible.module_utils.bastide_share import Check, Share, read_share
from ansible.module_utils.bastide_succession import RENAMED

KEY = "settled"

Totals = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Note:
    """Who is settled.

    - `lines`: SIREN by the digest of its line
    - `totals`: what stands on the host for each of them, by kind
    - `others`: SIREN that have rows and are not settled
    """

    lines: dict[str, str]
    totals: Totals
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class Look:
    """What a survey has to look at: `share` and the rows of `sirens`; None for all of both."""

    share: Share
    note: Note | None
    sirens: frozenset[str] | None


def program(*names: str) -> str:
    """Digest of the program that judges: of the source of these modules."""
    found = hashlib.sha256()
    for name in names:
        spec = sys.modules[name].__spec__
        source = spec.loader.get_source(spec.name) if spec and spec.loader else None
        found.update((source or "").encode())
    return found.hexdigest()


def read_note(connection: sqlite3.Connection, revision: Revision | None, judge: str) -> Note | None:
    """The note; None when it is of another state of the directory or another program."""
    noted = directory.read_meta(connection, KEY)
    if revision is None or not isinstance(noted, dict):
        return None
    if (noted.get("revision"), noted.get("program")) != (revision.surveyed, judge):
        return None
    rows = connection.execute("SELECT siren, line, totals FROM settled").fetchall()
    if noted.get("count") != len(rows):
        return None  # somebody emptied the table, which then says nothing of who is gone
    return Note(
        {line: siren for siren, line, _ in rows},
        {siren: json.loads(totals) for siren, _, totals in rows},
        frozenset(noted["others"]),
    )


def look(
    connection: sqlite3.Connection, note: Note | None, path: Path, checks: Mapping[str, Check]
) -> Look:
    """Read of the share what is not settled.

    Raises:
        BadShare: As `read_share`.
        OSError: When the share cannot be read.
    """
    if note is None:
        return Look(read_share(path, "mail", checks), None, None)
    share = read_share(path, "mail", checks, note.lines)
    gone = note.lines.keys() - set(share.lines)
    unsettled = {note.lines[line] for line in gone} | note.others | share.line_of.keys()
    passed_over = {note.lines[line] for line in share.lines if line in note.lines}
    if len(set(share.lines)) < len(share.lines) or passed_over & share.line_of.keys():
        # The same SIREN twice: read in full, the share is refused with the place.
        return Look(read_share(path, "mail", checks), None, None)
    # Somebody settled holds an address that is named here: both are to be looked at.
    touched = directory.owners_of(connection, _named(share)) - unsettled
    if touched:
        known = {line for line, siren in note.lines.items() if siren not in touched}
        share = read_share(path, "mail", checks, known)
    return Look(share, note, frozenset(unsettled | touched))


def _named(share: Share) -> list[str]:
    renamed = ((a.partition(":")[0], b) for a, (_, b) in share.resources.items() if RENAMED in b)
    former = [f"{kind}:{body[RENAMED]}" for kind, body in renamed]
    return [*share.resources, *share.unusable, *former]


def count(connection: sqlite3.Connection, seen: Look) -> Totals:
    """What stands on the host, by SIREN and kind: counted of those looked at, else as noted."""
    found: Totals = {}
    for kind, siren, number in directory.count_rows(connection, seen.sirens):
        found.setdefault(siren, {})[kind] = number
    if seen.note is not None and seen.sirens is not None:
        found |= {s: one for s, one in seen.note.totals.items() if one and s not in seen.sirens}
    return found


def at_rest(found: Survey) -> dict[str, str]:
    """SIREN → digest of its line, of those in whom a survey found nothing to do or to tell."""
    lines = found.share.line_of.items()
    return {s: line for s, line in lines if found.in_scope(s) and s not in found.restless}


def note(
    connection: sqlite3.Connection,
    judge: str,
    revision: Revision,
    seen: Look,
    resting: Mapping[str, str],
    present: Collection[str],
) -> None:
    """Note in the caller's transaction who is settled; whoever was not looked at stays so.

    Args:
        connection: The directory.
        judge: Digest of the program.
        revision: The state that the survey was of.
        seen: What it looked at.
        resting: Those at rest, with the digests of their lines.
        present: SIREN of the rows that it looked at.
    """
    if seen.sirens is None:
        connection.execute("DELETE FROM settled")
    else:
        gone = [(siren,) for siren in seen.sirens]
        connection.executemany("DELETE FROM settled WHERE siren = ?", gone)
    totals: Totals = {siren: {} for siren in resting}
    for kind, siren, number in directory.count_rows(connection, set(resting)):
        totals[siren][kind] = number
    connection.executemany(
        "INSERT INTO settled (siren, line, totals) VALUES (?, ?, ?)",
        [(siren, line, json.dumps(totals[siren])) for siren, line in resting.items()],
    )
    ((number,),) = connection.execute("SELECT count(*) FROM settled")
    others = sorted(set(present) - resting.keys())
    facts = {"revision": revision.surveyed, "program": judge, "count": number, "others": others}
    directory.write_meta(connection, KEY, facts)


def is_news(seen: Look, resting: Mapping[str, str], present: Collection[str]) -> bool:
    """Whether a survey that changed nothing settled more or less than was noted."""
    if seen.note is None or seen.sirens is None:
        return True
    lines = {line: siren for line, siren in seen.note.lines.items() if siren not in seen.sirens}
    lines |= {line: siren for siren, line in resting.items()}
    others = set(present) - resting.keys()
    return lines != seen.note.lines or others != seen.note.others
