# SPDX-License-Identifier: GPL-3.0-or-later
"""With the real command and plugin, where they are: on the imitation of Cloudflare's API."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from cloudflare_fake import ACCOUNT, TOKEN, FakeCloudflare
from cloudflare_server import serving
from stack_graphs import line

from bastide.targets.pulumi.graph import ZonePolicy
from bastide.targets.pulumi.setup import PLUGIN
from bastide.targets.pulumi.stacks import Stacks

HOME = Path(os.environ.get("BASTIDE_PULUMI_HOME", Path(__file__).parents[3] / ".bastide/pulumi"))
MX = {"type": "MX", "rdata": ["10 mail.info46.com.", "20 mail2.info46.com."]}
A = {"name": "www", "type": "A", "rdata": ["192.0.2.7"]}


@pytest.fixture
def real(setup):
    found = replace(setup, home=HOME, policy=ZonePolicy(ACCOUNT))
    plugin = HOME / "plugins" / f"resource-cloudflare-v{PLUGIN}"
    if found.command_root() is None or not plugin.is_dir():
        pytest.skip(f"no pulumi and plugin in {HOME.name}: bastide pulumi install")
    fake = FakeCloudflare()
    with serving(fake) as url:
        environment = {**setup.environment, "CLOUD_TOKEN": TOKEN}
        yield replace(found, base_url=url, environment=environment)


def test_the_engine_makes_what_was_planned_and_then_has_nothing_to_do(real):
    stacks = Stacks(real)
    seen = stacks.observe([line(A, MX)], {})
    made = stacks.converge(seen.data["digest"])
    assert (seen.failed, made.failed) == ([], [])
    assert made.data["changes"] == seen.data["changes"]
    seen = Stacks(real).observe([line({**A, "rdata": ["192.0.2.8"]}, MX)], {})
    assert [one["address"] for one in seen.changes] == ["rrset:www.cahors.fr./A"]
