# SPDX-License-Identifier: GPL-3.0-or-later
"""What a collectivity wrote to the operator about the renewal of a name.

A record of an act: what it was, the day it was received, by which channel, and the digest of
the letter.  Who signed stands in the letter, which is kept elsewhere.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

NoticeKind = Literal["non_renewal", "withdrawal", "renewal"]
Channel = Literal["letter", "registered", "email"]
Policy = Literal["tacit", "express"]


class Notice(NamedTuple):
    """One act.

    `non_renewal` gives the name up at its term, `withdrawal` takes that back, `renewal` asks for
    one more term where renewal is express.  `evidence` is ``sha256:…`` of the letter, None when
    none is kept; it decides nothing.
    """

    kind: NoticeKind
    received_on: dt.date
    channel: Channel = "letter"
    evidence: str | None = None
