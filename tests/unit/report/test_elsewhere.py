# SPDX-License-Identifier: GPL-3.0-or-later
"""What a commune has to set where its DNS is, and what a host is told about its keys."""

import json
import shutil
from pathlib import Path

import pytest

from bastide.fleet import Fleet, Repository
from bastide.report.explain import explain
from bastide.targets.hosts import Hosts
from bastide.targets.shares import write_shares

ROOT = Path(__file__).parents[3]
OPERATOR = """\
collectivity: {kind: cdg, siren: "284600012"}
domains:
  info46.com:
    registration: {mode: managed}
"""
CHARTER = """\
collectivity: {kind: commune, siren: "214600421"}
convention: {signed_on: 2026-01-01, modules: [internet]}
domains:
  cahors.fr:
    registration: {mode: MODE}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic}
"""


@pytest.fixture
def repository(tmp_path):
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "collectivities" / "46").mkdir(parents=True)
    (tmp_path / "collectivities" / "46" / "cdg46.yml").write_text(OPERATOR, "utf-8")
    _platform(tmp_path, "{zone: info46.com}")
    return tmp_path


def _platform(root, dkim):
    file = root / "inventory" / "lab" / "platform.yml"
    lines = [
        f"  dkim: {dkim}\n" if line.startswith(("  dkim_selector:", "  dkim:")) else line
        for line in file.read_text("utf-8").splitlines(keepends=True)
    ]
    file.write_text("".join(lines), "utf-8")


def fleet(root, mode):
    path = root / "collectivities" / "46" / "cahors.yml"
    path.write_text(CHARTER.replace("MODE", mode), "utf-8")
    found = Fleet(Repository.find(root, "lab"))
    assert found.sound, found.diagnostics
    return found


def test_explain_lists_what_is_to_be_set_where_the_dns_of_a_domain_is(repository):
    text = explain(fleet(repository, "external"), "cahors.fr", "fr")
    assert "ces enregistrements sont à poser" in text
    for selector in ("bastide-rsa1", "bastide-ed2", "bastide-rsa1--mail2"):
        name = f"{selector}._domainkey"
        assert f"    {name}.cahors.fr. 3600 CNAME {name}.info46.com.\n" in text
    assert "    cahors.fr. 3600 MX 10 mail.info46.com.\n" in text
    assert " NS " not in text


def test_explain_lists_nothing_of_it_for_a_domain_that_the_platform_serves(repository):
    text = explain(fleet(repository, "managed"), "cahors.fr", "en")
    assert "are to be set" not in text


def test_a_record_says_that_it_is_to_be_set_elsewhere(repository):
    found = explain(fleet(repository, "external"), "bastide-rsa1._domainkey.cahors.fr", "en")
    assert "has to be set there, once" in found


def _headers(root):
    found = fleet(root, "managed")
    hosts = Hosts.read(found.repository.inventory, "hosts.yml", found.platform)
    shares = write_shares(found, hosts)
    return {share.host: json.loads(share.path.read_bytes().partition(b"\n")[0]) for share in shares}


def test_each_mail_host_is_told_its_own_selectors_and_the_generation(repository):
    headers = _headers(repository)
    assert headers["mail"]["signing"] == {
        "zone": "info46.com",
        "operator": "284600012",
        "generation": 1,
        "selectors": {
            "rsa": ["bastide-rsa1", "bastide-rsa2"],
            "ed25519": ["bastide-ed1", "bastide-ed2"],
        },
        "servers": ["10.46.0.11", "10.46.0.12"],
        "wait": 3600,
        "grace": 604800,
    }
    assert headers["mail2"]["signing"]["selectors"]["rsa"] == [
        "bastide-rsa1--mail2",
        "bastide-rsa2--mail2",
    ]
    assert "signing" not in headers["ns"]


def test_another_generation_reaches_the_hosts_though_no_line_of_a_share_changes(repository):
    _headers(repository)
    _platform(repository, "{zone: info46.com, generation: 2}")
    assert {h["signing"]["generation"] for n, h in _headers(repository).items() if "mail" in n} == {
        2
    }
