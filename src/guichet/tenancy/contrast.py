# SPDX-License-Identifier: GPL-3.0-or-later
"""The contrast of two colours (WCAG 2.1, "contrast ratio" and "relative luminance")."""

from __future__ import annotations

import re

COLOUR = re.compile(r"#[0-9a-f]{6}\Z")
ENOUGH = 4.5  # WCAG 1.4.3, level AA, text of ordinary size
WHITE = "#ffffff"
_KNEE = 0.04045  # below it, light is in proportion (IEC 61966-2-1)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, from 0 to 1."""
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black and white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _linear(share: float) -> float:
    return share / 12.92 if share <= _KNEE else ((share + 0.055) / 1.055) ** 2.4
