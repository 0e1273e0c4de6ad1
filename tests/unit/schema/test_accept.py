# SPDX-License-Identifier: GPL-3.0-or-later
"""The compiled accept function never accepts what Cerberus refuses.

``BASTIDE_MUTANTS=20000`` makes the long run; the seeds are fixed.
"""

import copy
import os

import pytest
from cerberus import SchemaError, Validator
from mutations import mutants

from bastide.schema.accept import compile_accept, compile_rules
from bastide.schema.definition import Schema
from bastide.schema.validator import StructureValidator, make_validator

COUNT = int(os.environ.get("BASTIDE_MUTANTS", "1500"))


@pytest.mark.parametrize("name", ["collectivity", "platform", "catalog"])
def test_accept_implies_that_cerberus_accepts(name, schemas, good):
    schema = getattr(schemas, name)
    accept, validator = compile_accept(schema), make_validator(schema)
    assert accept(good[name])
    needless = invalid = 0
    for mutant in mutants(good[name], COUNT, seed=46):
        valid = validator.validate(mutant, normalize=False)
        invalid += not valid
        if accept(mutant):
            assert valid, (mutant, validator.errors)
        elif valid:
            needless += 1
    assert invalid > COUNT // 3, "the mutants are too tame to prove anything"
    assert needless < COUNT // 50, "asking Cerberus in vain too often"


def test_our_validator_gives_the_verdict_of_plain_cerberus(schemas, good):
    """Ours leaves out Cerberus' error trees; the verdict must not depend on them."""
    schema = schemas.collectivity
    ours = make_validator(schema)

    class Plain(Validator):
        types_mapping = StructureValidator.types_mapping
        _check_with_single_key = StructureValidator._check_with_single_key  # noqa: SLF001
        _check_with_ip_address = StructureValidator._check_with_ip_address  # noqa: SLF001

    plain = Plain(schema.cerberus())
    for mutant in mutants(good["collectivity"], 300, seed=47):
        verdict = plain.validate(mutant, normalize=False)
        assert ours.validate(mutant, normalize=False) == verdict
        assert ours.errors == plain.errors


@pytest.mark.parametrize(
    ("rules", "values"),
    [
        ({"type": "string", "anyof": [{"regex": "a"}, {"regex": "b"}]}, ["a", "b", "c", 1]),
        ({"type": "list", "items": [{"type": "string"}, {"type": "integer"}]}, [["a", 1], [1]]),
        ({"type": "string", "forbidden": ["x"]}, ["x", "y"]),
        ({"type": "float"}, [1.5, 1, "x", True]),
        ({"type": "dict", "allow_unknown": True, "schema": {"a": {"type": "string"}}}, [{"b": 1}]),
        ({"type": "list", "allowed": ["a", "b"]}, [["a"], ["c"], []]),
        ({"type": ["string", "integer"], "regex": "a+", "min": 3}, ["a", "b", 2, 4, None]),
        ({"type": "dict", "schema": {"a": {"excludes": "b"}, "b": {}}}, [{"a": 1}, {"b": 2}]),
        ({"type": "string", "nullable": True, "allowed": ["x"]}, [None, "x", "y"]),
        ({"type": "boolean"}, [True, 1, "true"]),
        ({"type": "integer"}, [True, 1, 1.0]),
        ({"type": "string", "empty": False}, ["", "x"]),
    ],
)  # fmt: skip
def test_rules_that_are_not_compiled_are_left_to_cerberus(rules, values):
    accept = compile_rules(copy.deepcopy(rules))
    validator = StructureValidator({"x": {**copy.deepcopy(rules), "required": True}})
    for value in values:
        assert accept(value) == validator.validate({"x": value}, normalize=False), value


@pytest.mark.parametrize(
    "rules",
    [
        {"type": "strnig"},
        {"type": "string", "regexp": "x"},
        {"type": "string", "allowed": "commune"},
        {"type": "integer", "min": "1", "minlength": "x"},
        {"type": "string", "required": "yes"},
        {"type": "string", "check_with": "nobody"},
        {"type": "dict", "schema": {"a": "nothing"}},
    ],
)
def test_a_wrong_schema_is_not_compiled_but_refused(rules):
    with pytest.raises((SchemaError, KeyError)):
        compile_accept(Schema("x", "", "", {"field": rules}))


def test_a_final_line_feed_is_refused(schemas, good):
    """Cerberus' own regex lets it through where a pattern ends with $ or nothing."""
    accept = compile_accept(schemas.collectivity)
    data = copy.deepcopy(good["collectivity"])
    data["site"]["domain"] = "www.cahors.fr\n"
    assert not accept(data)
    assert not make_validator(schemas.collectivity).validate(data, normalize=False)
