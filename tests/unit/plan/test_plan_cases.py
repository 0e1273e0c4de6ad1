# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden cases: a plan, and how each reader sees it.

Each folder of tests/data/plan holds plan.yml, the changes of one commune in short form, and
plan.txt, plan.md (English), plan.fr.txt, plan.fr.md and gitlab.json.  BASTIDE_GOLDEN=write
writes the renderings anew; read the difference before committing it.
"""

import os
from pathlib import Path

import pytest
import yaml

from bastide.plan import Plan, as_gitlab, as_markdown, as_text
from bastide.plan.plan import Breach, GradeChange, LeftAlone, PlannedChange, Unanswered

CASES = Path(__file__).parents[2] / "data" / "plan"
HOSTS = {"dns": "ns", "mail": "mail", "web": "web"}
COMMUNE = {
    "collectivity": "46/albas",
    "siren": "214600017",
    "file": "collectivities/46/albas.yml",
}


def plan_of(case):
    short = yaml.safe_load((CASES / case / "plan.yml").read_text("utf-8"))
    return Plan(
        environment="lab",
        commit="abc",
        scope=[],
        changes=sorted(
            PlannedChange(**COMMUNE, host=HOSTS[c["service"]], **c) for c in short["changes"]
        ),
        left_alone=[LeftAlone(**entry) for entry in short.get("left_alone", ())],
        unanswered=[Unanswered(**entry) for entry in short.get("unanswered", ())],
        breaches=[Breach(**entry) for entry in short.get("breaches", ())],
        conformity=[GradeChange(**entry) for entry in short.get("conformity", ())],
    )


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_golden_plan(case):
    plan = plan_of(case)
    renderings = {
        "plan.txt": as_text(plan, "en"),
        "plan.fr.txt": as_text(plan, "fr"),
        "plan.md": as_markdown(plan, "en"),
        "plan.fr.md": as_markdown(plan, "fr"),
        "gitlab.json": as_gitlab(plan),
    }
    for name, text in renderings.items():
        golden = CASES / case / name
        if os.environ.get("BASTIDE_GOLDEN") == "write":
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8"), name
