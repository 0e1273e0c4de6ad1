# SPDX-License-Identifier: GPL-3.0-or-later
"""One charter, answered by role nginx and by Cloudflare's rules: a visitor sees no difference."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cloudflare_town import Town
from nginx_maps import WebHost

from bastide.desired import share_line
from bastide.desired.compiler import Compiler
from bastide.documents import read_file
from bastide.model import build_collectivity, build_platform
from bastide.model.cloudflare import Cloudflare, Redirects
from bastide.model.platform import Tls

CASES = Path(__file__).parents[2] / "data" / "desired"
CHARTER = """\
collectivity: {kind: commune, siren: "214600421"}
domains:
  cahors.fr:
  ville-cahors.fr: {redirect_to: https://www.cahors.fr}
  grand-cahors.fr: {redirect_to: "www.cahors.fr/agglo?de=ici#haut"}
  saint-cirq.fr: {redirect_to: "http://example.fr:8080/"}
mail: {accounts: {mairie@grand-cahors.fr: {kind: classic}}}
site:
  kind: cms
  domain: www.cahors.fr
  redirects:
    /conseil: /mairie/conseil
    /Ancien-Conseil: /mairie/conseil
    /actes/2025/: https://example.fr/actes
    /index.php?id=12: https://www.cahors.fr/agenda?vue=mois
    /index.php: /accueil
    /f%C3%AAte: /agenda
"""
NAMES = ("cahors.fr", "ville-cahors.fr", "grand-cahors.fr", "saint-cirq.fr")
PAGES = (
    "",
    "/",
    "/conseil",
    "/CONSEIL?a=b",
    "/conseil/",
    "/ancien-conseil",
    "/actes/2025/",
    "/actes/2025/?x=%22",
    "/index.php?id=12",
    "/INDEX.php?ID=12",
    "/index.php?id=13",
    "/index.php",
    "/f%C3%AAte",
    "/f%c3%aate",
    "/f%C3%AAte?x=1",
    "/a/b?c=d&e=%C3%A9",
    "/autodiscover/autodiscover.json",
)
AUTODISCOVER = "/Autodiscover/autodiscover.xml"


def compiled(tmp_path, redirects):
    file = tmp_path / "charter.yml"
    file.write_text(CHARTER, encoding="utf-8")
    document, found = read_file(file, "charter.yml")
    assert found == []
    data, _ = read_file(CASES / "platform.yml", "platform.yml")
    platform = build_platform("platform.yml", data.data)
    account = Cloudflare("023e105f4ecef8ad9ca31a8372d0c353", redirects=redirects)
    dns = replace(platform.dns, provider="cloudflare", cloudflare=account)
    platform = replace(platform, dns=dns, tls=Tls(mode="acme"))
    collectivity = build_collectivity("46/cahors", "charter.yml", document.data, document.line)
    return Compiler(platform).compile(collectivity, "La Ville")


def bodies(made, service):
    resources = json.loads(share_line(made, service))["resources"]
    return {one["address"]: one["body"] for one in resources}


@pytest.fixture
def nginx(tmp_path):
    """What a web host has of the charter, as the module of the role writes it."""
    web = bodies(compiled(tmp_path, None), "web")
    kinds = {"redirects.map": {}, "paths.map": {}, "pages.map": {}}
    for address, body in web.items():
        kind, _, host = address.partition(":")
        if kind == "redirect":
            kinds["redirects.map"][host] = body["to"]
        elif kind == "paths":
            kinds["paths.map"] |= {f"{host}{path}": to for path, to in body["moved"].items()}
    return WebHost(kinds)


@pytest.fixture
def edge(tmp_path, url, fake):
    made = compiled(tmp_path, Redirects(domains=True, paths=True))
    town = Town(tmp_path, url)
    line = json.loads(share_line(made, "dns"))
    town.write(line)
    town.values = {
        rrset["pending"]: "v=DKIM1; p=AAAA"
        for one in line["resources"]
        for rrset in one["body"]["rrsets"]
        if "pending" in rrset
    }
    assert town.run().failed == []
    assert town.survey().changes == []
    return fake


def test_cloudflare_and_the_web_hosts_give_the_same_answers(nginx, edge):
    seen = 0
    for name in NAMES:
        for host in (name, f"www.{name}"):
            for page in PAGES:
                for scheme in ("http", "https"):
                    url = f"{scheme}://{host}{page}"
                    mine, theirs = edge.visit(url), nginx.visit(url)
                    # Where no rule takes it, the same web host answers behind the proxy.
                    assert mine == (theirs or "the host behind"), url
                    seen += theirs is not None
    assert seen > 200  # of 272: all but pages of the site itself


def test_between_a_name_and_its_www_path_and_query_are_kept(nginx, edge):
    for answers in (nginx, edge):
        assert answers.visit("http://cahors.fr/a?b=c") == (301, "https://www.cahors.fr/a?b=c")
        assert answers.visit("http://ville-cahors.fr/a?b=c") == (301, "https://www.cahors.fr/")


def test_outlook_is_led_to_its_settings_where_a_web_host_would_say_there_are_none(edge):
    """A rule cannot answer 404; and only a domain that has mail is asked."""
    setup = (301, "https://config.info46.com/autodiscover/autodiscover.xml")
    assert edge.visit(f"https://grand-cahors.fr{AUTODISCOVER}") == setup
    assert edge.visit(f"https://ville-cahors.fr{AUTODISCOVER}") == (301, "https://www.cahors.fr/")


def test_a_web_host_wants_no_certificate_for_what_cloudflare_answers(tmp_path):
    before = bodies(compiled(tmp_path, None), "tls")
    after = bodies(compiled(tmp_path, Redirects(domains=True)), "tls")
    assert before["certificate:ville-cahors.fr"]["names"] == [
        "ville-cahors.fr",
        "www.ville-cahors.fr",
    ]
    assert "certificate:ville-cahors.fr" not in after
    assert after["certificate:cahors.fr"]["names"] == ["www.cahors.fr"]


def test_nothing_changes_where_nothing_is_asked_of_cloudflare(tmp_path):
    for asked in (None, Redirects()):
        zones = bodies(compiled(tmp_path, asked), "dns")
        assert not any("redirects" in body for body in zones.values())
        assert not any("proxied" in one for body in zones.values() for one in body["rrsets"])
