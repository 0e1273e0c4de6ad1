# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that only a host gives, and stacks that cannot be run: what comes of them."""

from dataclasses import replace

import pytest
from stack_graphs import SIREN, line

from bastide.diagnostics import RunFailed, diagnose
from bastide.targets.pulumi.faults import RUN_FAILED
from bastide.targets.pulumi.graph import ZonePolicy
from bastide.targets.pulumi.stacks import Stacks

pytestmark = pytest.mark.slow

A = {"name": "www", "type": "A", "rdata": ["192.0.2.7"]}
KEY = {"name": "b2026._domainkey", "type": "TXT", "pending": "dkim:cahors.fr"}
KEY_SET = "rrset:b2026._domainkey.cahors.fr./TXT"
VALUES = {"dkim:cahors.fr": "v=DKIM1; k=rsa; p=AA=="}


@pytest.fixture
def stacks(setup, inline):
    return lambda **more: Stacks(replace(setup, **more), run=inline)


def of(result, address):
    return next((one for one in result.data["changes"] if one["address"] == address), None)


def test_a_key_made_in_the_same_run_is_published_by_it_and_the_plan_still_fits(stacks, cloud):
    one = stacks()
    planned = one.observe([line(A, KEY)], {})
    assert of(planned, KEY_SET)["after"] == {"pending": "dkim:cahors.fr"}
    one.observe([line(A, KEY)], VALUES)
    made = one.converge(planned.data["digest"])
    assert not made.stale
    assert of(made, KEY_SET)["after"]["rdata"] == ['"v=DKIM1; k=rsa; p=AA=="']
    # Known or not, a key that is published stays, and is no change.
    for values in ({}, VALUES):
        assert of(stacks().observe([line(A, KEY)], values), KEY_SET) is None
    other = stacks()
    seen = other.observe([line({**A, "rdata": ["192.0.2.8"]}, KEY)], {})
    other.converge(seen.data["digest"])
    kinds = [kind for kind, _, _ in cloud.records("cahors.fr")]
    assert kinds == ["A", "TXT"]


def test_a_stack_with_an_input_that_would_be_refused_is_not_run(stacks, cloud):
    one = stacks(policy=ZonePolicy(5))
    seen = one.observe([line(A)], {})
    assert [(f["address"], f["error"]) for f in seen.failed] == [
        ("zone:cahors.fr", "account.id 5 is no string")
    ]
    assert of(seen, "zone:cahors.fr")["action"] == "create"
    made = one.converge(seen.data["digest"])
    assert made.failed == seen.failed
    assert (made.changes, cloud.calls) == ([], [])


def test_a_record_that_cloudflare_has_no_kind_for_is_told(stacks):
    seen = stacks().observe([line({"name": "x", "type": "HINFO", "rdata": ['"a" "b"']})], {})
    assert seen.failed[0]["address"] == f"stack:{SIREN}"
    assert "HINFO" in seen.failed[0]["error"]


def test_a_zone_that_cannot_be_looked_at_fails_alone(setup, inline):
    def look(domain):
        raise RunFailed(diagnose(RUN_FAILED, "", stack=SIREN, reason="no answer", log="-"))

    seen = Stacks(setup, look, run=inline).observe([line(A)], {})
    assert [one["address"] for one in seen.failed] == [f"stack:{SIREN}"]
    assert seen.changes == []


def test_a_plan_without_the_command_is_that_of_the_engine_and_says_so(stacks, setup, tmp_path):
    with_engine = stacks().observe([line(A, KEY)], {})
    offline = Stacks(replace(setup, home=tmp_path / "none", environment={"PATH": "/nowhere"}))
    seen = offline.observe([line(A, KEY)], {})
    assert [note.code for note in seen.notes] == ["A656"]
    assert seen.data["changes"] == with_engine.data["changes"]
    assert seen.data["digest"] == with_engine.data["digest"]
    with pytest.raises(RunFailed, match="bastide pulumi install"):
        offline.converge(seen.data["digest"])
