# SPDX-License-Identifier: GPL-3.0-or-later
"""Each code is found where it should be, and nothing else, through loader and schema."""

from __future__ import annotations

import pytest
from rule_cases import expected, folders, judge

import bastide.rules  # noqa: F401 - declares the kinds
from bastide.diagnostics import KINDS

CODES = sorted(code for code in KINDS if code.startswith("R"))


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_the_fleet_of_the_case_gives_the_expected_diagnostics(folder):
    assert judge(folder) == expected(folder)


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_the_case_shows_its_code_at_a_place_and_passes_the_schema(folder):
    found = expected(folder)
    own = [one for one in found if one["code"] == folder.name.partition("-")[0]]
    assert own
    assert all(one["line"] > 0 and one["column"] > 0 for one in own)
    assert all(one["code"].startswith("R") for one in found)


def test_each_code_has_one_case():
    assert [folder.name.partition("-")[0] for folder in folders()] == CODES


@pytest.mark.parametrize("code", CODES)
def test_texts_are_whole_in_both_languages(code):
    kind = KINDS[code]
    for text in (kind.message, kind.hint):
        assert text.en != text.fr
        for language in (text.en, text.fr):
            assert language.strip() == language != ""
    assert not kind.message.en.endswith(".")
    assert not kind.message.fr.endswith(".")
    assert kind.hint.en[0].isupper()
    assert kind.hint.fr.endswith(".")
    assert kind.hint.en.endswith(".")
