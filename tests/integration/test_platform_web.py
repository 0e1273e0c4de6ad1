# SPDX-License-Identifier: GPL-3.0-or-later
"""The web host serves pages and redirections from two maps, and tells nothing else."""

import http.client
import socket

import pytest

SITE, OTHER = "www.essai-plateforme.example", "essai-plateforme.test"
MAPS = "/etc/nginx/bastide"


def get(address, host, path="/"):
    connection = http.client.HTTPConnection(address, 80, timeout=10)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer, body


def get_with(address, host, status):
    """The answer and its body, or None while it has another status."""
    answer, body = get(address("web"), host)
    return (answer, body) if answer.status == status else None


@pytest.fixture
def site(machine):
    web = machine("web")
    before = {
        name: web.file(f"{MAPS}/{name}").content_string for name in ("pages.map", "redirects.map")
    }
    added = {"pages.map": f"{SITE} 1;\n", "redirects.map": f"{OTHER} https://{SITE}/;\n"}
    web.check_output("mkdir -p /srv/pages/%s", SITE)
    web.check_output("echo '<h1>Essai</h1>' > /srv/pages/%s/index.html", SITE)
    for name, line in added.items():
        web.check_output("printf %s %s > %s", "%s", before[name] + line, f"{MAPS}/{name}")
    web.check_output("nginx -t && systemctl reload nginx")
    yield SITE
    for name, text in before.items():
        web.check_output("printf %s %s > %s", "%s", text, f"{MAPS}/{name}")
    web.check_output("rm -r /srv/pages/%s && systemctl reload nginx", SITE)


def test_an_unknown_host_gets_a_neutral_404(address):
    answer, body = get(address("web"), "inconnu.example")
    assert answer.status == 404
    assert "Page introuvable" in body
    assert "nginx" not in body
    assert answer.headers["Server"] == "nginx"  # and no version


def test_a_declared_host_gets_its_page_with_security_headers(address, site, eventually):
    # A reload is done when the new workers answer, a moment after the command returns.
    answer, body = eventually(lambda: get_with(address, site, 200), "the page")
    assert "Essai" in body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert get(address("web"), site, "/nothing")[0].status == 404
    assert get(address("web"), site, "/../../etc/passwd")[0].status in {400, 404}


def test_a_redirection_is_permanent(address, site, eventually):
    answer, _ = eventually(lambda: get_with(address, OTHER, 301), "the redirection")
    assert answer.headers["Location"] == f"https://{SITE}/"


def test_https_shows_a_certificate_of_the_labs_authority(address, trust):
    with (
        socket.create_connection((address("web"), 443), timeout=10) as raw,
        trust.wrap_socket(raw, server_hostname="web.info46.com") as secure,
    ):
        assert secure.version() in {"TLSv1.2", "TLSv1.3"}
