# SPDX-License-Identifier: GPL-3.0-or-later
"""What is generated from the schemas is up to date, and agrees with them."""

import jsonschema
import pytest
from mutations import mutants

from bastide.schema import generated_files, json_schema
from bastide.schema.editors import example_value
from bastide.schema.validator import StructureValidator, make_validator


def test_generated_files_are_up_to_date(root, schemas):
    for name, text in generated_files(schemas).items():
        assert (root / name).read_text(encoding="utf-8") == text, f"run bastide schema: {name}"


@pytest.mark.parametrize("name", ["collectivity", "platform", "catalog"])
def test_json_schema_agrees_with_cerberus(name, schemas, good):
    """But for what JSON Schema leaves to Cerberus: texts of IP addresses."""
    schema = getattr(schemas, name)
    described = json_schema(schema)
    jsonschema.Draft7Validator.check_schema(described)
    editor, validator = jsonschema.Draft7Validator(described), make_validator(schema)
    assert editor.is_valid(good[name])
    for mutant in mutants(good[name], 500, seed=48):
        valid = validator.validate(mutant, normalize=False)
        if editor.is_valid(mutant) == valid:
            continue
        assert not valid, mutant
        assert "ip_address" in str(validator.errors), (mutant, validator.errors)


def test_every_field_is_described_in_both_languages(schemas):
    for schema in (schemas.collectivity, schemas.platform):
        for path, rules in schema.walk():
            plain = path[-1] in {"[]", "*"} or path[:2] == ("dns", "soa") or path[0] == "safety"
            meta = rules.get("meta", {})
            assert plain or (meta.get("description") and meta.get("description_fr")), path


def test_every_example_is_accepted_where_it_stands(schemas):
    for schema in (schemas.collectivity, schemas.platform):
        plain = schema.cerberus()
        for path, _ in schema.walk():
            rules = plain_rules(plain, path)
            if rules is None or "example" not in rules.get("meta", {}):
                continue
            alone = {k: v for k, v in rules.items() if k != "dependencies"}
            validator = StructureValidator({"x": alone})
            value = example_value(rules["meta"]["example"])
            assert validator.validate({"x": value}, normalize=False), (path, validator.errors)


def plain_rules(fields, path):
    """Rules at `path` of written-out Cerberus `fields`; None inside definitions' recursion."""
    rules = {"type": "dict", "schema": fields}
    for step in path:
        if step == "*":
            rules = rules.get("valuesrules")
        elif step == "[]":
            rules = rules.get("schema")
        else:
            rules = rules["schema"].get(step)
        if rules is None:
            return None
    return rules
