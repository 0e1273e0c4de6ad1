# SPDX-License-Identifier: GPL-3.0-or-later
"""The run lock and the ledger together: nobody orders without both."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bastide.apply.apply import note_interruption
from bastide.apply.lock import run_lock, who
from bastide.apply.registrars.ledger import Ledger
from bastide.diagnostics import RunFailed, has_errors
from bastide.fleet import Fleet
from bastide.journal import journal_of

_WAIT = 60


@contextlib.contextmanager
def session(fleet: Fleet) -> Iterator[Ledger]:
    """Hold the lock of applies and give the ledger.

    ``RunFailed`` when another run holds it, or the chain of the journal is broken.
    """
    repository = fleet.repository
    with run_lock(repository.state / "apply.lock", _WAIT):
        journal = journal_of(repository, fleet.platform)
        # What was ordered is known from it: where it was altered, nobody can tell what was.
        found = journal.check(repository.relative(journal.path))
        if has_errors(found):
            raise RunFailed(*found)
        # An apply that was killed is told by the last entry, which ours would hide.
        note_interruption(journal)
        yield Ledger(journal, who(), repository.environment)
