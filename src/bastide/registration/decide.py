# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a name is renewed at its term: the rule of the convention as a pure function.

Renewal is tacit unless the collectivity gave written notice at least two months before the
term.  What counts is the day of receipt, the last day included.  A notice that came too late
does not end this term, it ends the next; a withdrawal counts whenever it came, since it asks
for what happens anyway.  Where renewal is express nothing is renewed unless it was asked for
within the term, and nothing lapses by silence either: it stays to be decided.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence

from bastide.registration.days import months_before, notice_deadline
from bastide.registration.expiry import Expiry
from bastide.registration.notice import Notice, Policy

_TERM_MONTHS = 12


class Decision(enum.StrEnum):
    """What is to happen at the term."""

    RENEW = "renew"
    LAPSE = "lapse"
    # Until the deadline the collectivity may still write, so nothing is decided.
    PENDING = "pending"
    # Renewed, because the notice came too late; it counts for the next term.
    LATE_NOTICE = "late_notice"
    # The sources disagree about the term: nobody acts before a person has looked.
    CONFLICT = "conflict"

    @property
    def renews(self) -> bool:
        """True when the name is kept for one more term."""
        return self in {Decision.RENEW, Decision.LATE_NOTICE}


def decide(
    expiry: Expiry, notices: Sequence[Notice], today: dt.date, policy: Policy = "tacit"
) -> Decision:
    """The decision for the term that ends at `expiry`, as of `today`.

    `notices` in the order of the file, which counts where two came on one day; those dated
    after `today` are not there yet.  ``ValueError`` when no source knows the term.
    """
    term = expiry.day
    if term is None:
        raise ValueError("no source knows the term")
    if expiry.conflict:
        return Decision.CONFLICT
    deadline = notice_deadline(term)
    standing = _standing(notices, today)
    refusals = [notice for notice in standing if notice.kind == "non_renewal"]
    if any(notice.received_on <= deadline for notice in refusals):
        return Decision.LAPSE
    if policy == "express":
        begin = months_before(term, _TERM_MONTHS)
        asked = any(n.kind == "renewal" and n.received_on > begin for n in standing)
        return Decision.RENEW if asked else Decision.PENDING
    if refusals:
        return Decision.LATE_NOTICE
    return Decision.PENDING if today <= deadline else Decision.RENEW


def _standing(notices: Sequence[Notice], today: dt.date) -> list[Notice]:
    """Acts that no later withdrawal has undone, the oldest first."""
    received = sorted((n for n in notices if n.received_on <= today), key=lambda n: n.received_on)
    undone = max((i for i, n in enumerate(received) if n.kind == "withdrawal"), default=-1)
    return [
        notice
        for index, notice in enumerate(received)
        if index > undone or notice.kind == "renewal"
    ]
