# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines in the journals of a lab under test that are as they should be, each with its cause."""

from __future__ import annotations

from bastide.targets.journals import Expected

EXPECTED: tuple[Expected, ...] = ()
