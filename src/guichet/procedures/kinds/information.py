# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `information`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import Kind, Part, Raw, Wrong


class Information(Kind):
    """A text between the fields: `label` is its heading, `help` what it says; asks nothing."""

    name = "information"

    def parts(self, one: Field) -> tuple[Part, ...]:
        """No input."""
        del one
        return ()

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """Never answered."""
        del one, raw
        return None, {}
