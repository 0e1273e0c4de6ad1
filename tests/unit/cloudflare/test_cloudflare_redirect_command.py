# SPDX-License-Identifier: GPL-3.0-or-later
"""The command, where platform.yml lets Cloudflare answer redirections."""

from __future__ import annotations

import json

import pytest
from cloudflare_repository import CAHORS_FILE, PLATFORM, Repository

pytestmark = pytest.mark.slow

CHARTER = """\
collectivity: {kind: commune, siren: "214600421"}
convention: {signed_on: 2026-01-01, modules: [internet]}
domains:
  cahors.fr:
  ville-cahors.fr: {redirect_to: https://www.cahors.fr}
mail: {accounts: {mairie@cahors.fr: }}
site:
  kind: holding
  domain: www.cahors.fr
  redirects:
    /conseil: /mairie/conseil
"""
ASKED = "    settings: {ssl: full}\n    redirects: {domains: true, paths: true}\n"


@pytest.fixture
def repository(tmp_path, url):
    made = Repository(tmp_path, url)
    made.write(CAHORS_FILE, CHARTER)
    return made


@pytest.fixture
def asked(repository):
    token = "    token_env: CLOUDFLARE_TEST\n"
    repository.edit(PLATFORM, token, token + ASKED)
    return repository


def test_redirections_are_planned_applied_explained_and_watched(asked, fake):
    told = asked.run("plan", "--only", "cahors")
    assert "+ redirects:ville-cahors.fr" in told
    assert "ville-cahors.fr www.ville-cahors.fr → https://www.cahors.fr/" in told
    assert "www.cahors.fr /conseil → https://www.cahors.fr/mairie/conseil" in told
    asked.run("apply", "--only", "cahors")
    assert fake.visit("http://ville-cahors.fr/x") == (301, "https://www.cahors.fr/")
    assert fake.visit("https://cahors.fr/x?y") == (301, "https://www.cahors.fr/x?y")
    moved = (301, "https://www.cahors.fr/mairie/conseil")
    assert fake.visit("http://www.cahors.fr/Conseil?a") == moved
    assert fake.visit("http://www.cahors.fr/") == "the host behind"
    assert asked.changes("--only", "cahors") == {}
    told = asked.run("explain", "redirects:ville-cahors.fr")
    assert f"{CAHORS_FILE}:5" in told
    assert '"to": "https://www.cahors.fr/"' in told
    [rule] = fake.redirects("ville-cahors.fr")
    rule["enabled"] = False
    assert "redirects:ville-cahors.fr" in asked.run("drift", code=3)


def test_a_zone_that_is_full_of_others_rules_is_told_by_its_line_and_nothing_is_written(
    asked, fake
):
    fake.add_zone("ville-cahors.fr")
    zone = fake.zone("ville-cahors.fr")
    stamps = {"version": "1", "last_updated": "2026-01-01T00:00:00Z"}
    rule = {"enabled": True, "action": "redirect", "expression": "true", **stamps}
    zone["more"]["rulesets"] = {
        "1" * 32: {
            "id": "1" * 32,
            "kind": "zone",
            "name": "default",
            "phase": "http_request_dynamic_redirect",
            **stamps,
            "rules": [{**rule, "id": f"{n:032x}", "ref": f"theirs{n}"} for n in range(10)],
        }
    }
    told = asked.run("plan", "--only", "cahors")
    assert "A585 ville-cahors.fr would have 11 redirect rules at Cloudflare, 10 of them" in told
    assert f"{CAHORS_FILE}:5" in told
    assert fake.writes() == []


def test_no_grade_is_worse_for_it(repository):
    def met():
        found = json.loads(repository.run("rpnt", "cahors", "--format", "json"))
        [town] = found["collectivities"]
        return {
            name for name, one in town["predicted"]["criteria"].items() if one["state"] == "met"
        }

    before = met()
    token = "    token_env: CLOUDFLARE_TEST\n"
    repository.edit(PLATFORM, token, token + ASKED)
    # Cloudflare has certificates for these names, where the lab's web host has none.
    assert met() > before
