# SPDX-License-Identifier: GPL-3.0-or-later
"""One observation from outside: what was asked, what came, and the line that wants it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Check:
    """`subject` is the address of a resource, or a probe's name; `found` says what came."""

    collectivity: str
    service: str
    subject: str
    passed: bool
    wanted: str
    found: str
    file: str = ""
    line: int = 0
