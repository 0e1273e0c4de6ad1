# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference pages of diagnostics say what the program says."""

from __future__ import annotations

import pkgutil
from pathlib import Path

import pytest

import bastide.rules
from bastide.diagnostics import KINDS
from bastide.report.diagnostics import PAGES, diagnostics_reference, read_help, reference_pages

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("page", PAGES.values())
def test_the_committed_page_is_up_to_date(page):
    assert (ROOT / page).read_text() == reference_pages()[page], "run: bastide schema"


@pytest.mark.parametrize("language", PAGES)
def test_every_code_stands_once_on_the_page(language):
    page = diagnostics_reference(language)
    for code in KINDS:
        assert page.count(f"\n| {code} |") == 1


@pytest.mark.parametrize("language", PAGES)
def test_every_rule_has_a_title_and_both_examples(language):
    for found in pkgutil.iter_modules(bastide.rules.__path__, "bastide.rules."):
        module = __import__(found.name, fromlist=["_"])
        if hasattr(module, "check"):
            told = read_help(module.__doc__, language)
            assert told.title
            assert told.wrong
            assert told.right
            assert told.wrong != told.right
