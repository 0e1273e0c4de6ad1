# SPDX-License-Identifier: GPL-3.0-or-later
"""A home with the imitation of `pulumi` in it, an empty cloud, and the setup that names them."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pulumi_cli
import pytest
from pulumi_cloud import Cloud
from stack_graphs import ACCOUNT

from bastide.targets.pulumi.graph import ZonePolicy
from bastide.targets.pulumi.place import Place
from bastide.targets.pulumi.setup import Setup

TOKEN = "t" * 40
PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def cloud(tmp_path):
    return Cloud(tmp_path / "cloud.json")


@pytest.fixture
def setup(tmp_path):
    """Two workers, and no pause between requests."""
    home = tmp_path / "home"
    pulumi_cli.install(home)
    (home / "plugins" / "resource-cloudflare-v6.23.1").mkdir(parents=True)
    return Setup(
        policy=ZonePolicy(ACCOUNT),
        backend=f"file://{tmp_path}/stacks",
        home=home,
        state=tmp_path / "state",
        passphrase_env="STACKS_PASSPHRASE",
        token_env="CLOUD_TOKEN",
        workers=2,
        requests_per_second=1000,
        environment={
            **os.environ,
            "STACKS_PASSPHRASE": PASSPHRASE,
            "CLOUD_TOKEN": TOKEN,
            "BASTIDE_IMITATION_CLOUD": str(tmp_path / "cloud.json"),
        },
    )


@pytest.fixture(scope="session")
def worker():
    script = Path(__file__).with_name("stack_worker.py")
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    with process:
        yield process


@pytest.fixture
def inline(setup, worker):
    """How jobs are done one after the other, by a process that was started already."""
    home = setup.home / "workers" / "0"
    home.mkdir(parents=True)
    (home / "plugins").symlink_to(setup.home / "plugins")
    setup.state.mkdir()

    def run(setup, jobs, budget):
        root = setup.require_command()
        place = Place(setup.backend_url, str(home), str(setup.state / "work"), root)
        asked = {
            "place": asdict(place),
            "log": str(setup.log),
            "environment": setup.process_environment() | extra,
        }
        for job in jobs:
            worker.stdin.write(json.dumps({**asked, "job": job}) + "\n")
            worker.stdin.flush()
            yield json.loads(worker.stdout.readline())

    extra = run.extra = {}
    return run
