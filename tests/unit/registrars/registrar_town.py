# SPDX-License-Identifier: GPL-3.0-or-later
"""A small repository with names at a registrar, and the command as people run it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import fake_gandi
import fake_ovh
import fake_scaleway

from started import Started

ROOT = Path(__file__).parents[3]
CHARTER = """\
collectivity:
  kind: commune
  siren: "214600017"
  contact: {email: mairie@albas-46.fr, phone: "+33 5 65 20 00 00"}
convention: {signed_on: 2026-01-01, modules: [internet]}
domains:
  albas-46.fr:
    registration: {mode: managed}  # son premier nom
  libre-46.fr:
  prise.fr:
    registration: {mode: transfer}
"""
OPERATOR = """\
collectivity:
  kind: cdg
  siren: "284600012"
domains:
  info46.com:
    registration: {mode: external}
"""
ENVIRONMENT = {
    "GANDI_PERSONAL_ACCESS_TOKEN": fake_gandi.TOKEN,
    "OVH_APPLICATION_KEY": fake_ovh.KEY,
    "OVH_APPLICATION_SECRET": fake_ovh.SECRET,
    "OVH_CONSUMER_KEY": fake_ovh.CONSUMER,
    "SCW_ACCESS_KEY": fake_scaleway.ACCESS,
    "SCW_SECRET_KEY": fake_scaleway.SECRET,
    "SCW_DEFAULT_PROJECT_ID": fake_scaleway.PROJECT,
}
PATHS = {"gandi": "/v5", "ovh": "/1.0", "scaleway": ""}


def make_town(folder, registrar="gandi", url="http://127.0.0.1:9", rdap=None, ceiling="15"):
    """Write the repository into `folder`, with `registrar` served at `url`."""
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, folder / name)
    charters = folder / "collectivities" / "46"
    charters.mkdir(parents=True)
    (charters / "albas.yml").write_text(CHARTER, encoding="utf-8")
    (charters / "cdg46.yml").write_text(OPERATOR, encoding="utf-8")
    platform = folder / "inventory" / "lab" / "platform.yml"
    text = platform.read_text(encoding="utf-8").replace(
        "nameservers: {ns1.info46.com: [10.46.0.10]}",
        "nameservers: {ns1.info46.com: [10.46.0.10], ns2.info46.com: [10.46.0.11]}",
    )
    text += f"registrars:\n  default: {registrar}\n"
    text += f"  price_ceiling: {ceiling}\n" if ceiling else ""
    text += f"  rdap: {rdap}\n" if rdap else ""
    text += f"  accounts:\n    {registrar}: {{url: '{url}{PATHS[registrar]}'}}\n"
    platform.write_text(text, encoding="utf-8")
    return folder


def environment(locale="C.UTF-8", **more):
    outside = ("CI_", "GITHUB_", "OVH_", "SCW_", "GANDI_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(outside)}
    return kept | {"LC_ALL": locale} | ENVIRONMENT | more


def start(folder, *arguments, **more):
    """The command as a process."""
    return Started(("-m", "bastide"), arguments, cwd=folder, env=environment(**more))


def bastide(folder, *arguments, **more):
    """The command, run to its end; never a traceback."""
    process = start(folder, *arguments, **more)
    process.stdout, process.stderr = process.communicate()
    assert "Traceback" not in process.stdout + process.stderr, process.stderr
    return process
