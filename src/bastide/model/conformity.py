# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator knows about conformity that neither charters nor servers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Conformity:
    """`mail_country` is where the mail servers stand (ISO 3166), None when nobody says so.

    `generic` corrects the dated lists of generic domains: a domain → whether it is one.
    """

    mail_country: str | None = None
    generic: Mapping[str, bool] = field(default_factory=dict)
