# SPDX-License-Identifier: GPL-3.0-or-later
"""The command with `engine: pulumi`: beside the imitations of `pulumi` and Cloudflare, or alone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pulumi_cli
import pytest
from cloudflare_fake import ACCOUNT, TOKEN, FakeCloudflare
from cloudflare_server import serving

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
# The command, with hosts that are as they should be: no machine is asked.
CLI = ROOT / "tests/unit/zimbra/zimbra_cli.py"
PASSPHRASE = "correct horse battery staple"
CHARTER = """\
collectivity: {kind: commune, siren: "214600421"}
convention: {signed_on: 2026-01-01, modules: [internet]}
domains:
  cahors.fr:
    records:
      - {name: plan, type: A, content: 192.0.2.7}
"""
OPERATOR = """\
collectivity: {kind: cdg, siren: "284600012"}
domains: {info46.com: {}}
"""
CLOUDFLARE = """\
  cloudflare:
    account: "%s"
    engine: pulumi
    base_url: "%s"
    token_env: CLOUD_TOKEN
    settings: {min_tls_version: "1.2"}
    pulumi: {backend: "file://stacks", passphrase_env: STACKS, home: home, requests_per_second: 200}
"""


class Town:
    """A repository with one town and its operator."""

    def __init__(self, folder, url):
        self.folder = folder
        for name in ("schemas", "inventory"):
            shutil.copytree(ROOT / name, folder / name)
        (folder / "collectivities" / "46").mkdir(parents=True)
        self.write("collectivities/46/cahors.yml", CHARTER)
        self.write("collectivities/46/cdg46.yml", OPERATOR)
        platform = (folder / "inventory/lab/platform.yml").read_text("utf-8")
        platform = platform.replace("provider: knot", "provider: cloudflare")
        platform = platform.replace("mail:\n", CLOUDFLARE % (ACCOUNT, url) + "mail:\n", 1)
        self.write("inventory/lab/platform.yml", platform)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def install(self):
        pulumi_cli.install(self.folder / "home")
        (self.folder / "home/plugins/resource-cloudflare-v6.23.1").mkdir(parents=True)

    def run(self, *arguments, code=0, without=""):
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
        environment |= {"CLOUD_TOKEN": TOKEN, "STACKS": PASSPHRASE}
        environment.pop(without, None)
        done = subprocess.run(
            [sys.executable, str(CLI), *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + (done.stderr if code else "")

    def plan(self):
        return json.loads(self.run("plan", "--format", "json"))

    @staticmethod
    def changes(plan):
        return {one["address"]: one["action"] for one in plan["changes"]}


@pytest.fixture
def fake():
    return FakeCloudflare()


@pytest.fixture
def town(tmp_path, fake):
    with serving(fake) as url:
        yield Town(tmp_path / "town", url)


def test_planned_offline_then_by_the_engine_then_applied_and_settled(town, fake, tmp_path):
    offline = town.plan()
    assert [note["code"] for note in offline["notes"]] == ["A656"]
    assert "made offline" in town.run("plan")
    assert town.changes(offline)["rrset:plan.cahors.fr./A"] == "create"
    refused = town.run("apply", code=1)
    assert "bastide pulumi install" in refused

    town.install()
    plan = town.plan()
    assert plan["notes"] == []
    assert plan["changes"] == offline["changes"]
    change = next(c for c in plan["changes"] if c["address"] == "rrset:plan.cahors.fr./A")
    assert (change["file"], change["line"]) == ("collectivities/46/cahors.yml", 6)
    assert fake.writes() == []

    town.run("apply")
    seen = len(fake.seen)
    left = town.plan()["changes"]
    # The mail hosts gave no keys here; all else is settled, and nobody is asked about it.
    assert {one["after"].get("pending", "")[:5] for one in left} == {"dkim:"}
    assert len(fake.seen) == seen
    zone = next(z for z in fake.zones.values() if z["facts"]["name"] == "cahors.fr")
    assert ("plan.cahors.fr", "192.0.2.7") in [
        (r["name"], r["content"]) for r in zone["records"].values()
    ]

    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert TOKEN.encode() not in content, path
            assert PASSPHRASE.encode() not in content, path


@pytest.mark.parametrize("missing", ["CLOUD_TOKEN", "STACKS"])
def test_without_a_secret_nothing_is_made_and_it_is_told_which(town, fake, missing):
    town.install()
    assert f"{missing} is not set" in town.run("plan", code=1, without=missing)
    assert fake.writes() == []


def test_the_installer_tells_what_to_do_where_there_is_no_way_out(town):
    told = town.run("pulumi", "install", code=1)
    assert "could not be installed" in told
    assert "docs/pulumi.md" in told
