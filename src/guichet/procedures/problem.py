# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a definition, as a value: where, in both languages, and the way out."""

from __future__ import annotations

from dataclasses import dataclass

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    `code` is stable (`choices-missing`), `path` leads from the root of the definition to the
    place at fault, as ``("steps", 0, "fields", 2, "when")``.
    """

    code: str
    path: Place
    en: str
    fr: str
    hint_en: str = ""
    hint_fr: str = ""

    @property
    def where(self) -> str:
        """The path as people read it: ``steps[0].fields[2].when``."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text or "."
