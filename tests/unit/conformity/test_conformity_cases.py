# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden cases: a charter, and how its conformity is predicted and shown.

Each folder of tests/data/conformity holds charter.yml and perhaps platform.yml (else the one of
all); expected.txt has both modes, in French and in English, and expected.md the Markdown of the
first.  BASTIDE_GOLDEN=write writes them anew; read the difference before committing it.
"""

import json
import os
from pathlib import Path

import pytest

from bastide.conformity.generic import Generic
from bastide.conformity.grade import grade
from bastide.conformity.predict import predict_compiled
from bastide.conformity.serving import serving_of
from bastide.desired.compiler import Compiler
from bastide.documents import read_file
from bastide.model import build_collectivity, build_platform
from bastide.report.conformity import Conformity
from bastide.report.conformity_json import as_json
from bastide.report.conformity_markdown import as_markdown
from bastide.report.conformity_text import as_text
from bastide.schema import Schemas

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests/data/conformity"
SCHEMAS = Schemas.load(ROOT / "schemas")


def conformity(case, mode):
    own = CASES / case / "platform.yml"
    document, found = read_file(own if own.exists() else CASES / "platform.yml", "platform.yml")
    assert [*found, *SCHEMAS.check_platform(document)] == []
    platform = build_platform("platform.yml", document.data)
    serving = serving_of(platform)
    if not (CASES / case / "certificates-of-the-platform-alone").exists():
        serving = serving._replace(https=True)
    document, found = read_file(CASES / case / "charter.yml", "charter.yml")
    assert [*found, *SCHEMAS.check_collectivity(document)] == []
    collectivity = build_collectivity(case, "charter.yml", document.data, document.line)
    compiled = Compiler(platform).compile(collectivity, "La Ville")
    evidence = predict_compiled(collectivity, compiled, platform, serving)
    assert type(evidence).unpack(evidence.pack()) == evidence
    generic = Generic(platform.shared_domains, platform.conformity.generic)
    return Conformity(case, grade(evidence, mode, generic))


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.is_dir()))
def test_golden(case):
    anct, strict = conformity(case, "anct"), conformity(case, "strict")
    renderings = {
        "expected.txt": "".join(
            [*as_text([anct], "fr", whole=True), *as_text([strict], "en", whole=True)]
        ),
        "expected.md": "".join(as_markdown([anct], "anct", "fr", whole=True)),
    }
    for name, text in renderings.items():
        golden = CASES / case / name
        if os.environ.get("BASTIDE_GOLDEN") == "write":
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8"), name


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.is_dir()))
def test_the_json_says_as_much(case):
    one = conformity(case, "anct")
    data = json.loads("".join(as_json([one], "anct", "en")))
    [shown] = data["collectivities"]
    report = shown["predicted"]
    assert {c: v["state"] for c, v in report["criteria"].items()} == {
        **one.predicted.verdicts.criteria
    }
    assert report["grades"] == {**one.predicted.verdicts.grades}
    assert len(report["issues"]) == len(one.predicted.found)
    assert all(issue["text"] and issue["fix"] for issue in report["issues"])
    assert "observed" not in shown
