# SPDX-License-Identifier: GPL-3.0-or-later
"""One small broken file for each thing that can be wrong, and what is said of it.

BASTIDE_GOLDEN=write writes the expectations anew; read the difference before committing it.
"""

import json
import os

import pytest
from charters import ROOT

import bastide.documents.layout
from bastide.diagnostics import KINDS
from bastide.documents import read_file
from bastide.schema import Schemas

CASES = ROOT / "tests" / "data" / "documents"
NAMES = sorted(path.stem for path in CASES.glob("*.broken"))

# Findings about the file itself, the schemas and the formatter have tests of their own; S229 is
# for rules of Cerberus that no schema uses yet.
ELSEWHERE = {"D101", "D102", "D103", "D104", "D140", "S229", "S290"}


@pytest.fixture(scope="module")
def schemas():
    return Schemas.load(ROOT / "schemas")


def findings(name, schemas):
    document, found = read_file(CASES / f"{name}.broken", f"{name}.yml")
    if document is not None:
        platform = "platform" in name
        check = schemas.check_platform if platform else schemas.check_collectivity
        found = [*found, *check(document)]
    return [
        {
            "code": d.code,
            "line": d.line,
            "column": d.column,
            "path": d.path,
            "en": f"{d.message('en')} {d.hint('en')}",
            "fr": f"{d.message('fr')} {d.hint('fr')}",
        }
        for d in found
    ]


@pytest.mark.parametrize("name", NAMES)
def test_golden(name, schemas):
    found = findings(name, schemas)
    golden = CASES / f"{name}.json"
    if os.environ.get("BASTIDE_GOLDEN") == "write":
        text = json.dumps(found, ensure_ascii=False, indent=1)
        golden.write_text(text + "\n", encoding="utf-8")
    assert found == json.loads(golden.read_text(encoding="utf-8"))
    assert name[:4] in {d["code"] for d in found}


def test_every_kind_has_a_case():
    assert bastide.documents.layout.LOSSY.code in KINDS
    declared = {code for code in KINDS if code[0] in "DS"}
    assert declared - ELSEWHERE == {name[:4] for name in NAMES}


def test_no_text_leaves_a_fact_unfilled(schemas):
    for name in NAMES:
        for diagnostic in findings(name, schemas):
            for language in ("en", "fr"):
                assert "{example}" not in diagnostic[language], name
                assert "{description" not in diagnostic[language], name
                assert "{text}" not in diagnostic[language], name
