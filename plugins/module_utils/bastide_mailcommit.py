# SPDX-License-Identifier: GPL-3.0-or-later
"""A transaction on the mail directory that tables of Postfix are made with: both stay, or neither.

What is noted in it is what will lie there.  The caller puts the tables in place once it is
committed (`bastide_postmaps.put_in_place`); killed in between, the next run of
bastide_mail_directory finds other files than noted and makes them again.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils import bastide_revision
from ansible.module_utils.bastide_directory import read_rows, write_meta


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block writes, also when it returns from within.

    When it fails, rows are as before and the tables that it prepared are gone; what went wrong
    is raised on.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        postmaps.discard()
        raise


def prepare_tables(connection: sqlite3.Connection) -> None:
    """Compile all tables of the rows in the caller's transaction, as the last word of it.

    Raises:
        HostError, OSError: As `bastide_postmaps.prepare`.
    """
    files = postmaps.prepare(read_rows(connection))
    made = postmaps.compiled_from(bastide_revision.read(connection), files)
    write_meta(connection, "maps", made)
