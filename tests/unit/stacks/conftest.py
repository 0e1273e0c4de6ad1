# SPDX-License-Identifier: GPL-3.0-or-later
"""A home with the imitation of `pulumi` in it, an empty cloud, and the setup that names them."""

import os

import pulumi_cli
import pytest
from pulumi_cloud import Cloud
from stack_graphs import ACCOUNT

from bastide.targets.pulumi.graph import ZonePolicy
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
