# SPDX-License-Identifier: GPL-3.0-or-later
"""Contrast by WCAG 2.1; the expected ratios are those of the W3C's own examples."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import guichet
from guichet.tenancy.contrast import ENOUGH, WHITE, contrast
from guichet.tenancy.theme import ACCENT, PRIMARY

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        # Understanding SC 1.4.3: #777777 is just below, #767676 just above.
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
    ],
)
def test_contrast_is_that_of_the_standard(one, other, expected):
    assert round(contrast(one, other), 2) == expected


@given(COLOURS, COLOURS)
def test_contrast_has_no_direction_and_stays_in_its_range(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.0001


def test_the_colours_of_the_desk_itself_are_within_the_rules():
    sheet = (Path(guichet.__file__).parent / "styles" / "desk.css").read_text("utf-8")
    named = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", sheet))
    assert named["primary"] == PRIMARY
    assert named["accent"] == ACCENT
    for name in ("primary", "accent", "soft", "ink", "bad", "good"):
        colour = named.get(name, "#555555")
        assert contrast(colour, WHITE) >= ENOUGH, name
        assert contrast(colour, named["tint"]) >= ENOUGH, f"{name} on the tint"
    # RGAA 3.3: what frames an input needs 3 to 1.
    assert contrast(named["line"], WHITE) >= 3
