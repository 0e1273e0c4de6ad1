# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of fields, by the name that a definition gives as `type`."""

from __future__ import annotations

from guichet.procedures.kinds.address import Address
from guichet.procedures.kinds.area import Area
from guichet.procedures.kinds.base import Kind, Part, Raw
from guichet.procedures.kinds.checkbox import Checkbox
from guichet.procedures.kinds.choice import Choice
from guichet.procedures.kinds.choices import Choices
from guichet.procedures.kinds.date import Date
from guichet.procedures.kinds.email import Email
from guichet.procedures.kinds.file import File
from guichet.procedures.kinds.identity import Identity
from guichet.procedures.kinds.information import Information
from guichet.procedures.kinds.number import Number
from guichet.procedures.kinds.period import Period
from guichet.procedures.kinds.phone import Phone
from guichet.procedures.kinds.position import Position
from guichet.procedures.kinds.text import Text

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *(Text(), Area(), Email(), Phone(), Date(), Number(), Choice(), Choices(), Checkbox()),
        *(Address(), File(), Identity(), Period(), Position(), Information()),
    )
}

__all__ = ["KINDS", "Kind", "Part", "Raw"]
