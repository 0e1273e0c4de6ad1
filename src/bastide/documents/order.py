# SPDX-License-Identifier: GPL-3.0-or-later
"""Order of keys in a canonical file, given by who knows the fields (the schema floor)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class KeyOrder:
    """Known keys of a mapping in their order, each with the order of what is below.

    `each` is the order inside list items and inside the values of free keys, which keep
    the order they were written in.
    """

    keys: dict[str, KeyOrder] = field(default_factory=dict)
    each: KeyOrder | None = None

    def below(self, key: str) -> KeyOrder | None:
        """Order inside the value of `key`."""
        return self.keys.get(key, self.each)
