# SPDX-License-Identifier: GPL-3.0-or-later
"""What a survey of the mail directory found is written: rows, tables, and who is settled now."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils import bastide_revision, bastide_settled
from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_directory_changes import write_changes
from ansible.module_utils.bastide_doveadm import note_logins
from ansible.module_utils.bastide_mailcommit import transaction
from ansible.module_utils.bastide_mailcompare import changes_of
from ansible.module_utils.bastide_reconcile import Change
from ansible.module_utils.bastide_succession import handed_over
from ansible.module_utils.bastide_tablechanges import entries_of

# More changed rows than these, and tables are made whole: it is not slower then.
MOST_IN_PART = 20_000


@dataclass(slots=True)
class Work:
    """What `survey` found out and `converge` needs.

    - `rows`: those of the directory that it looked at
    - `selectors`: DKIM selector of every domain
    - `look`: what it had to look at
    - `revision`: the state of the directory, None when it has none to trust
    - `maps_stale`: the tables are not those of this state
    - `judge`: digest of the program that decides who is settled
    """

    rows: directory.Rows
    selectors: dict[str, str]
    look: bastide_settled.Look
    revision: bastide_revision.Revision | None
    maps_stale: bool
    judge: str


def write(connection: sqlite3.Connection, found: Survey, changes: list[Change]) -> str:
    """Commit the changes and put the tables in place; Postfix's objection, empty for none."""
    work: Work = found.work
    with transaction(connection):
        before = bastide_revision.read(connection)
        # Somebody may have written since the survey, which then says nothing of the others.
        same = before is not None and before == work.revision
        write_changes(connection, changes)
        note_logins(connection, changes)
        look = work.look if same else replace(work.look, sirens=None)
        rows = directory.read_rows(connection, look.sirens)
        now = bastide_revision.read(connection)
        if now is not None and look.sirens == work.look.sirens:
            _settle(connection, found, look, now, rows)
        maps: Any = directory.read_meta(connection, "maps")
        files = postmaps.files_digest()
        if maps == postmaps.compiled_from(now, files):
            return ""
        # What is noted is what will lie there: killed before the renames, the next run
        # finds other files than noted and makes them again.
        touched = {row[0] for row in work.rows.as_set() ^ rows.as_set()} if same else set()
        if same and maps == postmaps.compiled_from(before, files) and len(touched) <= MOST_IN_PART:
            selectors = directory.read_selectors(connection)
            entries = entries_of(connection, touched)
            files = postmaps.prepare_changed(entries, selectors, files)
        else:
            files = postmaps.prepare(directory.read_rows(connection))
        directory.write_meta(connection, "maps", postmaps.compiled_from(now, files))
    return postmaps.put_in_place()


def _settle(
    connection: sqlite3.Connection,
    found: Survey,
    look: bastide_settled.Look,
    revision: bastide_revision.Revision,
    rows: directory.Rows,
) -> None:
    """Note who is settled after what was written, by looking at it once more."""
    again = Survey(share=found.share, scope=found.scope, held=found.held)
    rows.made = directory.made_on(connection, handed_over(found.share.resources))
    changes_of(again, rows)
    resting = bastide_settled.at_rest(again)
    bastide_settled.note(connection, found.work.judge, revision, look, resting, rows.sirens)


def note_settled(connection: sqlite3.Connection, found: Survey) -> None:
    """Note who is settled, after a survey that found nothing to change."""
    work: Work = found.work
    resting, present = bastide_settled.at_rest(found), work.rows.sirens
    if work.revision is None or not bastide_settled.is_news(work.look, resting, present):
        return
    # It saves the next run some work: no room for it is no failure.
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if bastide_revision.read(connection) == work.revision:
                bastide_settled.note(
                    connection, work.judge, work.revision, work.look, resting, present
                )
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
