# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden cases: what the engine tells of a preview or a run, and what Bastide's plan makes of it.

Each folder of tests/data/pulumi holds events.jsonl, one event of `pulumi … --event-log` a line, and
outcome.json.  BASTIDE_GOLDEN=write writes the outcomes anew; read the difference before you commit
it.  Every event is read by the SDK's own classes as well, and must come to the same.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.targets.pulumi.events import outcome_of

CASES = Path(__file__).parents[2] / "data" / "pulumi"
SIREN = "214600421"


def events_of(case):
    lines = (CASES / case / "events.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_golden_events(case):
    outcome = asdict(outcome_of(events_of(case), SIREN))
    text = json.dumps(outcome, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    golden = CASES / case / "outcome.json"
    if os.environ.get("BASTIDE_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_the_sdk_reads_the_same_events_to_the_same_outcome(case):
    from pulumi.automation.events import EngineEvent

    from bastide.targets.pulumi.stack import as_event

    read = [as_event(EngineEvent.from_json(event)) for event in events_of(case)]
    assert outcome_of(read, SIREN) == outcome_of(events_of(case), SIREN)


@given(st.permutations(range(12)))
def test_the_order_of_events_does_not_matter(order):
    events = events_of("002-one-value-of-a-set-changes-and-noise")
    shuffled = [events[place] for place in order if place < len(events)]
    rest = events[len(order) :]
    assert outcome_of([*shuffled, *rest], SIREN).changes == outcome_of(events, SIREN).changes
