# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository of two towns and their operator, whose zones are at the imitation."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from cloudflare_fake import ACCOUNT, TOKEN

from started import Started

ROOT = Path(__file__).parents[3]
CLI = Path(__file__).with_name("cloudflare_cli.py")
CAHORS_FILE, FIGEAC_FILE = "collectivities/46/cahors.yml", "collectivities/46/figeac.yml"
PLATFORM = "inventory/lab/platform.yml"
CHARTER = """\
collectivity: {{kind: commune, siren: "{siren}"}}
convention: {{signed_on: 2026-01-01, modules: [internet]}}
domains:
  {domain}:
    records:
      - {{name: plan, type: A, content: 192.0.2.7}}
mail:
  accounts:
    mairie@{domain}:
site: {{kind: holding, domain: www.{domain}}}
"""
OPERATOR = """\
collectivity: {kind: cdg, siren: "284600012"}
domains: {info46.com: {}}
"""
CLOUDFLARE = """\
  provider: cloudflare
  cloudflare:
    account: "{account}"
    token_env: CLOUDFLARE_TEST
    base_url: {url}
"""


class Repository:
    """The folder, and the command within it."""

    def __init__(self, folder, url):
        self.folder = folder
        self.environment = {"LC_ALL": "C.UTF-8", "CLOUDFLARE_TEST": TOKEN}
        for name in ("schemas", "inventory"):
            shutil.copytree(ROOT / name, folder / name)
        (folder / "collectivities" / "46").mkdir(parents=True)
        self.write(CAHORS_FILE, CHARTER.format(siren="214600421", domain="cahors.fr"))
        self.write(FIGEAC_FILE, CHARTER.format(siren="214601023", domain="figeac.fr"))
        self.write("collectivities/46/cdg46.yml", OPERATOR)
        account = CLOUDFLARE.format(account=ACCOUNT, url=url)
        self.edit(PLATFORM, "  provider: knot\n", account)
        names = "{ada.ns.cloudflare.com: [192.0.2.53]}"
        self.edit(PLATFORM, "{ns1.info46.com: [10.46.0.11], ns2.info46.com: [10.46.0.12]}", names)
        # Nothing of ours serves zones any more.
        hosts = (folder / "inventory/lab/hosts.yml").read_text("utf-8")
        start, end = hosts.index("    dns:\n"), hosts.index("    mail:\n")
        self.write("inventory/lab/hosts.yml", hosts[:start] + hosts[end:])

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def edit(self, name, old, new):
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def start(self, *arguments, program=(str(CLI),)):
        return Started(program, arguments, cwd=self.folder, env=os.environ | self.environment)

    def run(self, *arguments, code=0, program=(str(CLI),)):
        started = self.start(*arguments, program=program)
        out, errors = started.communicate(timeout=120)
        assert "Traceback" not in out + errors, errors
        assert TOKEN not in out + errors
        assert started.returncode == code, out + errors
        return out + (errors if code else "")

    def changes(self, *arguments):
        plan = json.loads(self.run("plan", "--format", "json", *arguments))
        return {one["address"]: one["action"] for one in plan["changes"]}

    def told_to_disk(self):
        """Everything that the runs left behind, as bytes."""
        state = self.folder / ".bastide"
        return b"".join(one.read_bytes() for one in state.rglob("*") if one.is_file())
