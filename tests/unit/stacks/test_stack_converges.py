# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks in worker processes: their homes, their deaths, and what is too much for Cloudflare."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from stack_graphs import SIREN, line

from bastide.targets.pulumi.budget import Budget
from bastide.targets.pulumi.pool import BLOCK
from bastide.targets.pulumi.stacks import Stacks

pytestmark = pytest.mark.slow

A = {"name": "www", "type": "A", "rdata": ["192.0.2.7"]}
FIGEAC = {"siren": "214601023", "domain": "figeac.fr"}


def two():
    other = line(A, domain=FIGEAC["domain"])
    return [line(A), {**other, "siren": FIGEAC["siren"]}]


def test_stacks_are_planned_made_settled_and_then_left_out(setup, cloud):
    stacks = Stacks(setup)
    seen = stacks.observe(two(), {})
    made = stacks.converge(seen.data["digest"])
    assert seen.failed == made.failed == []
    assert [(c["action"], c["address"], c["siren"]) for c in seen.data["changes"]] == [
        ("create", "rrset:www.cahors.fr./A", SIREN),
        ("create", "rrset:www.figeac.fr./A", FIGEAC["siren"]),
        ("create", "zone:cahors.fr", SIREN),
        ("create", "zone:figeac.fr", FIGEAC["siren"]),
    ]
    assert made.data["changes"] == seen.data["changes"]
    assert cloud.records("cahors.fr") == [("A", "www.cahors.fr", "192.0.2.7")]
    assert cloud.records("figeac.fr") == [("A", "www.figeac.fr", "192.0.2.7")]
    homes = sorted(path.name for path in (setup.home / "workers").iterdir())
    assert homes == ["0", "1"], "each worker has a PULUMI_HOME of its own"
    nobody = replace(setup, home=Path("/nowhere"), environment={})
    assert Stacks(nobody).observe(two(), {}).data["changes"] == []


def test_a_worker_that_dies_takes_only_its_stack_with_it(setup):
    killed = {**setup.environment, "BASTIDE_IMITATION_KILLS_WORKER_OF": SIREN}
    seen = Stacks(replace(setup, environment=killed, workers=1)).observe(two(), {})
    assert [one["address"] for one in seen.failed] == [f"stack:{SIREN}"]
    assert "its worker ended with -9" in seen.failed[0]["error"]
    assert {one["siren"] for one in seen.changes} == {FIGEAC["siren"]}


def test_too_many_requests_are_waited_out_and_the_stack_is_taken_up_again(setup, cloud):
    slept = []
    now = [0.0]

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    stacks = Stacks(setup, budget=Budget(4, 240, lambda: now[0], sleep))
    seen = stacks.observe([line(A)], {})
    cloud.throttle(1)
    made = stacks.converge(seen.data["digest"])
    assert made.failed == []
    assert sum(slept) >= BLOCK
    assert cloud.records("cahors.fr") == [("A", "www.cahors.fr", "192.0.2.7")]


ENGINE = """
import pickle, sys
from bastide.targets.pulumi.stacks import Stacks
setup, line = pickle.load(open(sys.argv[1], "rb"))
stacks = Stacks(setup)
stacks.converge(stacks.observe([line], {}).data["digest"])
"""


def wait_for(path):
    for _ in range(2400):
        if path.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} never came")


def test_an_engine_that_is_killed_leaves_its_stack_to_be_done(setup, cloud, tmp_path):
    """The worker, which serves the program, comes to the end of what it had begun."""
    import pickle

    gate = tmp_path / "gate"
    gated = {**setup.environment, "BASTIDE_IMITATION_GATE": str(gate)}
    (tmp_path / "job").write_bytes(pickle.dumps((replace(setup, environment=gated), line(A))))
    engine = subprocess.Popen([sys.executable, "-c", ENGINE, str(tmp_path / "job")])
    wait_for(tmp_path / "gate.reached")
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait()
    assert cloud.calls == []
    gate.touch()
    wait_for(setup.settled(SIREN))
    assert cloud.records("cahors.fr") == [("A", "www.cahors.fr", "192.0.2.7")]
    assert Stacks(setup).observe([line(A)], {}).data["changes"] == []
