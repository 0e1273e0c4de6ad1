# SPDX-License-Identifier: GPL-3.0-or-later
"""The renewal of names as pure functions of dates: deadlines, decisions, states."""

from bastide.registration.days import PARIS, months_before, notice_deadline, paris_date
from bastide.registration.decide import Decision, decide
from bastide.registration.expiry import Expiry
from bastide.registration.milestones import Milestone, Occasion, milestones
from bastide.registration.notice import Channel, Notice, NoticeKind, Policy
from bastide.registration.states import (
    Outcome,
    Standing,
    State,
    Step,
    outcome_of,
    state_of,
    steps,
)

__all__ = [
    "PARIS",
    "Channel",
    "Decision",
    "Expiry",
    "Milestone",
    "Notice",
    "NoticeKind",
    "Occasion",
    "Outcome",
    "Policy",
    "Standing",
    "State",
    "Step",
    "decide",
    "milestones",
    "months_before",
    "notice_deadline",
    "outcome_of",
    "paris_date",
    "state_of",
    "steps",
]
