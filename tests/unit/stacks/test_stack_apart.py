# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of pulumi/, in a process of its own, talks to a monitor as to the engine's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stack_graphs import ACCOUNT, SIREN, graph

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
# What `pulumi-language-python-exec`, which comes with the command, does with its arguments.
EXEC = """
import asyncio, runpy, sys
import pulumi
from pulumi.runtime import Settings, configure, run_in_stack
program, address, project, stack = sys.argv[1:]
configure(Settings(monitor=address, engine=address, project=project, stack=stack, parallel=4,
                   dry_run=False, organization="organization", root_directory=program))
loop = asyncio.new_event_loop()
loop.run_until_complete(run_in_stack(lambda: runpy.run_path(program, run_name="__main__")))
"""


@pytest.fixture
def engine(cloud):
    from pulumi_engine import Engine

    state = {"resources": {}, "pending": []}
    return Engine("bastide-dns", SIREN, state, cloud, lambda: None, dry=False)


def run(engine, tmp_path, data):
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(data), "utf-8")
    with engine.serving() as address:
        return subprocess.run(
            [sys.executable, "-c", EXEC, str(ROOT / "pulumi"), address, "bastide-dns", SIREN],
            env={**os.environ, "BASTIDE_GRAPH": str(file)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


def test_a_graph_that_bastide_wrote_is_registered_whole(engine, cloud, tmp_path):
    asked = graph(
        {"name": "www", "type": "A", "rdata": ["192.0.2.7"]},
        {"name": "_imaps._tcp", "type": "SRV", "rdata": ["0 1 993 mail.info46.com."]},
    )
    done = run(engine, tmp_path, asked.data)
    assert done.returncode == 0, done.stderr
    held = {urn.split("::")[-1]: one for urn, one in engine.state["resources"].items()}
    assert set(held) == asked.keys
    zone = held["zone:cahors.fr"]
    assert (zone["protect"], zone["retainOnDelete"]) == (True, True)
    assert zone["inputs"]["account"] == {"id": ACCOUNT}
    srv = held["SRV:_imaps._tcp.cahors.fr"]
    assert srv["inputs"]["zoneId"] == zone["id"]
    assert srv["inputs"]["data"] == {
        "priority": 0,
        "weight": 1,
        "port": 993,
        "target": "mail.info46.com",
    }
    assert srv["deletedWith"] == zone["urn"]
    assert [kind for kind, _, _ in cloud.records("cahors.fr")] == ["A", "SRV"]


def test_what_is_no_graph_ends_the_program_and_registers_nothing(engine, tmp_path):
    done = run(engine, tmp_path, {"format": 7})
    assert done.returncode != 0
    assert "format 7 is not 1" in done.stderr
    assert engine.state["resources"] == {}
