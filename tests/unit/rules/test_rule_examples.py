# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the rules' help are true: the wrong one is refused, the right one passes."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from rules_bench import findings

import bastide.rules
from bastide.diagnostics import Kind, Severity

MODULES = [
    importlib.import_module(f"bastide.rules.{module.name}")
    for module in pkgutil.iter_modules(bastide.rules.__path__)
]
RULES = [module for module in MODULES if hasattr(module, "check")]


def kinds_of(module):
    return {
        value.code
        for name, value in vars(module).items()
        if isinstance(value, Kind) and name.isupper()
    }


def example(module, which):
    return module.__doc__.partition(f"\n{which}:\n\n```yaml\n")[2].partition("```")[0]


@pytest.mark.parametrize("module", RULES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_wrong_example_is_found_wrong(module):
    found = {finding.kind.code for _, finding in findings(example(module, "Wrong"))}
    assert found & kinds_of(module), "the wrong example is accepted"


@pytest.mark.parametrize("module", RULES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_right_example_has_no_error_and_passes_its_rule(module):
    found = findings(example(module, "Right"))
    unwanted = [
        (slug, f.kind.code, f.path)
        for slug, f in found
        if f.kind.severity is Severity.ERROR or f.kind.code in kinds_of(module)
    ]
    assert unwanted == []


def test_every_rule_file_is_listed():
    listed = {*bastide.rules.LOCAL_RULES, *bastide.rules.FLEET_RULES}
    assert {module.check for module in RULES} == listed
