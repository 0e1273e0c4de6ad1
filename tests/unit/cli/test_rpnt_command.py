# SPDX-License-Identifier: GPL-3.0-or-later
"""`bastide rpnt` as people and CI meet it: forms, languages, exit codes, and never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHARTER = """\
collectivity:
  kind: commune
  siren: "214600017"
  contact: {email: mairie@albas-46.fr}
convention: {signed_on: 2026-01-01, modules: [internet]}
domains:
  albas-46.fr:
    registration: {mode: managed}
mail:
  accounts:
    mairie@albas-46.fr: {quota: 5 GB}
site: {kind: minisite, domain: www.albas-46.fr}
"""
OPERATOR = 'collectivity: {kind: cdg, siren: "284600012"}\ndomains: {info46.com: {}}\n'
RETIRED = 'collectivity: {kind: commune, siren: "214600421", state: retired}\n'


@pytest.fixture
def repository(tmp_path):
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    charters = tmp_path / "collectivities" / "46"
    charters.mkdir(parents=True)
    (charters / "albas.yml").write_text(CHARTER, encoding="utf-8")
    (charters / "cdg46.yml").write_text(OPERATOR, encoding="utf-8")
    (charters / "cahors.yml").write_text(RETIRED, encoding="utf-8")
    return tmp_path


def rpnt(folder, *arguments, locale="C.UTF-8"):
    done = subprocess.run(
        [sys.executable, "-m", "bastide", "rpnt", *arguments],
        cwd=folder,
        env=os.environ | {"LC_ALL": locale},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_one_collectivity_is_shown_whole_and_a_fleet_by_what_is_lacking(repository):
    done = rpnt(repository, "albas")
    assert done.returncode == 0
    assert done.stdout.startswith("46/albas  (RPNT 0.2.1, as the ANCT grades it, predicted)")
    assert "✓ 2.6" in done.stdout
    done = rpnt(repository)
    assert done.returncode == 0
    assert "46/cdg46: no grade" in done.stdout
    assert "✓ 2.6" not in done.stdout


def test_a_retired_collectivity_is_graded_by_nobody(repository):
    assert "cahors" not in rpnt(repository).stdout
    assert rpnt(repository, "cahors").stdout == ""


def test_it_speaks_french(repository):
    done = rpnt(repository, "albas", locale="fr_FR.UTF-8")
    assert "serveurs de messagerie dans l'UE" in done.stdout


@pytest.mark.parametrize("mode", ["anct", "strict"])
def test_json_has_every_collectivity_criterion_and_grade(repository, mode):
    done = rpnt(repository, "--format", "json", "--mode", mode)
    data = json.loads(done.stdout)
    assert (data["rpnt"], data["mode"]) == ("0.2.1", mode)
    assert [c["collectivity"] for c in data["collectivities"]] == ["46/albas", "46/cdg46"]
    report = data["collectivities"][0]["predicted"]
    assert len(report["criteria"]) == 16 + 7
    assert report["criteria"]["2.4"] == {"state": "met", "basis": "predicted"}
    assert report["criteria"]["1.1"] == {"state": "met", "basis": "declared"}
    assert set(report["grades"]) == {"1.a", "1.aa", "2.a", "2.aa", "a", "aa"}


def test_markdown_for_one_and_for_all(repository):
    assert (
        "| ✓ | 2.4 mail servers (MX) | E |" in rpnt(repository, "albas", "--format=markdown").stdout
    )
    assert "| 46/albas |" in rpnt(repository, "--format", "markdown").stdout


@pytest.mark.slow
def test_observing_a_world_that_does_not_answer_is_told_and_ends_with_one(repository):
    # Nobody listens on this machine's port 53 at an address of its own.
    done = rpnt(repository, "albas", "--observe", "--resolver", "127.53.53.53")
    assert done.returncode == 1
    assert "observed" in done.stdout
    assert "not as the charter wants it" in done.stdout
    assert "error" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--observe", "--resolver", "dns.example.org"], "V582"),
        (["--mmdb", "absent.mmdb"], "V581"),
        (["nowhere"], "C811"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_told(repository, arguments, code):
    done = rpnt(repository, *arguments)
    assert done.returncode == 1
    assert code in done.stderr
