# SPDX-License-Identifier: GPL-3.0-or-later
"""Towns, the share that declares them, and the commands of the desk."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_NUMBERS = itertools.count(900_000_001)


def run(configuration, *argv, owner=False):
    """A command of the desk as its host would run it."""
    who = "owner" if owner else "application"
    environment = {**os.environ, "GUICHET_CONFIG": str(configuration), "GUICHET_AS": who}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "guichet", *map(str, argv)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


class Share:
    """A share that tests write line by line."""

    def __init__(self, folder, configuration):
        self.file = folder / "desk.jsonl"
        self.assets = folder / "assets"
        self.assets.mkdir()
        self.configuration = configuration
        self.lines = {}

    def declare(self, town, *resources, **facts):
        """Say what a town has; its whole line."""
        self.lines[town.siren] = {
            "collectivity": f"46/{town.slug}",
            "siren": town.siren,
            "retired": False,
            "retired_domains": [],
            "domains": [town.domain],
            "resources": [{"address": address, "body": body} for address, body in resources],
            **facts,
        }

    def converge(self, *argv, check=False):
        """Run the command; its result."""
        header = {"format": 1, "service": "desk", "host": "desk", "environment": "lab"}
        texts = [json.dumps(one) for one in (header, *self.lines.values())]
        self.file.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        scope = [word for siren in self.lines for word in ("--scope", siren)]
        argv = [self.file, "--assets", self.assets, *scope, *(["--check"] if check else []), *argv]
        done = run(self.configuration, "converge", *argv, owner=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


class Town:
    """A tenant that no other test has."""

    def __init__(self, slug):
        self.siren = str(next(_NUMBERS))
        self.slug = f"{slug}-{self.siren[-3:]}"
        self.domain = f"{self.slug}.example"
        self.host = f"demarches.{self.domain}"
        self.desk = f"desk:{self.host}"
        self.body = {
            "name": f"Mairie de {slug.title()}",
            "sender": f"ne-pas-repondre@{self.domain}",
            "contact": {"email": f"mairie@{self.domain}"},
        }

    def procedure(self, name="intervention-services", **body):
        return f"procedure:{self.host}/{name}", body or {"library": name}

    def agent(self, local, role, *procedures):
        body = {"role": role, **({"procedures": list(procedures)} if procedures else {})}
        return f"agent:{self.host}/{local}@{self.domain}", body

    def all(self):
        """A desk with two procedures and an agent of each role."""
        return (
            (self.desk, self.body),
            self.procedure(),
            self.procedure("acte-naissance"),
            self.agent("gestion", "manager"),
            self.agent("voirie", "officer", "intervention-services"),
            self.agent("elus", "reader"),
        )
